//! The images that segmentations refer to.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::path::PathBuf;
use std::sync::Arc;

use nerveseg_data::Reader;
use nerveseg_dicom::Identity;

/// An image that a segmentation refers to.
#[derive(Debug)]
pub(super) struct Image {
    pub(super) path: PathBuf,
    /// Patient ID; may be empty.
    pub(super) patient: String,
    pub(super) frames: u32,
}

/// The files of a folder by their SOP instances. Frames are counted where a file is asked for.
#[derive(Debug)]
pub(super) struct Images<'a> {
    reader: &'a Reader,
    files: BTreeMap<String, Vec<(PathBuf, String)>>,
    asked: BTreeMap<String, Arc<Image>>,
}

impl<'a> Images<'a> {
    pub(super) fn new(reader: &'a Reader) -> Self {
        Self {
            reader,
            files: BTreeMap::new(),
            asked: BTreeMap::new(),
        }
    }

    pub(super) fn add(&mut self, identity: Identity, path: PathBuf) {
        let files = self.files.entry(identity.instance).or_default();
        files.push((path, identity.patient));
    }

    /// The image of an instance, or why there is none.
    pub(super) fn find(&mut self, instance: &str) -> Result<Arc<Image>, String> {
        if let Some(image) = self.asked.get(instance) {
            return Ok(Arc::clone(image));
        }
        let (path, patient) = match self.files.get(instance).map(Vec::as_slice) {
            Some([only]) => only.clone(),
            Some([(first, _), (second, _), ..]) => {
                let (first, second) = (first.display(), second.display());
                return Err(format!(
                    "refers to an image that is there twice: `{first}` and `{second}`"
                ));
            }
            _ => return Err("refers to an image that is not in the folder".to_owned()),
        };
        let frames = self.reader.count_frames(&path);
        let frames = frames.map_err(|error| {
            let cause = error.source().map(|it| format!(": {it}"));
            format!("refers to an image: {error}{}", cause.unwrap_or_default())
        })?;
        let image = Arc::new(Image {
            path,
            patient,
            frames,
        });
        self.asked.insert(instance.to_owned(), Arc::clone(&image));
        Ok(image)
    }

    /// The instance of the one image there is.
    pub(super) fn only(&self) -> Option<String> {
        let mut instances = self.files.keys();
        let first = instances.next()?;
        instances.next().is_none().then(|| first.clone())
    }

    /// How many files there are.
    pub(super) fn len(&self) -> usize {
        self.files.values().map(Vec::len).sum()
    }
}
