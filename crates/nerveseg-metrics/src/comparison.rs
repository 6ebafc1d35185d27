use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::difference::{Difference, Differences, Verdict};
use crate::evaluation::{EvaluationOptions, cohort};
use crate::result::CaseResult;
use crate::site::of_subjects;
use crate::table::{interval, number, write_aligned};

/// Fewer people than this cannot all agree by less than a chance of 5 % (sign test).
const FEW: usize = 6;

/// Two predictors on the same cases: differences of scores, `b − a`, with intervals over subjects.
///
/// Both are scored on the same draws of subjects, so what makes a subject hard for both cancels
/// out. Its [`Display`](fmt::Display) is the table a person reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// What the interval of positive-frame Dice says of the second.
    pub verdict: Verdict,
    /// All cases.
    #[serde(flatten)]
    pub all: Compared,
    /// How the intervals were made.
    pub bootstrap: EvaluationOptions,
    /// One row per site, where sites are given.
    pub per_site: Vec<SiteComparison>,
    /// One row per subject, by ascending `subject_id`; one person has no interval.
    pub per_subject: Vec<SubjectComparison>,
}

/// Two predictors on some of the cases.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// Frames scored.
    pub cases: usize,
    /// Frames with a nerve.
    pub positives: usize,
    /// People scanned.
    pub subjects: usize,
    /// The scores.
    pub scores: Differences,
}

/// Two predictors on the people of one machine or hospital.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SiteComparison {
    /// Name of the site.
    pub site: String,
    /// Its cases.
    #[serde(flatten)]
    pub compared: Compared,
}

/// Two predictors on one person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubjectComparison {
    /// Person scanned.
    pub subject_id: u32,
    /// Name of the site, where sites are given.
    pub site: Option<String>,
    /// Its cases.
    #[serde(flatten)]
    pub compared: Compared,
}

impl Comparison {
    /// Compares scored cases of two predictors; `sites` are names and their subjects, and may be
    /// none.
    ///
    /// # Panics
    ///
    /// Panics if there are no cases, or if the two are not of the same cases in the same order.
    pub fn from_results(
        [a, b]: [&[CaseResult]; 2],
        sites: &[(&str, Vec<u32>)],
        options: &EvaluationOptions,
    ) -> Self {
        assert!(!a.is_empty(), "a comparison needs at least one case");
        let ids = |results: &[CaseResult]| -> Vec<String> {
            results.iter().map(|it| it.case_id.clone()).collect()
        };
        assert_eq!(ids(a), ids(b), "both predictors need the same cases");
        let all = Compared::new([a, b], options);
        let part = |subjects: &[u32]| {
            let parts = [a, b].map(|results| of_subjects(results, subjects));
            let [a, b] = &parts;
            (!a.is_empty()).then(|| Compared::new([a, b], options))
        };
        let site = |(site, subjects): &(&str, Vec<u32>)| {
            Some(SiteComparison {
                site: (*site).to_owned(),
                compared: part(subjects)?,
            })
        };
        let subject = |subject_id| {
            let of_subject = sites.iter().find(|(_, them)| them.contains(&subject_id));
            Some(SubjectComparison {
                subject_id,
                site: of_subject.map(|(site, _)| (*site).to_owned()),
                compared: part(&[subject_id])?,
            })
        };
        Self {
            verdict: all.scores.dice_positive.verdict,
            all,
            bootstrap: *options,
            per_site: sites.iter().filter_map(site).collect(),
            per_subject: subjects(a).into_iter().filter_map(subject).collect(),
        }
    }
}

fn subjects(results: &[CaseResult]) -> BTreeSet<u32> {
    results.iter().map(|result| result.subject_id).collect()
}

impl Compared {
    fn new([a, b]: [&[CaseResult]; 2], options: &EvaluationOptions) -> Self {
        let EvaluationOptions { resamples, seed } = *options;
        Self {
            cases: a.len(),
            positives: a.iter().filter(|result| result.present).count(),
            subjects: subjects(a).len(),
            scores: cohort(a).differences(&cohort(b), resamples, seed),
        }
    }

    /// Positive-frame Dice of both, its difference with interval and verdict; then the differences of
    /// presence.
    fn cells(&self) -> [String; 10] {
        let Differences {
            dice_positive: dice,
            presence_auc,
            presence_sensitivity,
            presence_specificity,
            ..
        } = &self.scores;
        [
            self.cases.to_string(),
            self.positives.to_string(),
            number(dice.a),
            number(dice.b),
            signed(dice.difference),
            interval(dice.ci95),
            dice.verdict.to_string(),
            signed(presence_auc.difference),
            signed(presence_sensitivity.difference),
            signed(presence_specificity.difference),
        ]
    }
}

/// What stands above [`Compared::cells`].
const CELLS: [&str; 10] = [
    "frames",
    "positive",
    "Dice pos. A",
    "B",
    "B - A",
    "95 % interval",
    "B is",
    "AUC",
    "kept",
    "left empty",
];

/// A difference with its sign and three decimals, or a dash.
fn signed(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:+.3}"))
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Compared {
            cases,
            positives,
            subjects,
            scores,
        } = &self.all;
        writeln!(
            f,
            "{cases} frames ({positives} with a nerve) of {subjects} subjects\n"
        )?;
        write_aligned(f, &score_rows(scores))?;
        writeln!(
            f,
            "\nintervals: bootstrap over subjects, the same draws for both, {} resamples",
            self.bootstrap.resamples
        )?;
        if *subjects < FEW {
            writeln!(
                f,
                "fewer than {FEW} people: such intervals are too narrow to decide"
            )?;
        }
        writeln!(f)?;
        if !self.per_site.is_empty() {
            let head = prepend(["site", "people"], CELLS).map(str::to_owned);
            let row = |row: &SiteComparison| {
                let first = [row.site.clone(), row.compared.subjects.to_string()];
                prepend(first, row.compared.cells())
            };
            let rows: Vec<[String; 12]> = std::iter::once(head)
                .chain(self.per_site.iter().map(row))
                .collect();
            write_aligned(f, &rows)?;
            writeln!(f)?;
        }
        write_aligned(f, &self.subject_rows())?;
        let verdict = match self.verdict {
            Verdict::Better => "B is better than A",
            Verdict::Worse => "B is worse than A",
            Verdict::CannotTell => "cannot tell A and B apart",
        };
        writeln!(f, "\nverdict, by positive-frame Dice: {verdict}")
    }
}

impl Comparison {
    /// A row a person, without the interval that one person does not have.
    fn subject_rows(&self) -> Vec<[String; 10]> {
        let without_interval =
            |[frames, positive, a, b, difference, _, _, auc, kept, empty]: [String; 10]| {
                [frames, positive, a, b, difference, auc, kept, empty]
            };
        let head = without_interval(CELLS.map(str::to_owned));
        let head = prepend(["subject", "site"].map(str::to_owned), head);
        let row = |row: &SubjectComparison| {
            let site = row.site.clone().unwrap_or_else(|| "-".to_owned());
            let cells = without_interval(row.compared.cells());
            prepend([row.subject_id.to_string(), site], cells)
        };
        std::iter::once(head)
            .chain(self.per_subject.iter().map(row))
            .collect()
    }
}

fn score_rows(scores: &Differences) -> Vec<[String; 6]> {
    let row = |name: &str, score: &Difference| {
        [
            name.to_owned(),
            number(score.a),
            number(score.b),
            signed(score.difference),
            interval(score.ci95),
            score.verdict.to_string(),
        ]
    };
    vec![
        ["score", "A", "B", "B - A", "95 % interval", "B is"].map(str::to_owned),
        row("Dice, positive frames", &scores.dice_positive),
        row("  with the gate open", &scores.dice_positive_gate_open),
        row("Dice, all frames (Kaggle)", &scores.dice_mean),
        row("presence AUC", &scores.presence_auc),
        row("presence sensitivity", &scores.presence_sensitivity),
        row("presence specificity", &scores.presence_specificity),
    ]
}

/// Two cells before a row of `N`.
fn prepend<T, const N: usize, const M: usize>(first: [T; 2], rest: [T; N]) -> [T; M] {
    let mut cells = first.into_iter().chain(rest);
    std::array::from_fn(|_| cells.next().expect("two cells more"))
}
