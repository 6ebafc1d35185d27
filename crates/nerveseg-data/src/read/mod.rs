//! Bounded reading of images and masks, from files and from bytes.
//!
//! The extension only selects a file; its first bytes decide the format. Width, height and bytes
//! are checked before any pixel is allocated. Each format is a file of its own and a line of
//! [`FORMATS`].

mod bits;
mod bmp;
mod depth;
mod dicom;
mod dicom_decoder;
mod encoded;
mod format;
mod formats;
mod jpeg;
mod labels;
mod limits;
mod luma;
mod mask;
mod orientation;
mod png;
mod raster;
mod reader;
mod tiff;

pub use dicom_decoder::DicomDecoder;
pub use format::Format;
#[cfg(feature = "dataset")]
pub(crate) use formats::format_of;
pub use formats::{FORMATS, accepted, extensions, format_names, has_image_extension};
pub use labels::{LabelKind, Labels};
pub use limits::ReadLimits;
pub use mask::MaskValues;
pub use reader::{Reader, read_image, read_image_bytes, read_mask};
