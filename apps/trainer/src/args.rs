//! What can be typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use nerveseg_model::{DeviceSpec, Upsample};

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
    after_help = "Start here:\n  nerveseg demo --out demo      everything once, on generated data\n  nerveseg audit DIR            what is wrong with a dataset\n  nerveseg train --data DIR --out RUN\n\nResults go to stdout, messages to stderr. Exit codes: 0 done, 1 failed, 2 misused, 130 interrupted."
)]
pub struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(DemoArgs),
    Phantom(PhantomArgs),
    Stats(StatsArgs),
    Audit(AuditArgs),
    Split(SplitArgs),
    Train(Box<TrainArgs>),
    Evaluate(EvaluateArgs),
    Calibrate(CalibrateArgs),
    Predict(PredictArgs),
    Submit(SubmitArgs),
    Info(InfoArgs),
    Bench(BenchArgs),
    Completions(CompletionsArgs),
}

/// Do everything once on generated data: phantoms, training, evaluation, report.
///
/// Scores on phantoms say that the machinery works and nothing about patients.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  nerveseg demo --out demo && open demo/run/report.html")]
pub(crate) struct DemoArgs {
    /// Folder to make; it gets `data/` and `run/`.
    #[arg(long, value_name = "DIR", default_value = "demo")]
    pub(crate) out: PathBuf,
    /// Where to compute: auto, cpu, ndarray, flex, wgpu or wgpu:N.
    #[arg(long, default_value = "auto")]
    pub(crate) device: DeviceSpec,
    /// Seed of phantoms and training.
    #[arg(long, default_value_t = 7)]
    pub(crate) seed: u64,
}

/// Generate ultrasound-like frames with masks, in the layout of UNS.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  nerveseg phantom --out phantoms --subjects 12 --frames 20 --seed 7"
)]
pub(crate) struct PhantomArgs {
    /// Folder to make; it gets `train/`, `train_masks.csv` and perhaps `test/`.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Number of subjects.
    #[arg(long, default_value_t = 12)]
    pub(crate) subjects: u32,
    /// Frames of each subject.
    #[arg(long, default_value_t = 20)]
    pub(crate) frames: u32,
    /// Frames without masks, of further subjects, for `nerveseg submit`.
    #[arg(long, default_value_t = 0)]
    pub(crate) test_frames: u32,
    /// Width and height of a frame in pixels.
    #[arg(long, value_name = "WxH", default_value = "580x420", value_parser = parse_size)]
    pub(crate) size: [u32; 2],
    /// Seed: equal seeds give equal files.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Share of frames with a nerve.
    #[arg(long, default_value_t = 0.41)]
    pub(crate) positives: f64,
    /// Label errors, from 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    pub(crate) label_noise: f64,
}

/// Print statistics of datasets side by side, as a Markdown table.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  nerveseg stats uns/train phantoms")]
pub(crate) struct StatsArgs {
    /// Folders in the layout of UNS.
    #[arg(required = true, value_name = "DIR")]
    pub(crate) folders: Vec<PathBuf>,
    /// Print JSON instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Look for everything that spoils training: broken files, odd masks, contradictory duplicates.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  nerveseg audit uns --out audit\n  nerveseg train --data uns --exclude audit/exclude.txt --out run\n\nExits with 1 if a file is broken."
)]
pub(crate) struct AuditArgs {
    /// Folder in the layout of UNS.
    #[arg(value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Print the whole report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Folder for `audit.html`, `audit.json` and `exclude.txt`.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// Split a dataset by subject into folds, and save them.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  nerveseg split uns --folds 5 --seed 1 --out splits.json\n  nerveseg split uns --together 17,18 --out splits.json   # `nerveseg audit` finds such groups\n  nerveseg train --data uns --split splits.json --fold 0 --out run"
)]
pub(crate) struct SplitArgs {
    /// Folder in the layout of UNS.
    #[arg(value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Number of folds, or 1 for a single train / validation / test split.
    #[arg(long, default_value_t = 5)]
    pub(crate) folds: usize,
    /// Share of subjects in validation and in test, for a single split.
    #[arg(long, default_value_t = 0.15)]
    pub(crate) holdout: f64,
    /// Subjects that are one person and stay in one part, such as `17,18`; may be repeated.
    #[arg(long, value_name = "LIST", value_parser = parse_group)]
    pub(crate) together: Vec<Group>,
    /// Seed of the draw.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// File to write.
    #[arg(long, value_name = "FILE", default_value = "splits.json")]
    pub(crate) out: PathBuf,
}

/// Train a network; writes a run folder with the artifact, the curves and a report.
///
/// Subjects never cross from training into validation or test. Without `--split` a split by
/// subject is drawn from the seed. Ctrl-C stops after the step; `--resume` goes on.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  nerveseg train --data uns --out run\n  nerveseg train --data uns --out run --resume\n  nerveseg train --data uns --out seed --preset seed --epochs 12 --device wgpu\n  nerveseg train --preset default --print-config > my.toml   # then edit, and:\n  nerveseg train --data uns --out run --config my.toml\n\nThe run folder: config.toml, splits.json, metrics.jsonl, curves.svg, best.safetensors,\nevaluation.json, report.html, checkpoint.safetensors."
)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag that a person types"
)]
pub(crate) struct TrainArgs {
    /// Folder in the layout of UNS.
    #[arg(long, value_name = "DIR", required_unless_present = "print_config")]
    pub(crate) data: Option<PathBuf>,
    /// Run folder to make, or to go on with.
    #[arg(long, value_name = "RUN", required_unless_present_any = ["print_config", "overfit_one_batch"])]
    pub(crate) out: Option<PathBuf>,
    /// Settings to start from: `seed` is the seed system's recipe, `default` ours, `small` a toy.
    #[arg(long, value_name = "NAME", value_parser = ["seed", "default", "small"])]
    pub(crate) preset: Option<String>,
    /// TOML file whose settings go over the preset's.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Where to compute: auto, cpu, ndarray, flex, wgpu or wgpu:N.
    #[arg(long, default_value = "auto")]
    pub(crate) device: DeviceSpec,
    /// Passes over the training cases.
    #[arg(long)]
    pub(crate) epochs: Option<u32>,
    /// Cases per step.
    #[arg(long)]
    pub(crate) batch_size: Option<usize>,
    /// Seed of weights, batches, augmentation and the split.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Split made by `nerveseg split`.
    #[arg(long, value_name = "FILE")]
    pub(crate) split: Option<PathBuf>,
    /// Fold of that file, from 0.
    #[arg(long, value_name = "K", requires = "split")]
    pub(crate) fold: Option<usize>,
    /// Split by frame, as the seed system did. This leaks: only for reproducing its number.
    #[arg(long, conflicts_with = "split")]
    pub(crate) leaky_frame_split: bool,
    /// Cases to leave out, one a line, as `nerveseg audit --out` writes them.
    #[arg(long, value_name = "FILE")]
    pub(crate) exclude: Option<PathBuf>,
    /// Go on without the files that are broken, naming each.
    #[arg(long)]
    pub(crate) skip_bad: bool,
    /// Go on with the run in `--out`.
    #[arg(long)]
    pub(crate) resume: bool,
    /// Dry run: learn one batch by heart, or say why not.
    #[arg(long)]
    pub(crate) overfit_one_batch: bool,
    /// Print the resolved settings as TOML and stop.
    #[arg(long)]
    pub(crate) print_config: bool,
    /// One JSON object a line on stdout: steps, epochs, alarms, the result.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which model, and where it computes.
#[derive(Debug, clap::Args)]
pub(crate) struct ModelArgs {
    /// Artifact, such as `RUN/best.safetensors`; without it the model inside this program.
    #[arg(long, value_name = "FILE")]
    pub(crate) model: Option<PathBuf>,
    /// Where to compute: auto, cpu, ndarray, flex, wgpu or wgpu:N.
    #[arg(long, default_value = "auto")]
    pub(crate) device: DeviceSpec,
}

impl ModelArgs {
    /// What messages call the model.
    pub(crate) fn name(&self) -> String {
        match &self.model {
            Some(file) => file.display().to_string(),
            None => "the bundled model".to_owned(),
        }
    }
}

/// Other thresholds than the model's own.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct ThresholdArgs {
    /// Probability from which a pixel belongs to the nerve, instead of the model's own.
    #[arg(long, value_name = "P")]
    pub(crate) threshold: Option<f32>,
    /// Presence below which a mask is emptied, instead of the model's own: higher leaves more frames
    /// empty, those without a nerve first.
    #[arg(long, value_name = "P")]
    pub(crate) presence_threshold: Option<f32>,
}

/// A part of a split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Subjects trained on: scores there say how well the network learned by heart.
    Train,
    /// Subjects that early stopping watched.
    Validation,
    /// Subjects never looked at.
    Test,
}

/// Which cases of which folder.
#[derive(Debug, clap::Args)]
pub(crate) struct CasesArgs {
    /// Folder in the layout of UNS.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Take only these subjects, such as `3,11,22`.
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        conflicts_with = "split"
    )]
    pub(crate) subjects: Vec<u32>,
    /// Take one part of this split.
    #[arg(long, value_name = "FILE")]
    pub(crate) split: Option<PathBuf>,
    /// Fold of the split, from 0.
    #[arg(long, value_name = "K", requires = "split", default_value_t = 0)]
    pub(crate) fold: usize,
    /// Part of the split.
    #[arg(long, requires = "split", default_value = "test")]
    pub(crate) part: Part,
}

/// Fit calibration and thresholds of a model to cases it was not trained on.
///
/// Fits the temperature of the pixels, the threshold of the mask, and how presence follows from the
/// presence head and the map. Sets of empty frames are rare, so windows beside the nerves of the frames
/// stand in for them.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  nerveseg calibrate --model run/best.safetensors --data uns --split run/splits.json --part validation --out model.safetensors"
)]
pub(crate) struct CalibrateArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    #[command(flatten)]
    pub(crate) cases: CasesArgs,
    /// Where to write the model with its new settings; without it they are only printed.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Take the settings of this model instead of fitting any: for one trained by the same recipe on
    /// everybody, the cases to calibrate with included.
    #[arg(long, value_name = "FILE", requires = "out")]
    pub(crate) like: Option<PathBuf>,
    /// Share of the frames with a nerve that must keep their mask.
    #[arg(long, default_value_t = 0.9)]
    pub(crate) sensitivity: f64,
    /// Share of the frames with a nerve that are called so for sure.
    #[arg(long, default_value_t = 0.7)]
    pub(crate) sure: f64,
    /// Seed of the windows, beside nerves and with them, that stand in for empty frames.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Score a model on labelled frames, beside the baselines and with intervals over subjects.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  nerveseg evaluate --model run/best.safetensors --data uns --split run/splits.json --part test\n  nerveseg evaluate --model model.safetensors --data held-out --json | jq .dice_positive"
)]
pub(crate) struct EvaluateArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    #[command(flatten)]
    pub(crate) cases: CasesArgs,
    #[command(flatten)]
    pub(crate) thresholds: ThresholdArgs,
    /// Bootstrap resamples over subjects.
    #[arg(long, default_value_t = 2000)]
    pub(crate) resamples: usize,
    /// Seed of the bootstrap.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
    /// Folder for `report.html`, `evaluation.json`, `cases.jsonl` and `trust.svg` (reliability of the
    /// pixels, what presence does at every threshold).
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// Find the nerve in images: masks, overlays, and one row an image on stdout.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  nerveseg predict --model run/best.safetensors --out masks frames/ 'more/*.png'\n\nWrites NAME_mask.png, NAME_overlay.png and NAME_probability.png."
)]
pub(crate) struct PredictArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    /// Folder for the pictures.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) thresholds: ThresholdArgs,
    /// One JSON object an image on stdout instead of CSV.
    #[arg(long)]
    pub(crate) json: bool,
    /// Images, folders or patterns.
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<String>,
}

/// Write a Kaggle submission for the frames of a test folder.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  nerveseg submit --model run/best.safetensors --data uns/test --out submission.csv\n\nThe competition gives a full point for an empty frame left empty, so a --presence-threshold higher\nthan the model's own often scores better."
)]
pub(crate) struct SubmitArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    #[command(flatten)]
    pub(crate) thresholds: ThresholdArgs,
    /// Folder with `1.tif`, `2.tif`, …, or one that holds it as `test/`.
    #[arg(long, value_name = "TEST_DIR")]
    pub(crate) data: PathBuf,
    /// File to write: `img,pixels`, sorted, empty for an empty mask.
    #[arg(long, value_name = "FILE", default_value = "submission.csv")]
    pub(crate) out: PathBuf,
}

/// Time a network: milliseconds a batch, images a second, share of the machine's peak, memory.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  nerveseg bench                                  the 32-512 network, one image, all cores\n  nerveseg bench --batch 8 --threads 4 --json\n  nerveseg bench --device flex --no-kernels       Burn's own layers\n  nerveseg bench --train --batch 8                forward, backward and Adam\n  nerveseg bench --model run/best.safetensors\n\nscripts/bench/compare runs it in turn with PyTorch, ONNX Runtime and OpenVINO."
)]
pub(crate) struct BenchArgs {
    /// Where to compute: auto, cpu, ndarray, flex, wgpu or wgpu:N.
    #[arg(long, default_value = "cpu")]
    pub(crate) device: DeviceSpec,
    /// Images that go through the network together, at most 8 for inference.
    #[arg(long, default_value_t = 1, value_parser = parse_count)]
    pub(crate) batch: usize,
    /// Threads; all cores if absent.
    #[arg(long, value_parser = parse_count)]
    pub(crate) threads: Option<usize>,
    /// Time a training step instead of inference.
    #[arg(long)]
    pub(crate) train: bool,
    /// Burn's own layers instead of our kernels, on flex and ndarray.
    #[arg(long)]
    pub(crate) no_kernels: bool,
    /// Instructions of our kernels: avx512, avx2 or portable; the best there are if absent.
    #[arg(long, value_name = "NAME")]
    pub(crate) isa: Option<String>,
    /// Time the network of an artifact.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["features", "upsample", "size"])]
    pub(crate) model: Option<PathBuf>,
    /// With --model: time everything from this image file to its mask, one image at a time.
    #[arg(long, value_name = "FILE", requires = "model", conflicts_with_all = ["batch", "train"])]
    pub(crate) file: Option<PathBuf>,
    /// Channels per level, from full resolution down.
    #[arg(long, value_delimiter = ',', default_value = "32,64,128,256,512")]
    pub(crate) features: Vec<usize>,
    /// How the decoder doubles height and width.
    #[arg(long, default_value = "transposed2x2")]
    pub(crate) upsample: UpsampleArg,
    /// Width and height of the network's input, or one number for both.
    #[arg(long, value_name = "WxH", default_value = "128", value_parser = parse_side)]
    pub(crate) size: [u32; 2],
    /// Seconds to measure; 7 runs at least.
    #[arg(long, default_value_t = 5.0)]
    pub(crate) seconds: f64,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// How a decoder enlarges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum UpsampleArg {
    /// 2x2 transposed convolution.
    #[value(name = "transposed2x2")]
    Transposed2x2,
    /// 3x3 transposed convolution.
    #[value(name = "transposed3x3")]
    Transposed3x3,
    /// 1x1 convolution and bilinear enlargement.
    Bilinear,
}

impl From<UpsampleArg> for Upsample {
    fn from(arg: UpsampleArg) -> Self {
        match arg {
            UpsampleArg::Transposed2x2 => Self::Transposed2x2,
            UpsampleArg::Transposed3x3 => Self::Transposed3x3,
            UpsampleArg::Bilinear => Self::Bilinear,
        }
    }
}

/// Say what is in an artifact or a preset, or which devices there are.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  nerveseg info                       version and devices\n  nerveseg info run/best.safetensors\n  nerveseg info --preset seed"
)]
pub(crate) struct InfoArgs {
    /// Artifact to describe.
    #[arg(value_name = "FILE", conflicts_with = "preset")]
    pub(crate) file: Option<PathBuf>,
    /// Preset to describe.
    #[arg(long, value_name = "NAME", value_parser = ["seed", "default", "small"])]
    pub(crate) preset: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Print a completion script for a shell.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  nerveseg completions bash > ~/.local/share/bash-completion/completions/nerveseg"
)]
pub(crate) struct CompletionsArgs {
    /// Shell to complete for.
    pub(crate) shell: clap_complete::Shell,
}

/// Subjects that belong together.
#[derive(Clone, Debug)]
pub(crate) struct Group(pub(crate) Vec<u32>);

/// Parses `17,18`.
fn parse_group(text: &str) -> Result<Group, String> {
    let subjects: Result<Vec<u32>, _> = text.split(',').map(str::parse).collect();
    match subjects {
        Ok(subjects) if subjects.len() > 1 => Ok(Group(subjects)),
        _ => Err("expected two or more subjects, such as 17,18".to_owned()),
    }
}

fn parse_count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count @ 1..) => Ok(count),
        _ => Err("expected a number from 1".to_owned()),
    }
}

fn parse_side(text: &str) -> Result<[u32; 2], String> {
    match text.parse() {
        Ok(side) => Ok([side; 2]),
        Err(_) => parse_size(text),
    }
}

/// Parses `580x420` as `[width, height]`.
fn parse_size(text: &str) -> Result<[u32; 2], String> {
    let parts: Option<Vec<u32>> = text.split('x').map(|part| part.parse().ok()).collect();
    match parts.as_deref() {
        Some(&[width, height]) => Ok([width, height]),
        _ => Err("expected WIDTHxHEIGHT, such as 580x420".to_owned()),
    }
}
