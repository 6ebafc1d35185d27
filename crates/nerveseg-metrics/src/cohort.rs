use crate::bootstrap::subject_bootstrap;
use crate::case::CaseScores;
use crate::cohort_scores::{CohortScores, Intervals, PresenceScores, SurfaceSummary};
use crate::presence::Ranking;
use crate::statistics::{Mean, quantile};
use crate::surface::LengthUnit;

/// Scores that are means over frames, in the order of [`Tally`].
const MEANS: usize = 11;

/// All statistics that get an interval: the means, then the AUC.
const STATISTICS: usize = MEANS + 1;

/// Running means of one subject or of a whole cohort.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally([Mean; MEANS]);

impl Tally {
    fn of(scores: &CaseScores) -> Self {
        let present = scores.present();
        let detected = f64::from(u8::from(scores.predicted_present()));
        let on_positive = |score: Option<f64>| score.filter(|_| present);
        Self(
            [
                Some(scores.dice),
                on_positive(Some(scores.dice)),
                on_positive(Some(scores.iou)),
                Some(scores.pixel_accuracy),
                scores.sensitivity,
                scores.specificity,
                on_positive(scores.precision),
                on_positive(Some(detected)),
                Some(1.0 - detected).filter(|_| !present),
                scores.hausdorff95,
                scores.assd,
            ]
            .map(Mean::of),
        )
    }

    fn add(&mut self, other: &Self, weight: u32) {
        for (into, from) in self.0.iter_mut().zip(other.0) {
            into.add(from, weight);
        }
    }

    fn values(&self) -> [Option<f64>; MEANS] {
        self.0.map(Mean::value)
    }

    pub(crate) fn dice_mean(&self) -> Option<f64> {
        self.0[0].value()
    }

    pub(crate) fn dice_positive(&self) -> Option<f64> {
        self.0[1].value()
    }

    pub(crate) fn iou_positive(&self) -> Option<f64> {
        self.0[2].value()
    }

    pub(crate) fn pixel_accuracy(&self) -> Option<f64> {
        self.0[3].value()
    }
}

/// Cases of one predictor, summed per subject so that resampling subjects is cheap.
#[derive(Debug)]
pub(crate) struct Cohort {
    tallies: Vec<Tally>,
    ranking: Option<Ranking>,
    hausdorff95: Vec<f64>,
    assd: Vec<f64>,
    unit: Option<LengthUnit>,
    misses: usize,
}

impl Cohort {
    /// `subject[i]` is the index of the subject of `scores[i]`; `presence[i]` its presence score.
    pub(crate) fn new(subject: &[usize], scores: &[CaseScores], presence: Option<&[f64]>) -> Self {
        let subjects = subject.iter().max().map_or(0, |last| last + 1);
        let mut tallies = vec![Tally::default(); subjects];
        for (&subject, scores) in subject.iter().zip(scores) {
            tallies[subject].add(&Tally::of(scores), 1);
        }
        let present: Vec<bool> = scores.iter().map(CaseScores::present).collect();
        let unit = scores.first().map(|first| first.unit);
        Self {
            tallies,
            ranking: presence.map(|presence| Ranking::new(presence, &present, subject)),
            hausdorff95: scores
                .iter()
                .filter_map(|scores| scores.hausdorff95)
                .collect(),
            assd: scores.iter().filter_map(|scores| scores.assd).collect(),
            unit: unit.filter(|&unit| scores.iter().all(|scores| scores.unit == unit)),
            misses: scores.iter().filter(|scores| scores.surface_miss()).count(),
        }
    }

    /// Sums of each subject.
    pub(crate) fn tallies(&self) -> &[Tally] {
        &self.tallies
    }

    /// Every statistic when subject `i` counts `weights[i]` times.
    fn statistics(&self, weights: &[u32]) -> [Option<f64>; STATISTICS] {
        let mut total = Tally::default();
        for (tally, &weight) in self.tallies.iter().zip(weights) {
            total.add(tally, weight);
        }
        let means = total.values();
        std::array::from_fn(|index| match means.get(index) {
            Some(&mean) => mean,
            None => self.ranking.as_ref()?.auc(weights),
        })
    }

    /// Scores of the cohort as it is.
    pub(crate) fn scores(&self) -> CohortScores {
        let [
            dice_mean,
            dice_positive,
            iou_positive,
            pixel_accuracy,
            sensitivity,
            specificity,
            precision,
            presence_sensitivity,
            presence_specificity,
            hausdorff95,
            assd,
            presence_auc,
        ] = self.statistics(&vec![1; self.tallies.len()]);
        CohortScores {
            dice_mean: dice_mean.expect("a cohort has cases"),
            dice_positive,
            iou_positive,
            pixel_accuracy: pixel_accuracy.expect("a cohort has cases"),
            sensitivity,
            specificity,
            precision,
            presence: PresenceScores {
                auc: presence_auc,
                sensitivity: presence_sensitivity,
                specificity: presence_specificity,
            },
            hausdorff95: self.summary(&self.hausdorff95, hausdorff95),
            assd: self.summary(&self.assd, assd),
        }
    }

    fn summary(&self, distances: &[f64], mean: Option<f64>) -> SurfaceSummary {
        SurfaceSummary {
            median: self
                .unit
                .and_then(|_| quantile(&mut distances.to_vec(), 0.5)),
            mean: self.unit.and(mean),
            unit: self.unit,
            cases: distances.len(),
            misses: self.misses,
        }
    }

    /// Intervals of those scores, see [`subject_bootstrap`].
    pub(crate) fn intervals(&self, resamples: usize, seed: u64) -> Intervals {
        let [
            dice_mean,
            dice_positive,
            iou_positive,
            pixel_accuracy,
            sensitivity,
            specificity,
            precision,
            presence_sensitivity,
            presence_specificity,
            hausdorff95_mean,
            assd_mean,
            presence_auc,
        ] = subject_bootstrap(self.tallies.len(), resamples, seed, |weights| {
            self.statistics(weights)
        });
        Intervals {
            dice_mean,
            dice_positive,
            iou_positive,
            pixel_accuracy,
            sensitivity,
            specificity,
            precision,
            presence_sensitivity,
            presence_specificity,
            presence_auc,
            hausdorff95_mean: self.unit.and(hausdorff95_mean),
            assd_mean: self.unit.and(assd_mean),
        }
    }
}
