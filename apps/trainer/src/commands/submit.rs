//! `nerveseg submit`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Result, bail};
use nerveseg_data::{Case, CaseEntry, rle, write_submission};
use rayon::prelude::*;

use crate::inputs::{ModelArgs, ThresholdArgs};
use crate::outcome::Outcome;
use crate::outputs::{Overwrite, OverwriteArg};
use crate::{inputs, ui};

/// Frames in memory at a time.
const CHUNK: usize = 32;

/// Write a Kaggle submission for the frames of a test folder.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  nerveseg submit --model run/best.safetensors --data uns/test --out submission.csv\n\nThe competition gives a full point for an empty frame left empty, so a --presence-threshold higher\nthan the model's own often scores better."
)]
pub(crate) struct SubmitArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    thresholds: ThresholdArgs,
    /// Folder with `1.tif`, `2.tif`, …, or one that holds it as `test/`.
    #[arg(long, value_name = "TEST_DIR")]
    data: PathBuf,
    /// File to write: `img,pixels`, sorted, empty for an empty mask.
    #[arg(long, value_name = "FILE", default_value = "submission.csv")]
    out: PathBuf,
    #[command(flatten)]
    overwrite: OverwriteArg,
}

pub(crate) fn run(args: &SubmitArgs) -> Result<Outcome> {
    let overwrite = Overwrite::from(args.overwrite);
    overwrite.check([args.out.clone()])?;
    let dataset = inputs::dataset(&args.data, None)?;
    let frames = dataset.test_frames();
    if frames.is_empty() {
        bail!(
            "`{}` has no test frame (`1.tif`, `2.tif`, …)",
            args.data.display()
        );
    }
    let segmenter = args.model.open_with(args.thresholds)?;
    let bar = ui::bar("segmenting", frames.len());
    let mut rows = BTreeMap::new();
    for chunk in frames.chunks(CHUNK) {
        let cases: Vec<Case> = chunk
            .par_iter()
            .map(CaseEntry::load)
            .collect::<Result<_, _>>()?;
        let frames: Vec<_> = cases.iter().map(|case| &case.frame).collect();
        for (entry, segmentation) in chunk.iter().zip(segmenter.segment_frames(&frames)?) {
            rows.insert(
                entry.case_id.image_num,
                rle::encode(segmentation.mask.view()),
            );
        }
        bar.set_position(rows.len() as u64);
    }
    bar.finish_and_clear();
    let mut text = Vec::new();
    write_submission(&mut text, &rows)?;
    overwrite.write(&args.out, &text)?;
    let found = rows.values().filter(|runs| !runs.is_empty()).count();
    ui::say(&format!(
        "{} rows, {found} with a nerve, in `{}`",
        rows.len(),
        args.out.display()
    ));
    Ok(Outcome::Done)
}
