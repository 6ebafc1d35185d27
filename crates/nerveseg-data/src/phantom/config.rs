//! What a phantom set looks like from outside: how many, how large, how honest.

use serde::{Deserialize, Serialize};

use crate::{DataError, Result};

/// Settings of [`Phantom`](super::Phantom); the default resembles the training set of UNS.
///
/// Equal settings give equal files, whatever the number of threads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PhantomConfig {
    /// Number of subjects, numbered from 1.
    pub subjects: u32,
    /// Frames of each subject, numbered from 1 along the path of the probe.
    pub frames_per_subject: u32,
    /// Frames of the test set; they come from further subjects.
    pub test_frames: u32,
    /// Width of a frame, in pixels; lengths in the picture scale with it.
    pub width: u32,
    /// Height of a frame, in pixels; lengths in the picture scale with it.
    pub height: u32,
    /// Seed of everything random.
    pub seed: u64,
    /// Share of frames that contain a nerve, over all subjects; single subjects differ widely.
    pub positive_fraction: f64,
    /// Label errors, from 0 (masks are exact) to 1: contours drift off the nerve, and frames change
    /// sides so that near-identical neighbours carry a nerve and an empty mask.
    pub label_noise: f64,
}

impl Default for PhantomConfig {
    fn default() -> Self {
        Self {
            subjects: 47,
            frames_per_subject: 120,
            test_frames: 0,
            width: 580,
            height: 420,
            seed: 0,
            positive_fraction: 0.41,
            label_noise: 0.0,
        }
    }
}

impl PhantomConfig {
    /// Smallest side of a frame: below it a nerve is a few pixels.
    const MIN_SIDE: u32 = 32;
    /// Largest side of a frame: above it one frame takes gigabytes.
    pub const MAX_SIDE: u32 = 8192;

    /// Frames of one test subject; the last subject may show fewer.
    pub(super) fn frames_per_test_subject(&self) -> u32 {
        self.frames_per_subject.max(1)
    }

    /// # Errors
    ///
    /// Names the first setting that is out of range.
    pub(super) fn validate(&self) -> Result<()> {
        let side = Self::MIN_SIDE..=Self::MAX_SIDE;
        let share = 0.0..=1.0;
        let broken = [
            (!side.contains(&self.width)).then(|| ("width", self.width.to_string(), "32 to 8192")),
            (!side.contains(&self.height))
                .then(|| ("height", self.height.to_string(), "32 to 8192")),
            (!share.contains(&self.positive_fraction)).then(|| {
                (
                    "positive_fraction",
                    self.positive_fraction.to_string(),
                    "0 to 1",
                )
            }),
            (!share.contains(&self.label_noise))
                .then(|| ("label_noise", self.label_noise.to_string(), "0 to 1")),
        ];
        match broken.into_iter().flatten().next() {
            Some((setting, value, expected)) => Err(DataError::PhantomSetting {
                setting,
                value,
                expected,
            }),
            None => Ok(()),
        }
    }
}
