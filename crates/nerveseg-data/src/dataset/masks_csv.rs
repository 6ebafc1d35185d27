//! `train_masks.csv`: masks as run lengths.
//!
//! Spreadsheets write it anew with another separator, a byte order mark, quotes, or columns in
//! another order; the header says all of that, so it is followed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::{CaseId, DataError, Result, RunLengths};

const HEADER: [&str; 3] = ["subject", "img", "pixels"];
/// What may stand between fields. Runs are separated by spaces.
const SEPARATORS: [char; 3] = [',', ';', '\t'];
/// Most of a line that a message repeats.
const SHOWN: usize = 40;

/// One row of `train_masks.csv`; cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskRow {
    /// The file.
    pub path: Arc<PathBuf>,
    /// Line in the file, from 1.
    pub line: u64,
    /// Runs of the mask, not yet checked against the size of an image.
    pub runs: Arc<RunLengths>,
}

/// All rows by case, and what was wrong with the others.
#[derive(Debug, Default)]
pub(crate) struct MaskRows {
    pub(crate) rows: BTreeMap<CaseId, MaskRow>,
    pub(crate) defects: Vec<DataError>,
    /// Whether the table as a whole cannot be read, so that it may hold the mask of any image.
    pub(crate) is_unreadable: bool,
}

/// How a table is laid out, by its header.
#[derive(Clone, Copy, Debug)]
struct Layout {
    separator: char,
    /// Where subject, image and runs are in a row.
    columns: [usize; 3],
}

impl Layout {
    /// The layout that the first line of a table describes.
    fn of(header: &str) -> Option<Self> {
        let clean = |name: &str| name.trim().trim_matches('"').trim().to_ascii_lowercase();
        SEPARATORS.into_iter().find_map(|separator| {
            let names: Vec<String> = header.split(separator).map(clean).collect();
            let column = |name: &str| names.iter().position(|found| found == name);
            let [subject, img, pixels] = HEADER.map(column);
            let columns = [subject?, img?, pixels?];
            (names.len() == columns.len()).then_some(Self { separator, columns })
        })
    }
}

/// Reads the whole file; an unreadable file or a foreign header yields one defect and no rows.
pub(crate) fn read_mask_rows(path: &Path) -> MaskRows {
    let mut table = MaskRows::default();
    if let Err(defect) = fill(&mut table, path) {
        table.rows.clear();
        table.defects = vec![defect];
        table.is_unreadable = true;
    }
    table
}

fn fill(table: &mut MaskRows, path: &Path) -> Result<()> {
    let text = fs::read(path).map_err(|source| DataError::ReadFile {
        path: path.to_owned(),
        source,
    })?;
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    let path = Arc::new(path.to_owned());
    let first = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let first = String::from_utf8_lossy(first);
    let Some(layout) = Layout::of(&first) else {
        return Err(foreign_header(&path, first.trim()));
    };
    let mut reader = ReaderBuilder::new()
        .delimiter(layout.separator as u8)
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text);
    // the first is the header
    let records = reader.records().skip(1);
    let mut repeated = BTreeSet::new();
    for record in records {
        let row = record
            .map_err(|error| csv_error(&path, error))
            .and_then(|record| parse(&record, layout, &path));
        match row {
            Ok((case_id, row)) => {
                let line = row.line;
                if let Some(first) = table.rows.insert(case_id, row) {
                    let reason = format!("case `{case_id}` was already on line {}", first.line);
                    table.defects.push(row_error(&path, line, reason));
                    repeated.insert(case_id);
                }
            }
            // all rows will be like this one
            Err(defect @ DataError::CsvSeparator { .. }) => return Err(defect),
            Err(defect) => table.defects.push(defect),
        }
    }
    // neither of two rows is the right one
    table.rows.retain(|case_id, _| !repeated.contains(case_id));
    Ok(())
}

fn foreign_header(path: &Path, line: &str) -> DataError {
    let mut found: String = line.chars().take(SHOWN).collect();
    if found.len() < line.len() {
        found.push('…');
    }
    DataError::CsvHeader {
        path: path.to_owned(),
        found,
    }
}

fn parse(record: &StringRecord, layout: Layout, path: &Arc<PathBuf>) -> Result<(CaseId, MaskRow)> {
    let line = record.position().map_or(0, csv::Position::line);
    let fields: Vec<&str> = record.iter().collect();
    if fields.len() != HEADER.len() {
        let separator = |&found: &char| fields.len() == 1 && fields[0].contains(found);
        if let Some(found) = SEPARATORS.into_iter().find(separator) {
            return Err(DataError::CsvSeparator {
                path: path.to_path_buf(),
                line,
                found,
                expected: layout.separator,
            });
        }
        let reason = format!("{} fields, expected `subject,img,pixels`", record.len());
        return Err(row_error(path, line, reason));
    }
    let [subject, img, pixels] = layout.columns.map(|column| fields[column]);
    let case_id = format!("{subject}_{img}")
        .parse::<CaseId>()
        .map_err(|reason| row_error(path, line, reason))?;
    let runs = pixels.parse().map_err(|source| DataError::CsvRuns {
        path: path.to_path_buf(),
        line,
        case_id,
        source,
    })?;
    Ok((
        case_id,
        MaskRow {
            path: Arc::clone(path),
            line,
            runs: Arc::new(runs),
        },
    ))
}

fn csv_error(path: &Path, error: csv::Error) -> DataError {
    let line = error.position().map_or(0, csv::Position::line);
    match error.into_kind() {
        csv::ErrorKind::Io(source) => DataError::ReadFile {
            path: path.to_owned(),
            source,
        },
        csv::ErrorKind::Utf8 { err, .. } => row_error(path, line, format!("not UTF-8: {err}")),
        other => row_error(path, line, format!("{other:?}")),
    }
}

fn row_error(path: &Path, line: u64, reason: String) -> DataError {
    DataError::CsvRow {
        path: path.to_owned(),
        line,
        reason,
    }
}
