//! Which of the pieces of compressed pixel data make up a frame.

use std::borrow::Cow;

use crate::transfer_syntax::Compression;

/// The number of segments and the place of the first, which all frames of a file have in common.
const RLE_HEAD: usize = 8;

/// The pieces, and where among them each frame starts.
///
/// A table of offsets may say it, too, but the pieces themselves make it superfluous.
#[derive(Debug)]
pub(super) struct Frames<'f, 'a> {
    fragments: &'f [&'a [u8]],
    starts: Vec<usize>,
}

impl<'f, 'a> Frames<'f, 'a> {
    /// `said` is how many the header promises.
    pub(super) fn find(fragments: &'f [&'a [u8]], compression: Compression, said: u32) -> Self {
        let is_start = |at: usize| match compression {
            // every frame starts with a start-of-image marker and no continuation can
            Compression::Jpeg => fragments[at].starts_with(&[0xff, 0xd8]),
            // a frame is one piece by the standard; some writers cut long ones all the same
            _ => {
                fragments.len() <= said as usize
                    || fragments[at].get(..RLE_HEAD) == fragments[0].get(..RLE_HEAD)
            }
        };
        Self {
            fragments,
            starts: (0..fragments.len()).filter(|&at| is_start(at)).collect(),
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.starts.len()
    }

    /// The bytes of frame `frame`, which there must be.
    pub(super) fn bytes(&self, frame: usize) -> Cow<'a, [u8]> {
        let end = self.starts.get(frame + 1).copied();
        match &self.fragments[self.starts[frame]..end.unwrap_or(self.fragments.len())] {
            [one] => Cow::Borrowed(one),
            several => Cow::Owned(several.concat()),
        }
    }
}
