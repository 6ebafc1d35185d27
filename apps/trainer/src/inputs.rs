//! Opening what the arguments name.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use nerveseg_data::{Dataset, Splits, has_image_extension};
use nerveseg_model::{DeviceSpec, OpenDevice, Postprocess, Segmenter};

use crate::args::{CasesArgs, ModelArgs, Part, ThresholdArgs};
use crate::outcome::Usage;
use crate::ui;

/// Opens a UNS folder. Broken files stop it, or are named and left out with `skip_bad`.
pub(crate) fn dataset(dir: &Path, skip_bad: bool) -> Result<Dataset> {
    if !skip_bad {
        return Dataset::open(dir).with_context(|| {
            let dir = dir.display();
            format!("cannot use `{dir}` (see `nerveseg audit {dir}`; `nerveseg train --skip-bad` goes on without broken files)")
        });
    }
    let scan = Dataset::scan(dir)?;
    let total = scan.dataset.cases().len();
    let scan = ui::with_bar("checking", total, |progress| scan.verify(progress));
    for defect in scan.defects {
        ui::say(&format!(
            "warning: left out: {:#}",
            anyhow::Error::new(defect)
        ));
    }
    Ok(scan.dataset)
}

/// Opens a device and says which one it is.
pub(crate) fn device(spec: DeviceSpec) -> Result<OpenDevice> {
    let device = spec.open()?;
    ui::say(&format!("device: {}", device.name));
    Ok(device)
}

/// Loads an artifact and says on which device it runs.
pub(crate) fn segmenter(args: &ModelArgs) -> Result<Segmenter> {
    let begin = Instant::now();
    let segmenter = match &args.model {
        Some(file) => Segmenter::from_file(file, args.device)?,
        None => Segmenter::bundled(args.device)?,
    };
    let seconds = begin.elapsed().as_secs_f64();
    ui::say(&format!(
        "model: {} on {} ({seconds:.1} s)",
        args.name(),
        segmenter.device_name()
    ));
    Ok(segmenter)
}

/// As [`segmenter`], with the thresholds that were asked for.
pub(crate) fn segmenter_with(args: &ModelArgs, thresholds: ThresholdArgs) -> Result<Segmenter> {
    let segmenter = segmenter(args)?;
    let own = segmenter.manifest().postprocess.clone();
    Ok(segmenter.with_postprocess(Postprocess {
        threshold: thresholds.threshold.unwrap_or(own.threshold),
        presence_threshold: thresholds
            .presence_threshold
            .unwrap_or(own.presence_threshold),
        ..own
    })?)
}

/// Opens a UNS folder and takes the cases that were asked for.
pub(crate) fn cases(args: &CasesArgs) -> Result<Dataset> {
    let dataset = dataset(&args.data, false)?;
    if let Some(path) = &args.split {
        let split = fold(path, args.fold, &dataset)?;
        let partition = split.resolve(&dataset);
        let cases = match args.part {
            Part::Train => partition.train,
            Part::Validation => partition.validation,
            Part::Test => partition.test,
        };
        return Ok(dataset.select(&cases)?);
    }
    if args.subjects.is_empty() {
        return Ok(dataset);
    }
    let known = dataset.subjects();
    if let Some(missing) = args
        .subjects
        .iter()
        .find(|subject| !known.contains(subject))
    {
        bail!(
            "`{}` has no subject {missing}; it has {known:?}",
            args.data.display()
        );
    }
    Ok(dataset.filter(|e| {
        e.case_id
            .subject_id
            .is_some_and(|s| args.subjects.contains(&s))
    }))
}

/// Reads one fold of a split file and checks that the dataset has its subjects.
pub(crate) fn fold(path: &Path, fold: usize, dataset: &Dataset) -> Result<nerveseg_data::Split> {
    let splits = Splits::load(path)?;
    let count = splits.folds.len();
    let split = splits.folds.into_iter().nth(fold).ok_or_else(|| {
        Usage(format!(
            "`{}` has {count} folds, numbered from 0; there is no fold {fold}",
            path.display()
        ))
    })?;
    split.check_covers(dataset)?;
    Ok(split)
}

/// Expands files, folders and patterns into image files, in the order given.
pub(crate) fn images(inputs: &[String]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for input in inputs {
        let path = Path::new(input);
        if path.is_dir() {
            let found = folder(path)?;
            if found.is_empty() {
                bail!("folder `{input}` has no image (.tif .png .jpg .bmp)");
            }
            files.extend(found);
        } else if path.exists() {
            files.push(path.to_owned());
        } else {
            let matches = glob::glob(input).with_context(|| format!("`{input}` is no pattern"))?;
            let found: Vec<PathBuf> = matches.collect::<Result<_, _>>()?;
            if found.is_empty() {
                bail!("`{input}` is no file, no folder, and matches nothing");
            }
            files.extend(found);
        }
    }
    Ok(files)
}

/// Images of one folder by name, without masks.
fn folder(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(dir).with_context(|| format!("cannot list `{}`", dir.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let stem = path
            .file_stem()
            .and_then(|s| s.to_str())
            .unwrap_or_default();
        if has_image_extension(&path) && !stem.ends_with("_mask") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Creates a folder and everything above it.
pub(crate) fn make_folder(dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir)
        .with_context(|| format!("cannot create folder `{}`", dir.display()))
}
