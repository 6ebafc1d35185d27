//! Which segments are the nerve.

use std::collections::BTreeSet;

use nerveseg_dicom::segmentation::{Segment, Segmentation};

use super::objects::Object;
use crate::layouts::Source;
use crate::{ImportError, Result};

/// What the nerve's segments have in common.
#[derive(Debug)]
pub(super) enum Nerve {
    Number(u16),
    /// In any case.
    Label(String),
}

impl Nerve {
    pub(super) fn choose(source: Source<'_>, objects: &[Object]) -> Result<Self> {
        let segments = || objects.iter().flat_map(|it| &it.content.segments);
        let Some(number) = source.choice.value else {
            let labels = segments().map(|it| it.label.clone()).collect();
            let label = source.choice.name_of(&labels, source.root)?;
            return Ok(Self::Label(label));
        };
        if segments().any(|it| it.number == number) {
            return Ok(Self::Number(number));
        }
        let names: BTreeSet<String> = segments()
            .map(|it| format!("{} ({})", it.number, it.label))
            .collect();
        Err(ImportError::WhichLabel {
            path: source.root.to_owned(),
            names: names.into_iter().collect::<Vec<_>>().join(", "),
        })
    }

    /// Numbers of the segments of an object that are nerve.
    pub(super) fn segments(&self, object: &Segmentation) -> BTreeSet<u16> {
        let is_nerve = |segment: &&Segment| match self {
            Self::Number(number) => segment.number == *number,
            Self::Label(label) => segment.label.eq_ignore_ascii_case(label),
        };
        let nerves = object.segments.iter().filter(is_nerve);
        nerves.map(|it| it.number).collect()
    }
}
