//! `nerveseg stats`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use nerveseg_data::stats::{DatasetStats, comparison_table};

use crate::outcome::Outcome;
use crate::{inputs, ui};

/// Print statistics of datasets side by side, as a Markdown table.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  nerveseg stats uns/train phantoms")]
pub(crate) struct StatsArgs {
    /// Folders in the layout of UNS.
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &StatsArgs) -> Result<Outcome> {
    let mut sets = Vec::new();
    for folder in &args.folders {
        let dataset = inputs::dataset(folder, None)?;
        let total = dataset.cases().len();
        let stats = ui::with_bar("measuring", total, |p| DatasetStats::collect(&dataset, p))?;
        sets.push((folder.display().to_string(), stats));
    }
    if args.json {
        let sets: BTreeMap<String, DatasetStats> = sets.into_iter().collect();
        ui::print(&serde_json::to_string_pretty(&sets)?)?;
    } else {
        let sets: Vec<(&str, DatasetStats)> = sets
            .iter()
            .map(|(name, stats)| (name.as_str(), stats.clone()))
            .collect();
        ui::print(&comparison_table(&sets))?;
    }
    Ok(Outcome::Done)
}
