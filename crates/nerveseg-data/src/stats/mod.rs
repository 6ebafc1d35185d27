//! What a set of frames looks like in numbers, to compare sets: real with real, real with phantom.
//!
//! Sets may differ in frame size, so lengths and areas are scaled to the size of UNS, 580x420
//! pixels: twice as wide and twice as high means the same numbers.
//!
//! ```
//! use nerveseg_data::phantom::{Phantom, PhantomConfig};
//! use nerveseg_data::stats::{DatasetStats, FrameStats, comparison_table};
//!
//! let config = PhantomConfig { subjects: 2, frames_per_subject: 3, ..PhantomConfig::default() };
//! let phantom = Phantom::new(PhantomConfig { width: 128, height: 96, ..config })?;
//! let frames = phantom.case_ids().map(|id| {
//!     FrameStats::of(&phantom.case(id.subject_id.unwrap_or_default(), id.image_num))
//! });
//!
//! let stats = DatasetStats::from_frames(frames.collect::<Vec<_>>());
//!
//! assert_eq!(stats.frames, 6);
//! println!("{}", comparison_table(&[("phantom", stats)]));
//! # Ok::<(), nerveseg_data::DataError>(())
//! ```

mod dataset;
mod frame;
mod shape;
mod table;
mod texture;

pub use dataset::{DatasetStats, MeanSd, NervesStats, Range};
pub use frame::{FrameStats, NerveStats};
pub use shape::ShapeStats;
pub use table::comparison_table;

/// `[height, width]` that lengths and areas are scaled to.
const REFERENCE_SIZE: [f64; 2] = [420.0, 580.0];
