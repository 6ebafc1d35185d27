//! `nerveseg demo`.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use nerveseg_data::phantom::PhantomConfig;
use nerveseg_train::TrainConfig;

use crate::commands::train::{Job, SplitChoice};
use crate::commands::{phantom, train};
use crate::inputs::DeviceArg;
use crate::outcome::Outcome;
use crate::ui;

/// Do everything once on generated data: phantoms, training, evaluation, report.
///
/// Scores on phantoms say that the machinery works and nothing about patients.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  nerveseg demo --out demo && open demo/run/report.html")]
pub(crate) struct DemoArgs {
    /// Folder to make; it gets `data/` and `run/`.
    #[arg(long, value_name = "DIR", default_value = "demo")]
    out: PathBuf,
    #[command(flatten)]
    device: DeviceArg,
    /// Seed of phantoms and training.
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

pub(crate) fn run(args: &DemoArgs) -> Result<Outcome> {
    let begin = Instant::now();
    let (data, out) = (args.out.join("data"), args.out.join("run"));
    let phantoms = PhantomConfig {
        subjects: 24,
        frames_per_subject: 16,
        width: 290,
        height: 210,
        seed: args.seed,
        ..PhantomConfig::default()
    };
    phantom::write(phantoms, &data)?;
    let config = TrainConfig {
        seed: args.seed,
        // phantoms are easier than people: the limit that means a leak on UNS means nothing here
        leak_alarm_dice: Some(1.0),
        ..TrainConfig::small()
    };
    let job = Job {
        title: "Demonstration on generated phantoms".to_owned(),
        data,
        out,
        device: args.device,
        split: SplitChoice::Holdout,
        exclude: None,
        skip_bad: false,
        json: false,
        fold: None,
    };
    let outcome = train::start(config, &job)?;
    ui::say(
        "these scores are of generated phantoms: the machinery works; they say nothing about patients",
    );
    ui::say(&format!(
        "done in {}",
        ui::duration(begin.elapsed().as_secs_f64())
    ));
    Ok(outcome)
}
