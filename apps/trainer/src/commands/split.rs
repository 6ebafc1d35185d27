//! `nerveseg split`.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use nerveseg_data::{
    HoldoutSize, PartSize, Split, SplitKind, Splits, SubjectStats, k_fold, split_linked,
};

use crate::inputs::whole;
use crate::outcome::{Outcome, Usage};
use crate::outputs::{Overwrite, OverwriteArg};
use crate::{inputs, ui};

/// Split a dataset by subject into folds, and save them.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  nerveseg split uns --folds 5 --seed 1 --out splits.json\n  nerveseg split uns --together 17,18 --out splits.json   # `nerveseg audit` finds such groups\n  nerveseg train --data uns --split splits.json --fold 0 --out run"
)]
pub(crate) struct SplitArgs {
    /// Folder in the layout of UNS.
    #[arg(value_name = "DIR")]
    data: PathBuf,
    /// Number of folds, or 1 for a single train / validation / test split.
    #[arg(long, default_value_t = 5, value_parser = whole::<usize>)]
    folds: usize,
    /// Share of subjects in validation and in test, for a single split.
    #[arg(long, default_value_t = 0.15)]
    holdout: f64,
    /// Subjects that are one person and stay in one part, such as `17,18`; may be repeated.
    #[arg(long, value_name = "LIST", value_parser = parse_group)]
    together: Vec<Group>,
    /// Seed of the draw.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// File to write.
    #[arg(long, value_name = "FILE", default_value = "splits.json")]
    out: PathBuf,
    #[command(flatten)]
    overwrite: OverwriteArg,
}

/// Subjects that belong together.
#[derive(Clone, Debug)]
struct Group(Vec<u32>);

/// Parses `17,18`.
fn parse_group(text: &str) -> Result<Group, String> {
    let subjects: Result<Vec<u32>, _> = text.split(',').map(str::parse).collect();
    match subjects {
        Ok(subjects) if subjects.iter().any(|&id| id != subjects[0]) => Ok(Group(subjects)),
        _ => Err("expected two or more subjects, such as 17,18".to_owned()),
    }
}

pub(crate) fn run(args: &SplitArgs) -> Result<Outcome> {
    if matches!(args.folds, 0 | 2) {
        let message = "`--folds` must be 1 (a single split) or at least 3: \
                       each fold trains, validates and tests on different subjects";
        return Err(Usage(message.to_owned()).into());
    }
    let overwrite = Overwrite::from(args.overwrite);
    overwrite.check([args.out.clone()])?;
    let dataset = inputs::dataset(&args.data, None)?;
    let total = dataset.cases().len();
    let subjects = ui::with_bar("reading", total, |progress| dataset.subject_stats(progress))?;
    let fingerprint = ui::with_bar("hashing", total, |progress| dataset.fingerprint(progress))?;
    let linked: Vec<Vec<u32>> = args.together.iter().map(|group| group.0.clone()).collect();
    let folds = split_linked(&subjects, &linked, |subjects| match args.folds {
        1 => {
            let part = PartSize::Fraction(args.holdout);
            let size = HoldoutSize {
                validation: part,
                test: part,
            };
            Ok(vec![Split::holdout(subjects, size, args.seed)?])
        }
        k => k_fold(subjects, k, args.seed),
    })
    .with_context(|| format!("cannot split `{}`", args.data.display()))?;
    let kind = if args.folds == 1 {
        SplitKind::Holdout
    } else {
        SplitKind::KFold
    };
    let splits = Splits {
        kind,
        seed: args.seed,
        fingerprint: Some(fingerprint),
        folds,
    };
    overwrite.write(&args.out, splits.to_json().as_bytes())?;
    ui::print(&table(&splits, &subjects))?;
    ui::say(&format!("saved to `{}`", args.out.display()));
    Ok(Outcome::Done)
}

/// Subjects, frames and positive fraction of every part.
fn table(splits: &Splits, subjects: &[SubjectStats]) -> String {
    let mut text = format!(
        "{:<6}{:<12}{:>9}{:>8}{:>11}\n",
        "fold", "part", "subjects", "frames", "positive"
    );
    for (index, split) in splits.folds.iter().enumerate() {
        let parts = [
            ("train", split.train()),
            ("validation", split.validation()),
            ("test", split.test()),
        ];
        for (name, ids) in parts {
            let rows = subjects.iter().filter(|s| ids.contains(&s.subject_id));
            let (cases, positives) = rows.fold((0, 0), |(c, p), s| (c + s.cases, p + s.positives));
            let share = 100.0 * positives as f64 / cases.max(1) as f64;
            text += &format!(
                "{index:<6}{name:<12}{:>9}{cases:>8}{share:>10.1}%\n",
                ids.len()
            );
        }
    }
    text
}
