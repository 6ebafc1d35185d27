use crate::bootstrap::subject_bootstrap;
use crate::case::CaseScores;
use crate::cohort_scores::{CohortScores, Intervals, PresenceScores, SurfaceSummary};
use crate::difference::{Difference, Differences, subtract};
use crate::gate::Gate;
use crate::presence::Ranking;
use crate::statistics::{Mean, quantile};
use crate::surface::LengthUnit;

/// Scores that are means over frames, in the order of [`Tally`].
const MEANS: usize = 14;

/// All statistics that get an interval: the means, then the AUC.
const STATISTICS: usize = MEANS + 1;

/// Running means of one subject or of a whole cohort.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally([Mean; MEANS]);

impl Tally {
    fn of(scores: &CaseScores, gate: Option<Gate>) -> Self {
        let present = scores.present();
        let passed = gate.map(|gate| f64::from(u8::from(gate.passed)));
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
                on_positive(gate.map(|gate| gate.dice_open)),
                on_positive(passed),
                passed.map(|passed| 1.0 - passed).filter(|_| !present),
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
    /// `subject[i]` is the index of the subject of `scores[i]`, `presence[i]` its presence score, and
    /// `gates[i]` what the gate did to it.
    pub(crate) fn new(
        subject: &[usize],
        scores: &[CaseScores],
        presence: Option<&[f64]>,
        gates: Option<&[Gate]>,
    ) -> Self {
        let subjects = subject.iter().max().map_or(0, |last| last + 1);
        let mut tallies = vec![Tally::default(); subjects];
        for (case, (&subject, scores)) in subject.iter().zip(scores).enumerate() {
            let gate = gates.map(|gates| gates[case]);
            tallies[subject].add(&Tally::of(scores, gate), 1);
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
            dice_positive_gate_open,
            gate_sensitivity,
            gate_specificity,
            presence_auc,
        ] = self.statistics(&vec![1; self.tallies.len()]);
        CohortScores {
            dice_mean: dice_mean.expect("a cohort has cases"),
            dice_positive,
            dice_positive_gate_open,
            iou_positive,
            pixel_accuracy: pixel_accuracy.expect("a cohort has cases"),
            sensitivity,
            specificity,
            precision,
            presence: PresenceScores {
                auc: presence_auc,
                sensitivity: presence_sensitivity,
                specificity: presence_specificity,
                gate_sensitivity,
                gate_specificity,
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
            dice_positive_gate_open,
            gate_sensitivity,
            gate_specificity,
            presence_auc,
        ] = subject_bootstrap(self.tallies.len(), resamples, seed, |weights| {
            self.statistics(weights)
        });
        Intervals {
            dice_mean,
            dice_positive,
            dice_positive_gate_open,
            iou_positive,
            pixel_accuracy,
            sensitivity,
            specificity,
            precision,
            presence_sensitivity,
            presence_specificity,
            presence_auc,
            gate_sensitivity,
            gate_specificity,
            hausdorff95_mean: self.unit.and(hausdorff95_mean),
            assd_mean: self.unit.and(assd_mean),
        }
    }

    /// Scores of this cohort and of `other`, which is of the same cases, and intervals of `other`
    /// minus this, for which both are scored on the same draws.
    pub(crate) fn differences(&self, other: &Self, resamples: usize, seed: u64) -> Differences {
        let subjects = self.tallies.len();
        let of_both = |weights: &[u32]| [self.statistics(weights), other.statistics(weights)];
        let ci95 = subject_bootstrap(subjects, resamples, seed, |weights| {
            let [a, b] = of_both(weights);
            std::array::from_fn::<_, STATISTICS, _>(|index| subtract(b[index], a[index]))
        });
        let [a, b] = of_both(&vec![1; subjects]);
        let [
            dice_mean,
            dice_positive,
            _iou_positive,
            _pixel_accuracy,
            _sensitivity,
            _specificity,
            _precision,
            presence_sensitivity,
            presence_specificity,
            _hausdorff95,
            _assd,
            dice_positive_gate_open,
            _gate_sensitivity,
            _gate_specificity,
            presence_auc,
        ] = std::array::from_fn(|index| Difference::new(a[index], b[index], ci95[index]));
        Differences {
            dice_positive,
            dice_positive_gate_open,
            dice_mean,
            presence_auc,
            presence_sensitivity,
            presence_specificity,
        }
    }
}
