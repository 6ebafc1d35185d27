//! A folder in the layout of somebody else.

use std::path::Path;

use nerveseg_data::DataError;

/// The error of a folder that is not ours, with the command that makes ours of it.
pub(crate) fn with_layout(dir: &Path, error: DataError) -> anyhow::Error {
    let is_foreign = matches!(
        error,
        DataError::NoUnsFiles { .. } | DataError::BadName { .. }
    );
    let layout = nerveseg_import::recognise(dir).filter(|_| is_foreign);
    let error = anyhow::Error::new(error);
    match layout {
        Some(layout) => {
            let (title, dir) = (layout.title, dir.display());
            error.context(format!(
                "this is {title}: `nerveseg import {dir} --out uns` first"
            ))
        }
        None => error,
    }
}
