//! Limits of the audit, with the figures behind them.

use serde::Serialize;

use crate::ultrasound::FrameLimits;

/// Limits of the audit.
///
/// The defaults were chosen on UNS frames; the measurements are in `docs/audit.md`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AuditOptions {
    /// Frames are near-duplicates from this similarity on (normalised correlation of band-passed
    /// 32×24 averages, at most 1).
    ///
    /// Frames of different people stay below 0.5.
    pub similarity_threshold: f32,
    /// Two masks of near-duplicates contradict each other below this Dice.
    ///
    /// Half of all near-duplicates agree by 0.83 or more. A mask that is empty against one that is
    /// not has Dice 0 and always contradicts.
    pub contradiction_dice: f64,
    /// A mask is tiny below this multiple of the median area.
    ///
    /// The smallest of 2 323 UNS masks is at 0.38.
    pub tiny_area_ratio: f64,
    /// A mask is huge above this multiple of the median area.
    ///
    /// The largest of 2 323 UNS masks is at 2.5.
    pub huge_area_ratio: f64,
    /// What passes as an ultrasound frame.
    pub frame: FrameLimits,
    /// Most pairs to list in full; the counts cover all.
    pub max_listed_pairs: usize,
    /// Most pairs (or single frames) to show as pictures in each gallery of the HTML page.
    pub max_pictured_pairs: usize,
}

impl Default for AuditOptions {
    fn default() -> Self {
        Self {
            similarity_threshold: 0.90,
            contradiction_dice: 0.5,
            tiny_area_ratio: 0.25,
            huge_area_ratio: 3.0,
            frame: FrameLimits::default(),
            max_listed_pairs: 1000,
            max_pictured_pairs: 24,
        }
    }
}
