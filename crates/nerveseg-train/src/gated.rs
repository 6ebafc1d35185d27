//! A model with its presence gate left open, so that one run tells what the gate does.

use std::borrow::Cow;

use ndarray::Array2;
use nerveseg_data::{Case, Mask};
use nerveseg_metrics::CaseResult;
use nerveseg_model::{Postprocess, Segmentation, Segmenter};

use crate::error::Result;

/// A model whose gate is applied after its masks are known.
pub(crate) struct Gated {
    open: Segmenter,
    own: Postprocess,
}

/// What a model says of one case.
pub(crate) struct Found {
    /// The answer with the gate open.
    pub(crate) open: Segmentation,
    /// Whether the presence reaches the model's own gate.
    pub(crate) passed: bool,
}

impl Gated {
    pub(crate) fn new(segmenter: &Segmenter) -> Result<Self> {
        let own = segmenter.manifest().postprocess.clone();
        let open = Postprocess {
            presence_threshold: 0.0,
            ..own.clone()
        };
        Ok(Self {
            open: segmenter.clone().with_postprocess(open)?,
            own,
        })
    }

    /// Segments the frames of these cases.
    pub(crate) fn find(&self, cases: &[Case]) -> Result<Vec<Found>> {
        let frames: Vec<_> = cases.iter().map(|case| &case.frame).collect();
        let segmentations = self.open.segment_frames(&frames)?;
        let found = segmentations.into_iter().map(|open| Found {
            passed: self.own.passes(open.presence),
            open,
        });
        Ok(found.collect())
    }
}

impl Found {
    /// The mask with the gate as the model has it.
    pub(crate) fn mask(&self) -> Cow<'_, Mask> {
        if self.passed {
            Cow::Borrowed(&self.open.mask)
        } else {
            Cow::Owned(Array2::from_elem(self.open.mask.dim(), false))
        }
    }

    /// Scores it against the truth.
    pub(crate) fn score(&self, case: &Case) -> CaseResult {
        let truth = truth(case).view();
        let presence = f64::from(self.open.presence).clamp(0.0, 1.0);
        CaseResult::new(
            case.case_id.to_string(),
            case.case_id.subject_id.unwrap_or_default(),
            self.mask().view(),
            truth,
            case.frame.spacing_mm,
        )
        .with_presence(presence)
        .with_gate(self.passed, self.open.mask.view(), truth)
    }
}

/// The true mask of a labelled case.
pub(crate) fn truth(case: &Case) -> &Mask {
    case.mask.as_ref().expect("labelled entries have masks")
}
