//! Reads frames as the library does, for programs that compare its grey values with those of
//! another reader: `scripts/reference/grey_values.py` is one.
//!
//! Each line of the standard input is the number of a frame, a tab and a file. The answers follow in
//! that order on the standard output: a frame as binary PGM, or a line `refused: REASON`.

use std::error::Error;
use std::io::{self, BufRead as _, BufWriter, Write as _};

use nerveseg_data::Reader;

fn main() -> Result<(), Box<dyn Error>> {
    let reader = Reader::default();
    let mut output = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (index, path) = line.split_once('\t').ok_or("expected NUMBER, tab, FILE")?;
        match reader.read(path, index.parse::<u32>()?) {
            Ok(frame) => {
                let (width, height) = frame.pixels.dimensions();
                write!(output, "P5\n{width} {height}\n255\n")?;
                output.write_all(frame.pixels.as_raw())?;
            }
            Err(error) => writeln!(output, "refused: {}", chain(&error).replace('\n', " "))?,
        }
    }
    Ok(output.flush()?)
}

/// An error and what caused it, in one line.
fn chain(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}
