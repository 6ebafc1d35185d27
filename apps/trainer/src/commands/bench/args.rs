//! What `nerveseg bench` is told.

use std::path::PathBuf;

use clap::ValueEnum;
use nerveseg_model::Upsample;

use crate::inputs::{DeviceArg, parse_size};

/// Time a network: milliseconds a batch, images a second, share of the machine's peak, memory.
#[derive(Debug, clap::Args)]
#[command(
    mut_arg("device", |device| device.default_value("cpu")),
    after_help = "Examples:\n  nerveseg bench                                  the 32-512 network, one image, all cores\n  nerveseg bench --batch 8 --threads 4 --json\n  nerveseg bench --device flex --no-kernels       Burn's own layers\n  nerveseg bench --train --batch 8                forward, backward and Adam\n  nerveseg bench --model run/best.safetensors\n\nscripts/bench/compare runs it in turn with PyTorch, ONNX Runtime and OpenVINO."
)]
pub(crate) struct BenchArgs {
    #[command(flatten)]
    pub(super) device: DeviceArg,
    /// Images that go through the network together, at most 8 for inference.
    #[arg(long, default_value_t = 1, value_parser = parse_count)]
    pub(super) batch: usize,
    /// Threads; all cores if absent.
    #[arg(long, value_parser = parse_count)]
    pub(super) threads: Option<usize>,
    /// Time a training step instead of inference.
    #[arg(long)]
    pub(super) train: bool,
    /// Burn's own layers instead of our kernels, on flex and ndarray.
    #[arg(long)]
    pub(super) no_kernels: bool,
    /// Instructions of our kernels: avx512, avx2 or portable; the best there are if absent.
    #[arg(long, value_name = "NAME")]
    pub(super) isa: Option<String>,
    /// Time the network of an artifact.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["features", "upsample", "size"])]
    pub(super) model: Option<PathBuf>,
    /// With --model: time everything from this image file to its mask, one image at a time.
    #[arg(long, value_name = "FILE", requires = "model", conflicts_with_all = ["batch", "train"])]
    pub(super) file: Option<PathBuf>,
    /// Channels per level, from full resolution down.
    #[arg(long, value_delimiter = ',', default_value = "32,64,128,256,512")]
    pub(super) features: Vec<usize>,
    /// How the decoder doubles height and width.
    #[arg(long, default_value = "transposed2x2")]
    pub(super) upsample: UpsampleArg,
    /// Width and height of the network's input, or one number for both.
    #[arg(long, value_name = "WxH", default_value = "128", value_parser = parse_side)]
    pub(super) size: [u32; 2],
    /// Seconds to measure; 7 runs at least.
    #[arg(long, default_value_t = 5.0)]
    pub(super) seconds: f64,
    /// Print one JSON object.
    #[arg(long)]
    pub(super) json: bool,
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
