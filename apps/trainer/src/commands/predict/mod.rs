//! `nerveseg predict`.

mod answers;
mod columns;
mod existing;
mod pictures;
mod plan;
mod row;
mod run;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Instant;

use anyhow::Result;

use crate::inputs::{ModelArgs, Skipped, ThresholdArgs};
use crate::outcome::Outcome;
use crate::{inputs, interrupt, memory, outputs, ui};

use existing::ExistingArgs;
use row::Failure;
use run::Run;
use writer::Writer;

/// Find the nerve in images: masks, overlays, and one row a frame on stdout and in a table.
///
/// Folders are walked, and mirrored in `--out`. Masks, hidden files and what an earlier run wrote are
/// left out. Nothing is written over a file of another run unless `--overwrite` says so.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  nerveseg predict --model run/best.safetensors --out masks frames/ 'more/*.png'\n  nerveseg predict --out masks --skip-done patients/\n\nWrites NAME.nerve-mask.png, NAME.nerve-overlay.png and NAME.nerve-probability.png of every image, where\nNAME is that of the file with its extension, and predictions.csv and predictions.jsonl."
)]
pub(crate) struct PredictArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// Folder for the pictures and the table.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    thresholds: ThresholdArgs,
    #[command(flatten)]
    existing: ExistingArgs,
    /// Only this frame of every file, from 0, instead of all.
    #[arg(long, value_name = "K")]
    frame: Option<u32>,
    /// This region of tissue, from 0, where a DICOM names several, instead of the largest.
    #[arg(long, value_name = "K")]
    region: Option<u32>,
    /// One JSON object a frame on stdout instead of CSV.
    #[arg(long)]
    json: bool,
    /// Images, folders or patterns.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<String>,
}

pub(crate) fn run(args: &PredictArgs) -> Result<Outcome> {
    memory::keep_freed();
    let images = inputs::images(&args.inputs)?;
    if images.skipped != Skipped::default() {
        ui::say(&format!("note: {}", images.skipped));
    }
    args.existing.check(&args.out, &images.sources)?;
    let segmenter = args.model.open_with(args.thresholds)?;
    outputs::make_folder(&args.out)?;
    let model = plan::model(&segmenter, args.region)?;
    let (answers, plans) = plan::plan(
        &args.out,
        args.existing,
        &images.sources,
        args.frame,
        &model,
    )?;
    let begin = Instant::now();
    let bar = ui::bar("segmenting", plans.len());
    let stop = interrupt::stop_flag();
    let (batches, painted) = sync_channel(1);
    let run = Run {
        args,
        reader: &inputs::reader()?,
        segmenter: &segmenter,
        model: &model,
        bar: bar.clone(),
        stop: Arc::clone(&stop),
        batches,
    };
    let mut writer = Writer {
        args,
        answers,
        bar,
        failures: Vec::new(),
        finished: 0,
        stdout: Ok(()),
    };
    for (path, error) in images.failures {
        ui::say(&format!(
            "error: cannot look into `{}`: {error:#}",
            path.display()
        ));
        writer.failures.push(Failure::new(&path, 0, &error));
    }
    if !args.json {
        writer.print(&columns::header()?);
    }
    let (mut written, mut ending) = (Ok(()), Ok(()));
    thread::scope(|scope| {
        scope.spawn(|| written = writer.all(painted));
        ending = run.all(&plans);
    });
    writer.bar.finish_and_clear();
    let table = writer.answers.write_table(&writer.failures)?;
    written.and(ending)?;
    let done: usize = plans.iter().map(|plan| plan.done.len()).sum();
    if args.existing.skip_done {
        ui::say(&format!("{done} images were done before"));
    }
    ui::say(&format!(
        "{} images in {:.1} s, pictures in `{}`, table in `{}`",
        writer.finished,
        begin.elapsed().as_secs_f64(),
        args.out.display(),
        table.display()
    ));
    if !writer.failures.is_empty() {
        ui::say(&format!(
            "{} failed; the table says why, and `--skip-done` tries them again",
            writer.failures.len()
        ));
    }
    writer.stdout?;
    Ok(if stop.load(Ordering::Relaxed) {
        Outcome::Interrupted
    } else if writer.failures.is_empty() {
        Outcome::Done
    } else {
        Outcome::Failed
    })
}
