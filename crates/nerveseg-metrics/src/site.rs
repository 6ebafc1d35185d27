use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::evaluation::{Evaluation, EvaluationOptions};
use crate::result::CaseResult;
use crate::table::{interval, number, write_aligned};

/// Scores of each site, that is, of the people of one machine or hospital; none where nothing is
/// said of sites.
///
/// Its [`Display`](fmt::Display) is a row a site.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SiteTable(pub Vec<SiteScores>);

/// Scores of the people of one machine or hospital.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SiteScores {
    /// Name of the site.
    pub site: String,
    /// Scores of its frames alone; the mean mask is that of the others of all sites.
    #[serde(flatten)]
    pub evaluation: Evaluation,
}

impl SiteTable {
    /// Scores each of `sites`, a name and its subjects, for itself; sites without a case are left
    /// out.
    pub fn from_results(
        results: &[CaseResult],
        sites: &[(&str, Vec<u32>)],
        options: &EvaluationOptions,
    ) -> Self {
        let scores = |(site, subjects): &(&str, Vec<u32>)| {
            let of_site = of_subjects(results, subjects);
            (!of_site.is_empty()).then(|| SiteScores {
                site: (*site).to_owned(),
                evaluation: Evaluation::from_results(&of_site, options),
            })
        };
        Self(sites.iter().filter_map(scores).collect())
    }

    /// Heads of the columns of [`SiteTable::rows`].
    pub const HEAD: [&'static str; 14] = [
        "site",
        "people",
        "frames",
        "positive",
        "Dice pos.",
        "95 % interval",
        "gate open",
        "95 % interval",
        "AUC",
        "gate sens.",
        "gate spec.",
        "left empty",
        "Dice",
        "all-empty",
    ];

    /// A row a site, as text; a dash where there is nothing to compute a score from.
    pub fn rows(&self) -> Vec<[String; 14]> {
        self.0.iter().map(SiteScores::row).collect()
    }
}

impl SiteScores {
    fn row(&self) -> [String; 14] {
        let Evaluation {
            cases,
            positives,
            subjects,
            scores,
            ci95,
            all_empty,
            ..
        } = &self.evaluation;
        [
            self.site.clone(),
            subjects.to_string(),
            cases.to_string(),
            positives.to_string(),
            number(scores.dice_positive),
            interval(ci95.dice_positive),
            number(scores.dice_positive_gate_open),
            interval(ci95.dice_positive_gate_open),
            number(scores.presence.auc),
            number(scores.presence.gate_sensitivity),
            number(scores.presence.gate_specificity),
            number(scores.presence.specificity),
            number(Some(scores.dice_mean)),
            number(Some(all_empty.dice_mean)),
        ]
    }
}

impl fmt::Display for SiteTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = Self::HEAD.map(str::to_owned);
        let rows: Vec<_> = std::iter::once(head).chain(self.rows()).collect();
        write_aligned(f, &rows)
    }
}

/// The rows of some subjects.
pub(crate) fn of_subjects(results: &[CaseResult], subjects: &[u32]) -> Vec<CaseResult> {
    let subjects: BTreeSet<u32> = subjects.iter().copied().collect();
    let rows = results.iter();
    rows.filter(|result| subjects.contains(&result.subject_id))
        .cloned()
        .collect()
}
