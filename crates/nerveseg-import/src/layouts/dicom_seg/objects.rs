//! The DICOM files of a folder: images and segmentations.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use nerveseg_data::{DataError, Reader};
use nerveseg_dicom::segmentation::Segmentation;
use nerveseg_dicom::{DicomError, Identity, Limits, is_dicom};

use super::images::Images;
use crate::Result;
use crate::layouts::Source;
use crate::walk::{ends_with, files};

/// As much of a file as tells what it is, in bytes.
const HEAD: u64 = 64 << 10;

/// A segmentation with the file that it is from.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) path: PathBuf,
    pub(super) content: Segmentation,
}

pub(super) fn has_segmentation(root: &Path) -> bool {
    let is_segmentation = |path: &Path| {
        let mut head = Vec::new();
        let file = File::open(path).ok()?;
        file.take(HEAD).read_to_end(&mut head).ok()?;
        Some(Identity::read(&head).ok()?.is_segmentation())
    };
    let mut files = files(root).unwrap_or_default().into_iter();
    files.any(|path| is_candidate(&path) && is_segmentation(&path) == Some(true))
}

pub(super) fn read(source: Source<'_>) -> Result<(Images<'_>, Vec<Object>)> {
    let mut images = Images::new(source.reader);
    let mut objects = Vec::new();
    for path in files(source.root)? {
        if !is_candidate(&path) {
            continue;
        }
        let bytes = source.reader.load(&path)?;
        if !is_dicom(&bytes) {
            continue;
        }
        let identity = Identity::read(&bytes).map_err(|error| fail(&path, error))?;
        if identity.is_segmentation() {
            let content = Segmentation::read(&bytes, &limits(source.reader));
            let content = content.map_err(|error| fail(&path, error))?;
            objects.push(Object { path, content });
        } else if !identity.instance.is_empty() {
            images.add(identity, path);
        }
    }
    Ok((images, objects))
}

/// DICOM has these endings, none, or one that is the end of an identifier.
fn is_candidate(path: &Path) -> bool {
    let known = [".dcm", ".dicom", ".ima"];
    let is_number = |it: &std::ffi::OsStr| it.as_encoded_bytes().iter().all(u8::is_ascii_digit);
    known.iter().any(|ending| ends_with(path, ending)) || path.extension().is_none_or(is_number)
}

fn limits(reader: &Reader) -> Limits {
    Limits {
        bytes: reader.limits.max_file_bytes,
        pixels: reader.limits.max_pixels,
        frames: reader.limits.max_frames,
    }
}

fn fail(path: &Path, source: DicomError) -> DataError {
    let path = path.to_owned();
    DataError::ReadDicom { path, source }
}
