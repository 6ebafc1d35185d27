//! What a run trains on, and which part each case is in.

use anyhow::{Context as _, Result};
use nerveseg_data::audit::ExcludeList;
use nerveseg_data::{Dataset, FrameSplit, HoldoutSize, Partition, Split, SplitKind, Splits};
use nerveseg_train::{RunFolder, TrainConfig};

use super::job::{Job, SplitChoice};
use crate::{inputs, ui};

/// Opens the data without what is excluded.
pub(super) fn open(job: &Job) -> Result<Dataset> {
    let dataset = inputs::dataset(&job.data, job.skip_bad)?;
    let Some(path) = &job.exclude else {
        return Ok(dataset);
    };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read `{}`", path.display()))?;
    let list: ExcludeList = text
        .parse()
        .with_context(|| format!("`{}` is no list of cases", path.display()))?;
    let before = dataset.cases().len();
    let dataset = dataset.filter(|entry| !list.contains(entry.case_id));
    ui::say(&format!(
        "excluded: {} of {before} cases",
        before - dataset.cases().len()
    ));
    Ok(dataset)
}

/// Splits, or reads how the run to go on with was split; keeps both in the run folder.
pub(super) fn partition(
    config: &TrainConfig,
    job: &Job,
    dataset: &Dataset,
    folder: &RunFolder,
) -> Result<Partition> {
    let path = folder.partition();
    if job.resume {
        let text = folder.read(&path)?;
        return serde_json::from_str(&text)
            .with_context(|| format!("`{}` is damaged", path.display()));
    }
    let total = dataset.cases().len();
    let split = match &job.split {
        SplitChoice::File(file, fold) => {
            Some((SplitKind::Manual, inputs::fold(file, *fold, dataset)?))
        }
        SplitChoice::Holdout => {
            let subjects =
                ui::with_bar("reading", total, |progress| dataset.subject_stats(progress))?;
            Some((
                SplitKind::Holdout,
                Split::holdout(&subjects, HoldoutSize::default(), config.seed)?,
            ))
        }
        SplitChoice::Frames => None,
    };
    let partition = match split {
        Some((kind, split)) => {
            let partition = split.resolve(dataset);
            let splits = Splits {
                kind,
                seed: config.seed,
                fingerprint: None,
                folds: vec![split],
            };
            splits.save(folder.splits())?;
            partition
        }
        None => {
            let ids: Vec<_> = dataset.cases().iter().map(|entry| entry.case_id).collect();
            let split = FrameSplit::random(&ids, FrameSplit::SEED_FRACTION, config.seed)?;
            ui::say(&format!("warning: {}", split.warning()));
            split.resolve(dataset)
        }
    };
    folder.write(&path, serde_json::to_string(&partition)?.as_bytes())?;
    Ok(partition)
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
