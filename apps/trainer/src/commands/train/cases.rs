//! What a run trains on, and which part each case is in.

use anyhow::{Context as _, Result};
use nerveseg_data::audit::ExcludeList;
use nerveseg_data::{Dataset, FrameSplit, HoldoutSize, Partition, Split, SplitKind, Splits};
use nerveseg_train::{RunFolder, TrainConfig};

use super::job::{Job, SplitChoice};
use crate::{inputs, ui};

/// Opens the data without what is excluded.
pub(super) fn open(job: &Job) -> Result<Dataset> {
    let dataset = inputs::dataset(&job.data, Some(job.skip_bad))?;
    let Some(path) = &job.exclude else {
        return Ok(dataset);
    };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read `{}`", path.display()))?;
    let list: ExcludeList = text
        .parse()
        .with_context(|| format!("`{}` is no list of cases", path.display()))?;
    let unknown: Vec<String> = list
        .case_ids()
        .filter(|&case_id| dataset.get(case_id).is_none())
        .map(|case_id| case_id.to_string())
        .collect();
    if !unknown.is_empty() {
        ui::say(&format!(
            "warning: `{}` names {} cases that `{}` does not have, such as {}",
            path.display(),
            unknown.len(),
            job.data.display(),
            unknown[0]
        ));
    }
    let before = dataset.cases().len();
    let dataset = dataset.filter(|entry| !list.contains(entry.case_id));
    ui::say(&format!(
        "excluded: {} of {before} cases",
        before - dataset.cases().len()
    ));
    Ok(dataset)
}

/// Cases of every part, and the split by subject that they follow, if it is a new one.
pub(super) struct Parts {
    pub(super) partition: Partition,
    pub(super) splits: Option<Splits>,
    /// Whether subjects may be in two parts.
    pub(super) by_frame: bool,
}

/// Splits as was asked for; a run to go on with is split as it was, unless a split is named. The
/// training compares that one with the run's.
pub(super) fn parts(
    config: &TrainConfig,
    job: &Job,
    dataset: &Dataset,
    folder: &RunFolder,
) -> Result<Parts> {
    let (kind, split) = match &job.split {
        SplitChoice::File(file, fold) => (SplitKind::Manual, inputs::fold(file, *fold, dataset)?),
        SplitChoice::Holdout if folder.is_resumed() => return stored(folder),
        SplitChoice::Holdout => {
            let total = dataset.cases().len();
            let subjects =
                ui::with_bar("reading", total, |progress| dataset.subject_stats(progress))?;
            let split = Split::holdout(&subjects, HoldoutSize::default(), config.seed)?;
            (SplitKind::Holdout, split)
        }
        SplitChoice::Frames => return by_frame(config, dataset),
    };
    Ok(Parts {
        partition: split.resolve(dataset),
        splits: Some(Splits {
            kind,
            seed: config.seed,
            fingerprint: None,
            folds: vec![split],
        }),
        by_frame: false,
    })
}

/// How the run in `folder` is split.
fn stored(folder: &RunFolder) -> Result<Parts> {
    let path = folder.partition();
    let text = folder.read(&path)?;
    let partition: Partition =
        serde_json::from_str(&text).with_context(|| format!("`{}` is damaged", path.display()))?;
    Ok(Parts {
        // no split by subject puts anybody into two parts
        by_frame: !partition.overlapping_subjects().is_empty(),
        partition,
        splits: None,
    })
}

/// Splits frames and not subjects, and says what that means.
fn by_frame(config: &TrainConfig, dataset: &Dataset) -> Result<Parts> {
    let ids: Vec<_> = dataset.cases().iter().map(|entry| entry.case_id).collect();
    let split = FrameSplit::random(&ids, FrameSplit::SEED_FRACTION, config.seed)?;
    ui::say(&format!("warning: {}", split.warning()));
    Ok(Parts {
        partition: split.resolve(dataset),
        splits: None,
        by_frame: true,
    })
}

/// Says how many cases are in each part.
pub(super) fn say_parts(partition: &Partition) {
    let Partition {
        train,
        validation,
        test,
    } = partition;
    ui::say(&format!(
        "cases: {} to train, {} to validate, {} to test",
        train.len(),
        validation.len(),
        test.len()
    ));
}
