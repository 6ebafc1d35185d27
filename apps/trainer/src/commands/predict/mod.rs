//! `nerveseg predict`.

mod columns;
mod pictures;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, bail};
use nerveseg_data::Frame;
use rayon::prelude::*;

use crate::inputs::{ModelArgs, ThresholdArgs};
use crate::outcome::Outcome;
use crate::{inputs, outputs, ui};

use columns::Answer;
use pictures::Pictures;

/// Images in memory at a time.
const CHUNK: usize = 8;

/// Find the nerve in images: masks, overlays, and one row an image on stdout.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  nerveseg predict --model run/best.safetensors --out masks frames/ 'more/*.png'\n\nWrites NAME_mask.png, NAME_overlay.png and NAME_probability.png."
)]
pub(crate) struct PredictArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// Folder for the pictures.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    thresholds: ThresholdArgs,
    /// One JSON object an image on stdout instead of CSV.
    #[arg(long)]
    json: bool,
    /// Images, folders or patterns.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<String>,
}

pub(crate) fn run(args: &PredictArgs) -> Result<Outcome> {
    let files = inputs::images(&args.inputs)?;
    let stems = unique_stems(&files)?;
    let segmenter = args.model.open_with(args.thresholds)?;
    outputs::make_folder(&args.out)?;
    if !args.json {
        ui::print(&columns::header()?)?;
    }
    let (begin, bar, mut failures) = (Instant::now(), ui::bar("segmenting", files.len()), 0);
    let reader = inputs::reader()?;
    for chunk in files.chunks(CHUNK) {
        let read: Vec<_> = chunk
            .par_iter()
            .map(|file| (file, reader.read(file, 0)))
            .collect();
        let mut frames = Vec::new();
        for (file, frame) in read {
            match frame {
                Ok(frame) => frames.push((file, frame)),
                Err(error) => {
                    failures += 1;
                    bar.suspend(|| ui::say(&format!("error: {:#}", anyhow::Error::new(error))));
                }
            }
        }
        let borrowed: Vec<&Frame> = frames.iter().map(|(_, frame)| frame).collect();
        let segmentations = segmenter.segment_frames(&borrowed)?;
        for ((file, frame), segmentation) in frames.iter().zip(segmentations) {
            if let Some(objection) = &segmentation.objection {
                let file = file.display();
                bar.suspend(|| {
                    ui::say(&format!("warning: `{file}` is no ultrasound: {objection}"));
                });
            }
            let pictures = Pictures::new(&args.out, &stems[*file]);
            pictures.write(&frame.pixels, &segmentation)?;
            let answer = Answer {
                image: file,
                segmentation: &segmentation,
                pictures: &pictures,
            };
            let line = if args.json {
                answer.json()?
            } else {
                answer.csv()?
            };
            bar.suspend(|| ui::print(&line))?;
        }
        bar.inc(chunk.len() as u64);
    }
    bar.finish_and_clear();
    let seconds = begin.elapsed().as_secs_f64();
    let done = files.len() - failures;
    ui::say(&format!(
        "{done} images in {seconds:.1} s, pictures in `{}`",
        args.out.display()
    ));
    Ok(if failures > 0 {
        Outcome::Failed
    } else {
        Outcome::Done
    })
}

/// Name of every image without folder and extension; two alike would overwrite each other.
fn unique_stems(files: &[PathBuf]) -> Result<BTreeMap<&PathBuf, String>> {
    let mut owners: BTreeMap<String, &PathBuf> = BTreeMap::new();
    for file in files {
        let stem = file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if let Some(other) = owners.insert(stem, file) {
            bail!(
                "`{}` and `{}` would write the same files; predict them into different folders",
                other.display(),
                file.display()
            );
        }
    }
    Ok(owners
        .into_iter()
        .map(|(stem, file)| (file, stem))
        .collect())
}
