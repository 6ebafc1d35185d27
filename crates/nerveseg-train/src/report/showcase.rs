//! Which cases a report shows.

use nerveseg_data::CaseId;
use nerveseg_metrics::CaseResult;

/// Cases worth looking at, by Dice over positive frames (over all frames if there are none).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Showcase {
    /// Highest Dice first.
    pub(crate) best: Vec<CaseId>,
    /// Around the median.
    pub(crate) median: Vec<CaseId>,
    /// Lowest Dice first.
    pub(crate) worst: Vec<CaseId>,
}

impl Showcase {
    /// Picks up to `count` cases of each kind; no case is in two.
    pub(crate) fn pick(results: &[CaseResult], count: usize) -> Self {
        let mut rows: Vec<&CaseResult> = results.iter().filter(|r| r.present).collect();
        if rows.is_empty() {
            rows = results.iter().collect();
        }
        rows.sort_by(|a, b| b.scores.dice.total_cmp(&a.scores.dice));
        let ids: Vec<CaseId> = rows.iter().filter_map(|r| r.case_id.parse().ok()).collect();
        let count = count.min(ids.len() / 3).max(usize::from(!ids.is_empty()));
        let middle = (ids.len() / 2).saturating_sub(count / 2);
        let slice = |from: usize| ids.iter().skip(from).take(count).copied();
        let best: Vec<CaseId> = slice(0).collect();
        let worst: Vec<CaseId> = ids
            .iter()
            .rev()
            .take(count)
            .filter(|id| !best.contains(id))
            .copied()
            .collect();
        let taken = |id: &CaseId| best.contains(id) || worst.contains(id);
        let median = slice(middle).filter(|id| !taken(id)).collect();
        Self {
            best,
            median,
            worst,
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    fn result(number: u32, overlap: usize) -> CaseResult {
        let truth = Array2::from_shape_fn((4, 10), |(r, _)| r == 0);
        let prediction = Array2::from_shape_fn((4, 10), |(r, c)| r == 0 && c < overlap);
        CaseResult::new(
            format!("1_{number}"),
            1,
            prediction.view(),
            truth.view(),
            None,
        )
    }

    #[test]
    fn showcase_takes_both_ends_and_the_middle_without_repeats() {
        let results: Vec<CaseResult> = (0..=8).map(|n| result(n, n as usize)).collect();

        let Showcase {
            best,
            median,
            worst,
        } = Showcase::pick(&results, 2);

        let names = |ids: &[CaseId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(&best), ["1_8", "1_7"]);
        assert_eq!(names(&median), ["1_5", "1_4"]);
        assert_eq!(names(&worst), ["1_0", "1_1"]);
    }

    #[test]
    fn a_single_case_is_shown_once() {
        let Showcase {
            best,
            median,
            worst,
        } = Showcase::pick(&[result(1, 5)], 3);

        assert_eq!((best.len(), median.len(), worst.len()), (1, 0, 0));
    }
}
