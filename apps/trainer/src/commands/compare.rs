//! `nerveseg compare`.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use image::{ImageFormat, RgbImage};
use nerveseg_data::Dataset;
use nerveseg_metrics::{Comparison, EvaluationOptions};
use nerveseg_model::Segmenter;
use nerveseg_train::compare::{FrameRow, Paired, change_sheet, compare};
use serde::Serialize;

use crate::inputs::{Cases, CasesArgs, DeviceArg, whole};
use crate::outcome::Outcome;
use crate::outputs::{Overwrite, OverwriteArg};
use crate::seen::Seen;
use crate::{inputs, outputs, ui};

/// Say whether model B is better than model A on the same frames: differences with intervals over
/// subjects.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  nerveseg compare old.safetensors new.safetensors --data uns --split splits.json --part test\n  nerveseg compare bundled run/best.safetensors --data uns --out changes\n  nerveseg compare a.safetensors b.safetensors --data uns --json | jq .verdict\n\nBetter or worse: the 95 % interval of B - A holds no 0. One person has no interval."
)]
pub(crate) struct CompareArgs {
    /// Artifact to compare with; `bundled` is the model inside this program.
    #[arg(value_name = "A")]
    a: PathBuf,
    /// Artifact that may be better; `bundled` is the model inside this program.
    #[arg(value_name = "B")]
    b: PathBuf,
    #[command(flatten)]
    device: DeviceArg,
    #[command(flatten)]
    cases: CasesArgs,
    /// Bootstrap resamples over subjects.
    #[arg(long, default_value_t = 2000)]
    resamples: usize,
    /// Seed of the bootstrap.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Print one JSON object instead of tables.
    #[arg(long)]
    json: bool,
    /// Folder for `comparison.json`, `frames.csv` (a row a frame) and `changes.png` (the frames that
    /// changed most: the truth, A and B side by side).
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Frames in `changes.png`, with a nerve and without in turn.
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = whole::<u16>)]
    frames: u16,
    #[command(flatten)]
    overwrite: OverwriteArg,
}

/// The differences, and which models they are of, for programs.
#[derive(Serialize)]
struct Answer<'a> {
    a: Model,
    b: Model,
    #[serde(flatten)]
    comparison: &'a Comparison,
}

/// One of the two models.
#[derive(Serialize)]
struct Model {
    name: String,
    sha256: String,
    seen_before: Vec<Seen>,
}

/// What is written to the folder.
const FILES: [&str; 3] = ["comparison.json", "frames.csv", "changes.png"];

pub(crate) fn run(args: &CompareArgs) -> Result<Outcome> {
    let overwrite = Overwrite::from(args.overwrite);
    overwrite.check_in(args.out.as_deref(), &FILES)?;
    let Cases { whole, chosen, .. } = args.cases.open()?;
    let [a, b] = [open(&args.a, args.device)?, open(&args.b, args.device)?];
    let options = EvaluationOptions {
        resamples: args.resamples,
        seed: args.seed,
    };
    let bar = ui::bar("comparing", chosen.cases().len());
    let progress = &mut |done: usize| bar.set_position(done as u64);
    let paired = compare([&a, &b], &chosen, &options, progress);
    bar.finish_and_clear();
    let paired = paired?;
    inputs::say_frames(&chosen);
    ui::say_each(&chosen.mask_survey().remarks());
    let model = |letter, path: &Path, segmenter: &Segmenter| {
        let seen_before = Seen::of(segmenter.manifest(), &whole, &chosen)?;
        for seen in &seen_before {
            ui::say(&format!("warning: {letter}: {}", seen.warning()));
        }
        anyhow::Ok(Model {
            name: path.display().to_string(),
            sha256: segmenter.manifest().sha256.clone(),
            seen_before,
        })
    };
    let json = serde_json::to_string_pretty(&Answer {
        a: model('A', &args.a, &a)?,
        b: model('B', &args.b, &b)?,
        comparison: &paired.comparison,
    })?;
    if let Some(out) = &args.out {
        outputs::make_folder(out)?;
        overwrite.write(&out.join("comparison.json"), json.as_bytes())?;
        overwrite.write(&out.join("frames.csv"), &table(&paired.frames)?)?;
        draw(args, [&a, &b], &chosen, &paired, out)?;
    }
    ui::print(&if args.json {
        json
    } else {
        let [a, b] = [&args.a, &args.b].map(|path| path.display());
        format!("A: {a}\nB: {b}\n{}", paired.comparison)
    })?;
    Ok(Outcome::Done)
}

/// Opens the artifact, or the model inside this program.
fn open(path: &Path, device: DeviceArg) -> Result<Segmenter> {
    if path == Path::new("bundled") {
        return inputs::model(None, "the bundled model", device);
    }
    inputs::model(Some(path), &path.display().to_string(), device)
}

/// The rows of all frames as CSV.
fn table(frames: &[FrameRow]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for frame in frames {
        writer.serialize(frame)?;
    }
    writer.into_inner().context("cannot write the table")
}

/// Writes the picture of the frames that changed most.
fn draw(
    args: &CompareArgs,
    segmenters: [&Segmenter; 2],
    dataset: &Dataset,
    paired: &Paired,
    out: &Path,
) -> Result<()> {
    let path = out.join("changes.png");
    match change_sheet(segmenters, dataset, paired, usize::from(args.frames))? {
        Some(sheet) => {
            Overwrite::from(args.overwrite).write(&path, &png(&sheet)?)?;
            ui::say(&format!("picture: {}", path.display()));
        }
        None => ui::say("no frame changed: there is no `changes.png`"),
    }
    Ok(())
}

fn png(picture: &RgbImage) -> Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png)?;
    Ok(bytes.into_inner())
}
