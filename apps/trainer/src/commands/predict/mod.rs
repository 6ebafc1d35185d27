//! `nerveseg predict`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use image::{DynamicImage, GrayImage, ImageFormat};
use nerveseg_data::{read_image, rle, write_atomic_bytes};
use nerveseg_model::overlay::{PREDICTION, Paint, overlay};
use nerveseg_model::{PresenceState, Segmentation};
use rayon::prelude::*;
use serde::Serialize;

use crate::inputs::{ModelArgs, ThresholdArgs};
use crate::outcome::Outcome;
use crate::{inputs, outputs, ui};

/// Images in memory at a time.
const CHUNK: usize = 8;

/// What is said of one image.
#[derive(Serialize)]
struct Row {
    image: String,
    width: u32,
    height: u32,
    presence: f32,
    state: PresenceState,
    /// Why the image does not look like ultrasound.
    objection: Option<String>,
    nerve_found: bool,
    area_px: usize,
    components: usize,
    /// `[row, column]` of the largest component.
    centroid: Option<[f64; 2]>,
    /// Kaggle run lengths: column-major, from 1.
    rle: String,
    mask: String,
    overlay: String,
}

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
        ui::print(
            "image,width,height,presence,nerve_found,area_px,components,centroid_row,centroid_column,mask,overlay",
        )?;
    }
    let (begin, bar, mut failures) = (Instant::now(), ui::bar("segmenting", files.len()), 0);
    for chunk in files.chunks(CHUNK) {
        let read: Vec<_> = chunk
            .par_iter()
            .map(|file| (file, read_image(file)))
            .collect();
        let mut images = Vec::new();
        for (file, image) in read {
            match image {
                Ok(image) => images.push((file, image)),
                Err(error) => {
                    failures += 1;
                    bar.suspend(|| ui::say(&format!("error: {:#}", anyhow::Error::new(error))));
                }
            }
        }
        let pixels: Vec<GrayImage> = images.iter().map(|(_, image)| image.clone()).collect();
        for ((file, image), segmentation) in images.iter().zip(segmenter.segment_batch(&pixels)?) {
            if let Some(objection) = &segmentation.objection {
                let file = file.display();
                bar.suspend(|| {
                    ui::say(&format!("warning: `{file}` is no ultrasound: {objection}"));
                });
            }
            let row = write(&args.out, &stems[*file], file, image, &segmentation)?;
            let line = if args.json {
                serde_json::to_string(&row)?
            } else {
                csv(&row)
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

fn write(
    out: &Path,
    stem: &str,
    file: &Path,
    image: &GrayImage,
    segmentation: &Segmentation,
) -> Result<Row> {
    let paint = Paint {
        colour: PREDICTION,
        fill: 0.3,
    };
    let painted = overlay(image, &[(segmentation.mask.view(), paint)]);
    let mask = out.join(format!("{stem}_mask.png"));
    let overlay = out.join(format!("{stem}_overlay.png"));
    save(&mask, segmentation.mask_image().into())?;
    save(&overlay, painted.into())?;
    save(
        &out.join(format!("{stem}_probability.png")),
        segmentation.probability_image().into(),
    )?;
    let largest = segmentation
        .components
        .iter()
        .max_by_key(|component| component.area_px);
    Ok(Row {
        image: file.display().to_string(),
        width: image.width(),
        height: image.height(),
        presence: segmentation.presence,
        state: segmentation.presence_state,
        objection: segmentation.objection.clone(),
        nerve_found: segmentation.is_present(),
        area_px: segmentation.area_px,
        components: segmentation.components.len(),
        centroid: largest.map(|component| component.centroid),
        rle: rle::encode(segmentation.mask.view()).to_string(),
        mask: mask.display().to_string(),
        overlay: overlay.display().to_string(),
    })
}

fn save(path: &Path, picture: DynamicImage) -> Result<()> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, ImageFormat::Png)
        .with_context(|| format!("cannot encode `{}`", path.display()))?;
    Ok(write_atomic_bytes(path, bytes.get_ref())?)
}

fn csv(row: &Row) -> String {
    let quoted = |text: &str| match text.contains([',', '"', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    };
    let [centroid_row, centroid_column] =
        row.centroid.map_or([String::new(), String::new()], |c| {
            c.map(|v| format!("{v:.1}"))
        });
    format!(
        "{},{},{},{:.4},{},{},{},{centroid_row},{centroid_column},{},{}",
        quoted(&row.image),
        row.width,
        row.height,
        row.presence,
        row.nerve_found,
        row.area_px,
        row.components,
        quoted(&row.mask),
        quoted(&row.overlay),
    )
}
