use serde::{Deserialize, Serialize};

use crate::surface::LengthUnit;

/// Aggregate scores of one predictor (the model or a baseline) over a set of cases.
///
/// A score that is undefined for every case is `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CohortScores {
    /// Mean per-image Dice, both masks empty counting 1: the Kaggle score.
    pub dice_mean: f64,
    /// Mean Dice over frames with a nerve.
    pub dice_positive: Option<f64>,
    /// `dice_positive` with the presence gate open, if it is known for every case.
    pub dice_positive_gate_open: Option<f64>,
    /// Mean Jaccard index (`IoU`) over frames with a nerve.
    pub iou_positive: Option<f64>,
    /// Mean share of pixels labelled right, over all frames.
    pub pixel_accuracy: f64,
    /// Mean pixel sensitivity over frames with a nerve.
    pub sensitivity: Option<f64>,
    /// Mean pixel specificity over all frames with background.
    pub specificity: Option<f64>,
    /// Mean pixel precision over frames with a nerve and a prediction.
    pub precision: Option<f64>,
    /// Whether a frame holds a nerve at all.
    pub presence: PresenceScores,
    /// 95th percentile Hausdorff distance.
    pub hausdorff95: SurfaceSummary,
    /// Average symmetric surface distance.
    pub assd: SurfaceSummary,
}

/// How well frames with a nerve are told from frames without.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PresenceScores {
    /// Area under the ROC curve of the presence score; see [`roc_auc`](crate::roc_auc).
    pub auc: Option<f64>,
    /// Share of frames with a nerve whose predicted mask is not empty.
    pub sensitivity: Option<f64>,
    /// Share of frames without a nerve whose predicted mask is empty.
    pub specificity: Option<f64>,
    /// Share of frames with a nerve whose presence reaches the gate, if that is known.
    pub gate_sensitivity: Option<f64>,
    /// Share of frames without a nerve whose presence stays below the gate, if that is known.
    pub gate_specificity: Option<f64>,
}

/// A surface distance over the cases that have one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurfaceSummary {
    /// Median over `cases`, in `unit`.
    pub median: Option<f64>,
    /// Mean over `cases`, in `unit`.
    pub mean: Option<f64>,
    /// Unit, or `None` if cases in pixels and in millimetres were mixed: then nothing is summarised.
    pub unit: Option<LengthUnit>,
    /// Cases in which both masks hold a nerve.
    pub cases: usize,
    /// Cases in which exactly one does: failures that no distance shows.
    pub misses: usize,
}

/// 95 % intervals by bootstrap over subjects, `[low, high]`; `None` where there is none to give.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of `CohortScores`")]
pub struct Intervals {
    pub dice_mean: Option<[f64; 2]>,
    pub dice_positive: Option<[f64; 2]>,
    pub dice_positive_gate_open: Option<[f64; 2]>,
    pub iou_positive: Option<[f64; 2]>,
    pub pixel_accuracy: Option<[f64; 2]>,
    pub sensitivity: Option<[f64; 2]>,
    pub specificity: Option<[f64; 2]>,
    pub precision: Option<[f64; 2]>,
    pub presence_sensitivity: Option<[f64; 2]>,
    pub presence_specificity: Option<[f64; 2]>,
    pub presence_auc: Option<[f64; 2]>,
    pub gate_sensitivity: Option<[f64; 2]>,
    pub gate_specificity: Option<[f64; 2]>,
    /// Of the mean, in the unit of the summary.
    pub hausdorff95_mean: Option<[f64; 2]>,
    /// Of the mean, in the unit of the summary.
    pub assd_mean: Option<[f64; 2]>,
}
