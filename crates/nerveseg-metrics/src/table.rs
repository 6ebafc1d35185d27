use std::fmt;

use crate::cohort_scores::{CohortScores, SurfaceSummary};
use crate::evaluation::Evaluation;

/// A number with three decimals, or a dash.
pub(crate) fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"))
}

pub(crate) fn interval(bounds: Option<[f64; 2]>) -> String {
    bounds.map_or_else(
        || "-".to_owned(),
        |[low, high]| format!("[{low:.3}, {high:.3}]"),
    )
}

/// Writes rows with the first column to the left, the others to the right, two spaces between.
pub(crate) fn write_aligned<const N: usize>(
    f: &mut fmt::Formatter<'_>,
    rows: &[[String; N]],
) -> fmt::Result {
    let widths: [usize; N] = std::array::from_fn(|column| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    });
    for row in rows {
        write!(f, "{:<width$}", row[0], width = widths[0])?;
        for (cell, width) in row.iter().zip(widths).skip(1) {
            write!(f, "  {cell:>width$}")?;
        }
        writeln!(f)?;
    }
    Ok(())
}

impl Evaluation {
    /// The scores as plain text, one line each, baselines and intervals beside them; then a row per
    /// subject. The same as its `Display`.
    pub fn to_table(&self) -> String {
        self.to_string()
    }

    fn score_rows(&self) -> Vec<[String; 5]> {
        let ci95 = &self.ci95;
        let row = |name: &str, bounds: Option<[f64; 2]>, of: fn(&CohortScores) -> Option<f64>| {
            [
                name.to_owned(),
                number(of(&self.scores)),
                interval(bounds),
                number(of(&self.all_empty)),
                number(self.mean_mask.as_ref().and_then(of)),
            ]
        };
        let unit = |summary: &SurfaceSummary| {
            summary
                .unit
                .map_or_else(|| "mixed units".to_owned(), |unit| unit.to_string())
        };
        let hausdorff95 = format!("HD95 mean, {}", unit(&self.scores.hausdorff95));
        let hausdorff95_median = format!("HD95 median, {}", unit(&self.scores.hausdorff95));
        let assd = format!("ASSD mean, {}", unit(&self.scores.assd));
        let assd_median = format!("ASSD median, {}", unit(&self.scores.assd));
        vec![
            ["score", "model", "95 % interval", "all-empty", "mean mask"].map(str::to_owned),
            row("Dice, all frames (Kaggle)", ci95.dice_mean, |s| {
                Some(s.dice_mean)
            }),
            row("Dice, positive frames", ci95.dice_positive, |s| {
                s.dice_positive
            }),
            row("  with the gate open", ci95.dice_positive_gate_open, |s| {
                s.dice_positive_gate_open
            }),
            row("IoU, positive frames", ci95.iou_positive, |s| {
                s.iou_positive
            }),
            row("sensitivity, positive frames", ci95.sensitivity, |s| {
                s.sensitivity
            }),
            row("precision, positive frames", ci95.precision, |s| {
                s.precision
            }),
            row("specificity", ci95.specificity, |s| s.specificity),
            row("pixel accuracy", ci95.pixel_accuracy, |s| {
                Some(s.pixel_accuracy)
            }),
            row("presence AUC", ci95.presence_auc, |s| s.presence.auc),
            row("presence sensitivity", ci95.presence_sensitivity, |s| {
                s.presence.sensitivity
            }),
            row("presence specificity", ci95.presence_specificity, |s| {
                s.presence.specificity
            }),
            row("gate sensitivity", ci95.gate_sensitivity, |s| {
                s.presence.gate_sensitivity
            }),
            row("gate specificity", ci95.gate_specificity, |s| {
                s.presence.gate_specificity
            }),
            row(&hausdorff95, ci95.hausdorff95_mean, |s| s.hausdorff95.mean),
            row(&hausdorff95_median, None, |s| s.hausdorff95.median),
            row(&assd, ci95.assd_mean, |s| s.assd.mean),
            row(&assd_median, None, |s| s.assd.median),
        ]
    }

    fn subject_rows(&self) -> Vec<[String; 7]> {
        let head = [
            "subject",
            "frames",
            "positive",
            "Dice",
            "Dice pos.",
            "all-empty",
            "mean mask",
        ];
        let rows = self.per_subject.iter().map(|subject| {
            [
                subject.subject_id.to_string(),
                subject.cases.to_string(),
                subject.positives.to_string(),
                number(Some(subject.dice_mean)),
                number(subject.dice_positive),
                number(Some(subject.all_empty_dice_mean)),
                number(subject.mean_mask_dice_mean),
            ]
        });
        std::iter::once(head.map(str::to_owned))
            .chain(rows)
            .collect()
    }
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            cases,
            positives,
            subjects,
            ..
        } = self;
        writeln!(
            f,
            "{cases} frames ({positives} with a nerve) of {subjects} subjects\n"
        )?;
        write_aligned(f, &self.score_rows())?;
        let surfaces = &self.scores.hausdorff95;
        writeln!(
            f,
            "\nsurface distances: {} frames with both masks; {} more with only one",
            surfaces.cases, surfaces.misses
        )?;
        writeln!(
            f,
            "calibration error: {} of pixels, {} of presence",
            number(self.calibration.as_ref().map(|calibration| calibration.ece)),
            number(self.presence_ece)
        )?;
        let resamples = self.bootstrap.resamples;
        writeln!(
            f,
            "intervals: bootstrap over subjects, {resamples} resamples\n"
        )?;
        write_aligned(f, &self.subject_rows())
    }
}
