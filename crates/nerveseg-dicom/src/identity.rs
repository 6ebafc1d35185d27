//! What a file is and whom it shows, from its first elements.

use crate::elements::{Attributes, Element, Elements, Tag};
use crate::error::Result;
use crate::file::DataSet;

pub(crate) const CLASS: Tag = Tag(0x0008, 0x0016);
const INSTANCE: Tag = Tag(0x0008, 0x0018);
const PATIENT: Tag = Tag(0x0010, 0x0020);

/// Segmentation Storage: fractions or bits.
pub(crate) const SEGMENTATION: &str = "1.2.840.10008.5.1.4.1.1.66.4";
/// Label Map Segmentation Storage.
pub(crate) const LABEL_MAP: &str = "1.2.840.10008.5.1.4.1.1.66.7";

/// What a file is and whom it shows; what it does not say is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// SOP class: the kind of object.
    pub class: String,
    /// SOP instance: the one object that has this name.
    pub instance: String,
    /// Patient ID.
    pub patient: String,
}

impl Identity {
    /// Reads it from the start of a file, as far as the patient.
    ///
    /// # Errors
    ///
    /// The file is no DICOM, or ends or is damaged before that.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let data_set = DataSet::find(bytes)?;
        let mut identity = Self::default();
        for element in Elements::new(data_set.bytes, data_set.encoding) {
            let element = element?;
            match element.tag {
                CLASS => identity.class = text(&element),
                INSTANCE => identity.instance = text(&element),
                PATIENT => identity.patient = text(&element),
                _ => {}
            }
            if element.tag >= PATIENT {
                break;
            }
        }
        Ok(identity)
    }

    /// Whether the object says which pixels of images belong to what.
    pub fn is_segmentation(&self) -> bool {
        [SEGMENTATION, LABEL_MAP].contains(&self.class.as_str())
    }
}

/// Text of any alphabet, without padding: a byte is a character where it is not UTF-8, so that two
/// names stay two.
pub(crate) fn text(element: &Element<'_>) -> String {
    let text = match std::str::from_utf8(element.value) {
        Ok(text) => text.to_owned(),
        Err(_) => element.value.iter().copied().map(char::from).collect(),
    };
    text.trim_matches(['\0', ' ']).to_owned()
}

/// As [`text`], of an element that may be missing.
pub(crate) fn text_of(attributes: &Attributes<'_>, tag: Tag) -> String {
    attributes.get(tag).map(text).unwrap_or_default()
}
