//! What one frame shows.

use super::contour::Contour;
use super::space::Pose;

/// What one frame shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) pose: Pose,
    /// How much of the nerve shows, from 0 to 1; frames with a nerve have at least 0.6.
    pub(super) visibility: f32,
    /// Whether the mask says there is a nerve.
    pub(super) labelled: bool,
    pub(super) contour: Contour,
}
