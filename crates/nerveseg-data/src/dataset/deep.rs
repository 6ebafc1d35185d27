//! One rule for all deep frames of a dataset.

use std::num::NonZero;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use crate::{Frame, Reader, Result};

/// How many bits the samples of all 16-bit frames of a folder use, found when the first is read.
///
/// A dark frame uses fewer than its neighbours; read alone it would be too bright.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct DeepFrames {
    /// Files of all frames of the folder.
    paths: Vec<PathBuf>,
    bits: OnceLock<u16>,
}

impl DeepFrames {
    pub(super) fn new(paths: Vec<PathBuf>) -> Arc<Self> {
        Arc::new(Self {
            paths,
            bits: OnceLock::new(),
        })
    }

    /// What was found; `None` as long as no frame asked.
    pub(super) fn bits(&self) -> Option<u16> {
        self.bits.get().copied()
    }

    /// `frame`, or what `read` gives of it with the bits of all frames, where they are more.
    pub(super) fn agree(
        &self,
        frame: Frame,
        reader: &Reader,
        read: impl FnOnce(u16) -> Result<Frame>,
    ) -> Result<Frame> {
        let Some(seen) = frame.seen_bits else {
            return Ok(frame);
        };
        let bits = *self.bits.get_or_init(|| self.look(reader).max(seen));
        if bits > seen { read(bits) } else { Ok(frame) }
    }

    /// The most that any frame uses. One that cannot be read is a defect when it is asked for.
    ///
    /// Threads of its own: those of Rayon may already wait for what is found here.
    fn look(&self, reader: &Reader) -> u16 {
        let files = Mutex::new(self.paths.iter());
        let next = || files.lock().unwrap_or_else(PoisonError::into_inner).next();
        let look = || {
            let files = std::iter::from_fn(next);
            let bits = files.filter_map(|path| reader.read(path, 0).ok()?.seen_bits);
            bits.max().unwrap_or(0)
        };
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(look)).collect();
            let found = threads.into_iter().filter_map(|it| it.join().ok());
            found.max().unwrap_or(0)
        })
    }
}
