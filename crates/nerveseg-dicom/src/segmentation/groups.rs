//! What a frame of a segmentation is: the groups of attributes that each frame has, or all share.

use crate::elements::{Attributes, Elements, Tag};
use crate::error::{Result, damaged};
use crate::identity::text_of;

pub(super) const SERIES: Tag = Tag(0x0008, 0x1115);
pub(super) const SOURCE_IMAGES: Tag = Tag(0x0008, 0x2112);
const INSTANCES: Tag = Tag(0x0008, 0x114a);
const INSTANCE: Tag = Tag(0x0008, 0x1155);
const FRAME: Tag = Tag(0x0008, 0x1160);
const DERIVATIONS: Tag = Tag(0x0008, 0x9124);
const IDENTIFICATION: Tag = Tag(0x0062, 0x000a);
const SEGMENT: Tag = Tag(0x0062, 0x000b);

/// What of a group is read.
pub(super) const WANTED: [Tag; 2] = [DERIVATIONS, IDENTIFICATION];

/// The image that something is made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// The file does not say it.
    #[default]
    Unsaid,
    /// This one.
    One(SourceFrame),
    /// More than one.
    Several,
}

/// A frame of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFrame {
    /// SOP instance of the image.
    pub instance: String,
    /// Which frame of it, from 0; `None` for all of it.
    pub frame: Option<u32>,
}

impl Source {
    fn add(&mut self, image: &Attributes<'_>) -> Result<()> {
        let instance = text_of(image, INSTANCE);
        if instance.is_empty() {
            return Err(damaged("a segmentation refers to an image without a name"));
        }
        let frame = match text_of(image, FRAME) {
            none if none.is_empty() => None,
            list if list.contains('\\') => {
                *self = Self::Several;
                return Ok(());
            }
            one => {
                let number: Option<u32> = one.trim().parse().ok();
                let index = number.and_then(|number| number.checked_sub(1));
                Some(index.ok_or_else(|| damaged("the number of a frame is not positive"))?)
            }
        };
        let found = Self::One(SourceFrame { instance, frame });
        if *self == Self::Unsaid {
            *self = found;
        } else if *self != found {
            *self = Self::Several;
        }
        Ok(())
    }
}

/// What one frame is, or what all are.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) segment: Option<u16>,
    pub(super) source: Source,
}

impl Group {
    pub(super) fn read(item: &Attributes<'_>) -> Result<Self> {
        let mut group = Self::default();
        each(item, IDENTIFICATION, &[SEGMENT], |it| {
            group.segment = it.u16(SEGMENT);
            Ok(())
        })?;
        each(item, DERIVATIONS, &[SOURCE_IMAGES], |derivation| {
            each(derivation, SOURCE_IMAGES, &[INSTANCE, FRAME], |image| {
                group.source.add(image)
            })
        })?;
        Ok(group)
    }
}

/// The image that a whole object is made from.
pub(super) fn source(top: &Attributes<'_>) -> Result<Source> {
    let mut source = Source::Unsaid;
    each(top, SERIES, &[INSTANCES], |series| {
        each(series, INSTANCES, &[INSTANCE], |image| source.add(image))
    })?;
    each(top, SOURCE_IMAGES, &[INSTANCE], |image| source.add(image))?;
    Ok(source)
}

/// Reads the items of a sequence one by one; none where it is missing.
pub(super) fn each<'a>(
    parent: &Attributes<'a>,
    sequence: Tag,
    wanted: &[Tag],
    mut read: impl FnMut(&Attributes<'a>) -> Result<()>,
) -> Result<()> {
    let Some(element) = parent.get(sequence) else {
        return Ok(());
    };
    for item in element.items() {
        let elements = Elements::new(item?, element.encoding);
        read(&Attributes::read(elements, wanted, None)?)?;
    }
    Ok(())
}
