//! Palettes: from an index to a grey value.

use nerveseg_frame::luma;

use crate::elements::{Attributes, Element, Tag};
use crate::error::{Result, damaged, truncated, unsupported};

const DESCRIPTORS: [Tag; 3] = [
    Tag(0x0028, 0x1101),
    Tag(0x0028, 0x1102),
    Tag(0x0028, 0x1103),
];
const TABLES: [Tag; 3] = [
    Tag(0x0028, 0x1201),
    Tag(0x0028, 0x1202),
    Tag(0x0028, 0x1203),
];
const SEGMENTED_RED: Tag = Tag(0x0028, 0x1221);

/// What [`Palette::read`] looks for.
pub(crate) const TAGS: [Tag; 7] = [
    DESCRIPTORS[0],
    DESCRIPTORS[1],
    DESCRIPTORS[2],
    TABLES[0],
    TABLES[1],
    TABLES[2],
    SEGMENTED_RED,
];

/// The grey value of every entry.
#[derive(Debug)]
pub(crate) struct Palette {
    grays: Vec<u8>,
    /// Index of the first entry.
    first: u16,
}

impl Palette {
    pub(crate) fn read(attributes: &Attributes<'_>) -> Result<Self> {
        if attributes.get(SEGMENTED_RED).is_some() {
            return Err(unsupported("a segmented palette"));
        }
        let missing = || damaged("palette colour without a palette");
        let descriptor = attributes.get(DESCRIPTORS[0]).ok_or_else(missing)?;
        let number = |at| descriptor.encoding.endian.u16(descriptor.value, at);
        let (Some(entries), Some(first), Some(bits)) = (number(0), number(2), number(4)) else {
            return Err(truncated("the palette"));
        };
        // 65,536 does not fit into its 16 bits
        let entries = if entries == 0 {
            1 << 16
        } else {
            usize::from(entries)
        };
        let mut channels = [Vec::new(), Vec::new(), Vec::new()];
        for (channel, (descriptor_tag, table)) in
            channels.iter_mut().zip(DESCRIPTORS.iter().zip(TABLES))
        {
            let same = attributes
                .get(*descriptor_tag)
                .is_some_and(|other| other.value == descriptor.value);
            if !same {
                return Err(damaged("the three tables of the palette differ in size"));
            }
            *channel = values(attributes.get(table).ok_or_else(missing)?, entries, bits)?;
        }
        let [red, green, blue] = channels;
        let grays = red
            .into_iter()
            .zip(green)
            .zip(blue)
            .map(|((r, g), b)| luma([r, g, b]))
            .collect();
        Ok(Self { grays, first })
    }

    /// Grey value of an index; one past an end takes that end, as the standard says.
    pub(crate) fn gray(&self, index: u16) -> u8 {
        let at = usize::from(index.saturating_sub(self.first));
        self.grays[at.min(self.grays.len() - 1)]
    }
}

/// The high byte of every entry of one channel.
fn values(table: &Element<'_>, entries: usize, bits: u16) -> Result<Vec<u8>> {
    let word = |at| table.encoding.endian.u16(table.value, 2 * at);
    // entries of 8 bits are written two to a word, or one
    let packed = bits == 8 && table.value.len() < 2 * entries;
    (0..entries)
        .map(|entry| match (bits, packed) {
            (16, _) => word(entry).map(|value| (value >> 8) as u8),
            (8, false) => word(entry).map(|value| value as u8),
            (8, true) => word(entry / 2).map(|value| (value >> (8 * (entry % 2))) as u8),
            _ => None,
        })
        .collect::<Option<_>>()
        .ok_or_else(|| damaged("the palette does not have as many entries as it says"))
}
