//! `nerveseg submit`.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use nerveseg_data::{CaseEntry, rle, write_atomic, write_submission};
use rayon::prelude::*;

use crate::args::SubmitArgs;
use crate::{Outcome, inputs, ui};

/// Frames in memory at a time.
const CHUNK: usize = 32;

pub(crate) fn run(args: &SubmitArgs) -> Result<Outcome> {
    let dataset = inputs::dataset(&args.data, false)?;
    let frames = dataset.test_frames();
    if frames.is_empty() {
        bail!(
            "`{}` has no test frame (`1.tif`, `2.tif`, …)",
            args.data.display()
        );
    }
    let segmenter = inputs::segmenter_with(&args.model, args.thresholds)?;
    let bar = ui::bar("segmenting", frames.len());
    let mut rows = BTreeMap::new();
    for chunk in frames.chunks(CHUNK) {
        let cases: Vec<_> = chunk
            .par_iter()
            .map(CaseEntry::load)
            .collect::<Result<_, _>>()?;
        let images: Vec<_> = cases.into_iter().map(|case| case.image).collect();
        for (entry, segmentation) in chunk.iter().zip(segmenter.segment_batch(&images)?) {
            rows.insert(
                entry.case_id.image_num,
                rle::encode(segmentation.mask.view()),
            );
        }
        bar.set_position(rows.len() as u64);
    }
    bar.finish_and_clear();
    write_atomic(&args.out, |writer| write_submission(writer, &rows))?;
    let found = rows.values().filter(|runs| !runs.is_empty()).count();
    ui::say(&format!(
        "{} rows, {found} with a nerve, in `{}`",
        rows.len(),
        args.out.display()
    ));
    Ok(Outcome::Done)
}
