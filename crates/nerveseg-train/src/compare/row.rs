//! What two models say of one frame.

use nerveseg_metrics::CaseResult;
use serde::Serialize;

/// What two models, A and B, say of one frame; flat, for a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FrameRow {
    /// Name of the case.
    pub case_id: String,
    /// Person scanned.
    pub subject_id: u32,
    /// Where the person was scanned; `None` where the dataset names no sites.
    pub site: Option<String>,
    /// Whether the frame shows a nerve.
    pub nerve: bool,
    /// Dice of A, both masks empty counting 1.
    pub dice_a: f64,
    /// Dice of B.
    pub dice_b: f64,
    /// `dice_b − dice_a`.
    pub difference: f64,
    /// Dice of A with its presence gate open.
    pub dice_open_a: Option<f64>,
    /// Dice of B with its presence gate open.
    pub dice_open_b: Option<f64>,
    /// Presence by A.
    pub presence_a: Option<f64>,
    /// Presence by B.
    pub presence_b: Option<f64>,
    /// Whether A's gate let the mask through.
    pub passed_a: Option<bool>,
    /// Whether B's gate let the mask through.
    pub passed_b: Option<bool>,
    /// Area of the true mask, in pixels.
    pub area_px: u64,
    /// Area of A's mask, in pixels.
    pub area_px_a: u64,
    /// Area of B's mask, in pixels.
    pub area_px_b: u64,
}

impl FrameRow {
    pub(super) fn new(a: &CaseResult, b: &CaseResult, site: Option<String>) -> Self {
        let open = |result: &CaseResult| result.gate.map(|gate| gate.dice_open);
        let passed = |result: &CaseResult| result.gate.map(|gate| gate.passed);
        Self {
            case_id: a.case_id.clone(),
            subject_id: a.subject_id,
            site,
            nerve: a.present,
            dice_a: a.scores.dice,
            dice_b: b.scores.dice,
            difference: b.scores.dice - a.scores.dice,
            dice_open_a: open(a),
            dice_open_b: open(b),
            presence_a: a.presence,
            presence_b: b.presence,
            passed_a: passed(a),
            passed_b: passed(b),
            area_px: a.scores.n_ref,
            area_px_a: a.scores.n_pred,
            area_px_b: b.scores.n_pred,
        }
    }
}
