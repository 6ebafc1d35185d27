//! `nerveseg export-labels`.

use std::path::PathBuf;

use anyhow::Result;
use clap::ValueEnum;
use nerveseg_import::{ExportFormat, export_labels};

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
    let format = match args.format {
        Format::Coco => ExportFormat::Coco,
        Format::Labelme => ExportFormat::LabelMe,
        Format::Nnunet => ExportFormat::NnUNet,
    };
    let dataset = inputs::dataset(&args.data, None)?;
    let total = dataset.cases().len();
    let count = ui::with_bar("exporting", total, |progress| {
        export_labels(&dataset, format, &args.out, progress)
    })?;
    ui::say(&format!("{count} labels in `{}`", args.out.display()));
    Ok(Outcome::Done)
}
