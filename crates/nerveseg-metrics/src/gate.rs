use serde::{Deserialize, Serialize};

/// What the presence gate did to the prediction of one case.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// Whether the presence reached the gate; if not, the mask was emptied.
    pub passed: bool,
    /// Dice of the mask that is there with the gate open, both masks empty counting 1.
    pub dice_open: f64,
}
