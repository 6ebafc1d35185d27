//! The commands.

use anyhow::Result;
use clap::{CommandFactory as _, Parser, Subcommand};

use crate::commands::{
    audit, bench, calibrate, compare, completions, demo, evaluate, export_labels, import, info,
    phantom, predict, split, stats, submit, train,
};
use crate::outcome::Outcome;

/// Finds the brachial plexus in ultrasound: audit data, train, evaluate, predict.
///
/// Research use only, not for clinical use.
#[derive(Debug, Parser)]
#[command(
    name = "nerveseg",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
#[command(
    after_help = "Start here:\n  nerveseg demo --out demo      everything once, on generated data\n  nerveseg import SRC --out DIR from nnU-Net, COCO, LabelMe, CVAT or folders\n  nerveseg audit DIR            what is wrong with a dataset\n  nerveseg train --data DIR --out RUN\n\nResults go to stdout, messages to stderr. Exit codes: 0 done, 1 failed, 2 misused, 130 interrupted."
)]
pub struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(demo::DemoArgs),
    Phantom(phantom::PhantomArgs),
    Stats(stats::StatsArgs),
    Import(import::ImportArgs),
    Audit(audit::AuditArgs),
    Split(split::SplitArgs),
    Train(Box<train::TrainArgs>),
    Evaluate(evaluate::EvaluateArgs),
    Compare(compare::CompareArgs),
    Calibrate(calibrate::CalibrateArgs),
    Predict(predict::PredictArgs),
    Submit(submit::SubmitArgs),
    ExportLabels(export_labels::ExportLabelsArgs),
    Info(info::InfoArgs),
    Bench(bench::BenchArgs),
    Completions(completions::CompletionsArgs),
}

impl Command {
    /// Runs it.
    pub(crate) fn run(self) -> Result<Outcome> {
        match self {
            Self::Demo(args) => demo::run(&args),
            Self::Phantom(args) => phantom::run(&args),
            Self::Stats(args) => stats::run(&args),
            Self::Import(args) => import::run(&args),
            Self::Audit(args) => audit::run(&args),
            Self::Split(args) => split::run(&args),
            Self::Train(args) => train::run(&args),
            Self::Evaluate(args) => evaluate::run(&args),
            Self::Compare(args) => compare::run(&args),
            Self::Calibrate(args) => calibrate::run(&args),
            Self::Predict(args) => predict::run(&args),
            Self::Submit(args) => submit::run(&args),
            Self::ExportLabels(args) => export_labels::run(&args),
            Self::Info(args) => info::run(&args),
            Self::Bench(args) => bench::run(&args),
            Self::Completions(args) => completions::run(&args, &mut Args::command()),
        }
    }
}
