/// Area under the ROC curve: the chance that a frame with a nerve outranks one without.
///
/// The Mann-Whitney statistic `U / (n₁·n₀)`, ties counting one half (Hanley et al. 1982).
///
/// # Returns
///
/// A value in `[0, 1]`, 0.5 for a constant score, or `None` unless both kinds of frame occur.
///
/// # Panics
///
/// Panics if the slices differ in length or a score is NaN.
///
/// # Examples
///
/// ```
/// use nerveseg_metrics::roc_auc;
///
/// let auc = roc_auc(&[0.1, 0.4, 0.4, 0.9], &[false, false, true, true]);
/// assert_eq!(auc, Some(0.875));
/// ```
pub fn roc_auc(scores: &[f64], present: &[bool]) -> Option<f64> {
    assert_eq!(scores.len(), present.len(), "one label per score");
    let alone = vec![0; scores.len()];
    Ranking::new(scores, present, &alone).auc(&[1])
}

/// Frames ordered by their presence score, ready to be weighed by subject many times over.
#[derive(Debug)]
pub(crate) struct Ranking {
    frames: Vec<RankedFrame>,
}

#[derive(Clone, Copy, Debug)]
struct RankedFrame {
    score: f64,
    present: bool,
    subject: usize,
}

impl Ranking {
    /// `subject` holds each frame's index into the weights given to [`Self::auc`].
    pub(crate) fn new(scores: &[f64], present: &[bool], subject: &[usize]) -> Self {
        assert!(
            scores.iter().all(|score| !score.is_nan()),
            "presence scores must not be NaN"
        );
        let mut frames: Vec<_> = scores
            .iter()
            .zip(present)
            .zip(subject)
            .map(|((&score, &present), &subject)| RankedFrame {
                score: score + 0.0, // -0.0 becomes 0.0, with which it is tied
                present,
                subject,
            })
            .collect();
        frames.sort_by(|a, b| a.score.total_cmp(&b.score));
        Self { frames }
    }

    /// AUC when every frame of subject `i` counts `weights[i]` times.
    pub(crate) fn auc(&self, weights: &[u32]) -> Option<f64> {
        let (mut positives, mut negatives, mut twice_u) = (0_u64, 0_u64, 0_u64);
        for tied in self
            .frames
            .chunk_by(|a, b| a.score.total_cmp(&b.score).is_eq())
        {
            let (mut tied_positives, mut tied_negatives) = (0_u64, 0_u64);
            for frame in tied {
                let weight = u64::from(weights[frame.subject]);
                if frame.present {
                    tied_positives += weight;
                } else {
                    tied_negatives += weight;
                }
            }
            twice_u += tied_positives * (2 * negatives + tied_negatives);
            positives += tied_positives;
            negatives += tied_negatives;
        }
        (positives > 0 && negatives > 0)
            .then(|| twice_u as f64 / (2 * positives * negatives) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constant_score_is_no_better_than_chance() {
        assert_eq!(
            roc_auc(&[0.3; 5], &[true, false, true, false, false]),
            Some(0.5)
        );
    }

    #[test]
    fn one_kind_of_frame_has_no_auc() {
        assert_eq!(roc_auc(&[0.1, 0.9], &[true, true]), None);
        assert_eq!(roc_auc(&[], &[]), None);
    }

    #[test]
    fn signed_zeros_are_tied() {
        assert_eq!(roc_auc(&[0.0, -0.0, 0.0], &[false, true, false]), Some(0.5));
    }

    #[test]
    fn weight_equals_repetition() {
        let (scores, present) = ([0.2, 0.6, 0.5, 0.9], [false, true, false, true]);
        let ranking = Ranking::new(&scores, &present, &[0, 0, 1, 1]);

        let weighed = ranking.auc(&[1, 2]);

        let repeated = roc_auc(
            &[0.2, 0.6, 0.5, 0.9, 0.5, 0.9],
            &[false, true, false, true, false, true],
        );
        assert_eq!(weighed, repeated);
    }
}
