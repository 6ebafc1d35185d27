//! The CSV that Kaggle scores.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::RunLengths;

/// Writes `img,pixels`, one line per test frame in rising order, an empty field for an empty mask.
///
/// The map makes the order and the uniqueness of frames a matter of type.
///
/// ```
/// use std::collections::BTreeMap;
///
/// let rows = BTreeMap::from([(2, "1 3 10 5".parse()?), (1, "".parse()?)]);
/// let mut csv = Vec::new();
///
/// nerveseg_data::write_submission(&mut csv, &rows)?;
///
/// assert_eq!(csv, b"img,pixels\n1,\n2,1 3 10 5\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Whatever `writer` reports.
pub fn write_submission(
    mut writer: impl Write,
    rows: &BTreeMap<u32, RunLengths>,
) -> io::Result<()> {
    writeln!(writer, "img,pixels")?;
    for (image_num, runs) in rows {
        writeln!(writer, "{image_num},{runs}")?;
    }
    writer.flush()
}
