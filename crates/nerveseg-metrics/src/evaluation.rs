use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::calibration::{Calibration, CalibrationHistogram};
use crate::case::CaseScores;
use crate::cohort::{Cohort, Tally};
use crate::cohort_scores::{CohortScores, Intervals};
use crate::result::CaseResult;

/// How intervals are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvaluationOptions {
    /// Bootstrap resamples; at least 2000 for a number that is to be quoted.
    pub resamples: usize,
    /// Seed of the resampling.
    pub seed: u64,
}

impl Default for EvaluationOptions {
    fn default() -> Self {
        Self {
            resamples: 2000,
            seed: 0,
        }
    }
}

/// Scores of a model over a set of cases, with intervals and with baselines beside them.
///
/// What cannot be computed is `None`, never a stand-in: no presence specificity without empty
/// frames, no interval with one subject, no calibration without probabilities. Its [`Display`] is
/// the table a person reads, its JSON what a program does.
///
/// [`Display`]: std::fmt::Display
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Frames scored.
    pub cases: usize,
    /// Frames with a nerve.
    pub positives: usize,
    /// People scanned.
    pub subjects: usize,
    /// Scores of the model, at the top level of the JSON.
    #[serde(flatten)]
    pub scores: CohortScores,
    /// 95 % intervals of those scores, by bootstrap over subjects.
    pub ci95: Intervals,
    /// How the intervals were made.
    pub bootstrap: EvaluationOptions,
    /// What predicting no nerve anywhere scores on the same cases.
    pub all_empty: CohortScores,
    /// What the mean mask of the other subjects scores, if every case has one.
    pub mean_mask: Option<CohortScores>,
    /// Calibration of pixel probabilities, if every case has them.
    pub calibration: Option<Calibration>,
    /// Expected calibration error of the presence score, if every case has one.
    pub presence_ece: Option<f64>,
    /// One row per subject, by ascending `subject_id`.
    pub per_subject: Vec<SubjectScores>,
}

/// Scores of one subject.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubjectScores {
    /// Person scanned.
    pub subject_id: u32,
    /// Frames of this subject.
    pub cases: usize,
    /// Frames with a nerve.
    pub positives: usize,
    /// Mean per-image Dice, both masks empty counting 1.
    pub dice_mean: f64,
    /// Mean Dice over frames with a nerve.
    pub dice_positive: Option<f64>,
    /// Mean Jaccard index (`IoU`) over frames with a nerve.
    pub iou_positive: Option<f64>,
    /// Mean share of pixels labelled right.
    pub pixel_accuracy: f64,
    /// `dice_mean` of predicting no nerve anywhere.
    pub all_empty_dice_mean: f64,
    /// `dice_mean` of the mean mask of the other subjects.
    pub mean_mask_dice_mean: Option<f64>,
    /// `dice_positive` of the mean mask of the other subjects.
    pub mean_mask_dice_positive: Option<f64>,
}

impl Evaluation {
    /// Aggregates scored cases.
    ///
    /// # Panics
    ///
    /// Panics if `results` is empty: an evaluation of nothing has no scores.
    pub fn from_results(results: &[CaseResult], options: &EvaluationOptions) -> Self {
        assert!(!results.is_empty(), "an evaluation needs at least one case");
        let subjects = Subjects::of(results);
        let scores: Vec<_> = results.iter().map(|result| result.scores).collect();
        let empty: Vec<_> = scores.iter().map(CaseScores::of_empty_prediction).collect();
        let mean_mask: Option<Vec<_>> = results.iter().map(|result| result.mean_mask).collect();

        // A baseline's presence score is the same for every frame: certainly no, certainly yes.
        let never = vec![0.0; results.len()];
        let always = vec![1.0; results.len()];
        let model = cohort(results);
        let presence = presence(results);
        let all_empty = Cohort::new(&subjects.index, &empty, Some(&never), None);
        let mean_mask =
            mean_mask.map(|scores| Cohort::new(&subjects.index, &scores, Some(&always), None));

        Self {
            cases: results.len(),
            positives: results.iter().filter(|result| result.present).count(),
            subjects: subjects.ids.len(),
            scores: model.scores(),
            ci95: model.intervals(options.resamples, options.seed),
            bootstrap: *options,
            all_empty: all_empty.scores(),
            calibration: calibration(results),
            presence_ece: presence.and_then(|presence| presence_ece(&presence, &scores)),
            per_subject: subjects.rows(&model, &all_empty, mean_mask.as_ref()),
            mean_mask: mean_mask.map(|cohort| cohort.scores()),
        }
    }
}

/// What is to be summed of a predictor's cases.
pub(crate) fn cohort(results: &[CaseResult]) -> Cohort {
    let scores: Vec<_> = results.iter().map(|result| result.scores).collect();
    let gates: Option<Vec<_>> = results.iter().map(|result| result.gate).collect();
    Cohort::new(
        &Subjects::of(results).index,
        &scores,
        presence(results).as_deref(),
        gates.as_deref(),
    )
}

/// The presence of every case, if each has one.
fn presence(results: &[CaseResult]) -> Option<Vec<f64>> {
    results.iter().map(|result| result.presence).collect()
}

fn calibration(results: &[CaseResult]) -> Option<Calibration> {
    let mut all = CalibrationHistogram::default();
    for result in results {
        all.merge(result.calibration.as_ref()?);
    }
    all.calibration()
}

fn presence_ece(presence: &[f64], scores: &[CaseScores]) -> Option<f64> {
    let mut histogram = CalibrationHistogram::default();
    for (&presence, scores) in presence.iter().zip(scores) {
        histogram.add(presence, scores.present());
    }
    histogram.calibration().map(|found| found.ece)
}

/// Who the cases belong to.
struct Subjects {
    ids: Vec<u32>,
    cases: Vec<usize>,
    positives: Vec<usize>,
    /// For each case, the position of its subject in `ids`.
    index: Vec<usize>,
}

impl Subjects {
    fn of(results: &[CaseResult]) -> Self {
        let mut counts = BTreeMap::<u32, (usize, usize)>::new();
        for result in results {
            let (cases, positives) = counts.entry(result.subject_id).or_default();
            *cases += 1;
            *positives += usize::from(result.present);
        }
        let ids: Vec<u32> = counts.keys().copied().collect();
        let position = |id| ids.partition_point(|&other| other < id);
        Self {
            index: results
                .iter()
                .map(|result| position(result.subject_id))
                .collect(),
            cases: counts.values().map(|&(cases, _)| cases).collect(),
            positives: counts.values().map(|&(_, positives)| positives).collect(),
            ids,
        }
    }

    fn rows(
        &self,
        model: &Cohort,
        all_empty: &Cohort,
        mean_mask: Option<&Cohort>,
    ) -> Vec<SubjectScores> {
        let row = |(subject, &subject_id): (usize, &u32)| {
            let tally = &model.tallies()[subject];
            let mean_mask = mean_mask.map(|cohort| &cohort.tallies()[subject]);
            SubjectScores {
                subject_id,
                cases: self.cases[subject],
                positives: self.positives[subject],
                dice_mean: tally.dice_mean().expect("a subject has cases"),
                dice_positive: tally.dice_positive(),
                iou_positive: tally.iou_positive(),
                pixel_accuracy: tally.pixel_accuracy().expect("a subject has cases"),
                all_empty_dice_mean: all_empty.tallies()[subject]
                    .dice_mean()
                    .expect("a subject has cases"),
                mean_mask_dice_mean: mean_mask.and_then(Tally::dice_mean),
                mean_mask_dice_positive: mean_mask.and_then(Tally::dice_positive),
            }
        };
        self.ids.iter().enumerate().map(row).collect()
    }
}
