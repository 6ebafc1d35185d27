//! `nerveseg import`.

use std::path::PathBuf;

use anyhow::Result;
use nerveseg_import::{ImportOptions, Imported, LAYOUTS, LabelChoice, Layout, SubjectRule, import};

use crate::outcome::Outcome;
use crate::{inputs, ui};

/// Make a folder in the layout of UNS from nnU-Net, COCO, LabelMe, CVAT, DICOM SEG, or folders of pictures.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  nerveseg import nnUNet_raw/Dataset001_Plexus --out uns\n  nerveseg import coco --out uns --labels nerve --subject-from '^([^_]+)_'\n  nerveseg import scans --out uns --subject-from folder   # scans/ANNA/1.png, scans/ANNA/1_mask.png\n\nThe source is only read. `DIR/import.csv` says what became of each image."
)]
pub(crate) struct ImportArgs {
    /// Folder to import.
    #[arg(value_name = "SRC")]
    source: PathBuf,
    /// Folder to make; it must not exist, or be empty.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Layout of the source, if it is not to be recognised.
    #[arg(long, value_name = "NAME", value_parser = layout)]
    format: Option<&'static Layout>,
    /// Name of the label that is the nerve, where there are several.
    #[arg(long, value_name = "NAME")]
    labels: Option<String>,
    /// Number of the label or segment that is the nerve, where there are several.
    #[arg(long, value_name = "N", conflicts_with = "labels")]
    label_value: Option<u16>,
    /// Which part of a path is the person: `folder`, or a regular expression with a group.
    #[arg(long, value_name = "REGEX|folder", value_parser = subjects)]
    subject_from: Option<SubjectRule>,
    /// Copy images; without it they are second names (hard links) of the same files.
    #[arg(long)]
    copy: bool,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

fn layout(name: &str) -> Result<&'static Layout, String> {
    let known = || {
        LAYOUTS
            .iter()
            .map(|it| it.name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let layout = LAYOUTS.iter().find(|it| it.name == name);
    layout.ok_or_else(|| format!("expected one of {}", known()))
}

fn subjects(text: &str) -> Result<SubjectRule, String> {
    text.parse()
        .map_err(|error: nerveseg_import::ImportError| error.to_string())
}

pub(crate) fn run(args: &ImportArgs) -> Result<Outcome> {
    let options = ImportOptions {
        layout: args.format,
        labels: LabelChoice {
            name: args.labels.clone(),
            value: args.label_value,
        },
        subjects: args.subject_from.clone().unwrap_or_default(),
        copy: args.copy,
        reader: inputs::reader()?,
    };
    let bar = ui::bar("importing", 0);
    let done = import(&args.source, &args.out, &options, &|done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let done = done?;
    ui::say(&format!("`{}` is {}", args.source.display(), done.title));
    for note in &done.notes {
        ui::say(&format!("note: {note}"));
    }
    ui::print(&if args.json {
        serde_json::to_string_pretty(&done)?
    } else {
        table(&done)
    })?;
    ui::say(&format!(
        "{} images in `{}`; look at it with `nerveseg audit {}`",
        done.rows.len(),
        args.out.display(),
        args.out.display()
    ));
    Ok(Outcome::Done)
}

/// What became of each image.
fn table(done: &Imported) -> String {
    let names = done.rows.iter().map(|row| row.source.chars().count());
    let width = names.max().unwrap_or(0).max("source".len());
    let mut text = format!("{:width$}  person  subject  image\n", "source");
    for row in &done.rows {
        text += &format!(
            "{:width$}  {}  {}  {}\n",
            row.source, row.subject_name, row.subject, row.image
        );
    }
    text
}
