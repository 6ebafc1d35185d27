#![doc = include_str!("../README.md")]

mod choice;
mod error;
mod export;
mod import;
mod item;
mod layouts;
mod nifti_slices;
mod polygon;
mod rle;
mod subject;
mod walk;
mod write;

pub use choice::LabelChoice;
pub use error::{ImportError, Result};
pub use export::{ExportFormat, export_labels};
pub use import::{ImportOptions, Imported, Row, import};
pub use layouts::{LAYOUTS, Layout, recognise};
pub use subject::SubjectRule;
