//! The layouts that are read. Adding one is a file beside this one and a line here.

mod coco;
mod cvat;
mod dicom_seg;
mod folders;
mod frames;
mod labelme;
mod nnunet;
mod shapes;

use std::path::Path;

use nerveseg_data::Reader;

use crate::item::Item;
use crate::{ImportError, LabelChoice, Result};

/// What a layout reads from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    pub(crate) root: &'a Path,
    pub(crate) choice: &'a LabelChoice,
    pub(crate) reader: &'a Reader,
}

/// What a layout found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) items: Vec<Item>,
    /// What a person should know, one sentence each.
    pub(crate) notes: Vec<String>,
    /// Whether names of people are numbers of a hospital, which no name of a file should tell.
    pub(crate) is_private: bool,
}

/// A way to lay out images and labels.
#[derive(Debug)]
pub struct Layout {
    /// What `--format` calls it.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Whether a folder looks like it.
    recognises: fn(&Path) -> bool,
    read: fn(Source<'_>) -> Result<Found>,
}

impl Layout {
    pub(crate) fn read(&self, source: Source<'_>) -> Result<Found> {
        let found = (self.read)(source)?;
        if found.items.is_empty() {
            let reason = format!("holds no image of the layout {}", self.title);
            return Err(ImportError::malformed(source.root, reason));
        }
        Ok(found)
    }
}

/// Every layout that is read; the first that recognises a folder reads it.
pub static LAYOUTS: &[Layout] = &[
    nnunet::LAYOUT,
    coco::LAYOUT,
    cvat::LAYOUT,
    labelme::LAYOUT,
    dicom_seg::LAYOUT,
    folders::LAYOUT,
];

/// The layout that a folder looks like.
pub fn recognise(root: &Path) -> Option<&'static Layout> {
    LAYOUTS.iter().find(|layout| (layout.recognises)(root))
}
