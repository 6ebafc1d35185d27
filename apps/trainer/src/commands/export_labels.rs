//! `nerveseg export-labels`.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ValueEnum;
use nerveseg_import::{ExportFormat, export_labels};
use serde::Serialize;

use crate::outcome::Outcome;
use crate::{inputs, ui};

/// Write the labels of a dataset as COCO, LabelMe or nnU-Net, with their images.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  nerveseg export-labels uns --format coco --out coco\n  nerveseg export-labels uns --format nnunet --out nnUNet_raw/Dataset001_Plexus"
)]
pub(crate) struct ExportLabelsArgs {
    /// Folder in the layout of UNS.
    #[arg(value_name = "DATA")]
    data: PathBuf,
    /// Layout to write.
    #[arg(long, value_name = "NAME")]
    format: Format,
    /// Folder to make; it must not exist, or be empty.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Print JSON instead of a sentence.
    #[arg(long)]
    json: bool,
}

/// What was written, for programs.
#[derive(Debug, Serialize)]
struct Exported<'a> {
    format: &'static str,
    out: &'a Path,
    images: usize,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// One `annotations.json`: polygons, or run lengths where a nerve has holes.
    Coco,
    /// A JSON file beside each image.
    Labelme,
    /// nnU-Net v2: PNG images, masks of 0 and 1, `dataset.json`.
    Nnunet,
}

pub(crate) fn run(args: &ExportLabelsArgs) -> Result<Outcome> {
    let (format, name) = match args.format {
        Format::Coco => (ExportFormat::Coco, "coco"),
        Format::Labelme => (ExportFormat::LabelMe, "labelme"),
        Format::Nnunet => (ExportFormat::NnUNet, "nnunet"),
    };
    let dataset = inputs::dataset(&args.data, None)?;
    let total = dataset.cases().len();
    let count = ui::with_bar("exporting", total, |progress| {
        export_labels(&dataset, format, &args.out, progress)
    })?;
    if args.json {
        ui::print(&serde_json::to_string_pretty(&Exported {
            format: name,
            out: &args.out,
            images: count,
        })?)?;
    }
    ui::say(&format!("{count} labels in `{}`", args.out.display()));
    Ok(Outcome::Done)
}
