//! `train_masks.csv`: masks as run lengths.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use csv::{ReaderBuilder, StringRecord};

use crate::{CaseId, DataError, Result, RunLengths};

const HEADER: [&str; 3] = ["subject", "img", "pixels"];

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
}

/// Reads the whole file; an unreadable file or a foreign header yields one defect and no rows.
pub(crate) fn read_mask_rows(path: &Path) -> MaskRows {
    let mut table = MaskRows::default();
    if let Err(defect) = fill(&mut table, path) {
        table.defects.push(defect);
    }
    table
}

fn fill(table: &mut MaskRows, path: &Path) -> Result<()> {
    let file = File::open(path).map_err(|source| DataError::ReadFile {
        path: path.to_owned(),
        source,
    })?;
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(file);
    let path = Arc::new(path.to_owned());
    let mut records = reader.records();
    let header = match records.next() {
        Some(record) => record.map_err(|error| csv_error(&path, error))?,
        None => StringRecord::new(),
    };
    if header != HEADER[..] {
        let found = header.iter().collect::<Vec<_>>().join(",");
        return Err(DataError::CsvHeader {
            path: path.to_path_buf(),
            found,
        });
    }
    let mut repeated = BTreeSet::new();
    for record in records {
        let row = record
            .map_err(|error| csv_error(&path, error))
            .and_then(|record| parse(&record, &path));
        match row {
            Ok((case_id, row)) => {
                let line = row.line;
                if let Some(first) = table.rows.insert(case_id, row) {
                    let reason = format!("case `{case_id}` was already on line {}", first.line);
                    table.defects.push(row_error(&path, line, reason));
                    repeated.insert(case_id);
                }
            }
            Err(defect) => table.defects.push(defect),
        }
    }
    // neither of two rows is the right one
    table.rows.retain(|case_id, _| !repeated.contains(case_id));
    Ok(())
}

fn parse(record: &StringRecord, path: &Arc<PathBuf>) -> Result<(CaseId, MaskRow)> {
    let line = record.position().map_or(0, csv::Position::line);
    let [subject, img, pixels] = record.iter().collect::<Vec<_>>()[..] else {
        let reason = format!("{} fields, expected `subject,img,pixels`", record.len());
        return Err(row_error(path, line, reason));
    };
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
