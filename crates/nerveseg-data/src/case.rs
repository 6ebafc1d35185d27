//! What one case is: an image, its mask, and the name that ties them together.

use std::fmt;

use nerveseg_frame::Frame;
use serde::{Deserialize, Serialize};

use crate::Mask;

/// Name of one frame: `subject_imageNum` in the training set, `imageNum` alone in the test set.
///
/// Ordered naturally: by subject, then by image number, so `2_10` comes after `2_9`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct CaseId {
    /// Person scanned, the unit of splitting; `None` for frames of the test set.
    pub subject_id: Option<u32>,
    /// Number of the frame within the subject (or within the test set).
    pub image_num: u32,
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.subject_id {
            Some(subject_id) => write!(f, "{subject_id}_{}", self.image_num),
            None => write!(f, "{}", self.image_num),
        }
    }
}

impl From<CaseId> for String {
    fn from(id: CaseId) -> Self {
        id.to_string()
    }
}

impl std::str::FromStr for CaseId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |part: &str| {
            // `u32::from_str` takes a leading `+`; a file name must not
            if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
                return Err(format!("`{text}` is not `subject_imageNum` or `imageNum`"));
            }
            part.parse()
                .map_err(|_| format!("a number in `{text}` is too large"))
        };
        match text.split_once('_') {
            Some((subject, image)) => Ok(Self {
                subject_id: Some(number(subject)?),
                image_num: number(image)?,
            }),
            None => Ok(Self {
                subject_id: None,
                image_num: number(text)?,
            }),
        }
    }
}

impl TryFrom<String> for CaseId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// One image with its mask, in memory.
#[derive(Clone, Debug)]
pub struct Case {
    /// Name of the case.
    pub case_id: CaseId,
    /// 8-bit grey pixels as the file has them (other formats are converted, see `read_image`), and
    /// what the file says of them.
    pub frame: Frame,
    /// Ground truth of the same size, `None` for frames of the test set.
    pub mask: Option<Mask>,
}
