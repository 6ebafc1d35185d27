//! `nerveseg bench`.

mod args;
mod peak;
mod report;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use ndarray::Array2;
use nerveseg_model::kernels::{Engine, Isa, Team};
use nerveseg_model::{
    Manifest, OpenDevice, Provenance, Segmenter, UNetConfig, artifact, read_image, set_cpu_engine,
};
use nerveseg_train::TrainConfig;
use nerveseg_train::settings::LossConfig;
use nerveseg_train::step::Rehearsal;

use crate::outcome::Outcome;
use crate::ui;

pub(crate) use args::BenchArgs;

use report::Report;

/// Runs before the clock starts: caches fill, threads start, a GPU compiles its kernels.
const WARM_UP: usize = 4;

pub(crate) fn run(args: &BenchArgs) -> Result<Outcome> {
    let engine = engine(args)?;
    let threads = engine.team().threads();
    let device = args.device.open()?;
    let before = memory("VmRSS");
    let config = config(args)?;
    let [height, width] = [config.preprocess.height, config.preprocess.width];
    let mut work = work(args, &config, &device)?;
    let times = measure(args, &mut work)?;
    let (peak, held) = (memory("VmHWM"), before);
    let peak_gflops = peak::gflops(&engine);

    let median = times[times.len() / 2];
    // the way back costs twice the way there
    let passes = if args.train { 3.0 } else { 1.0 };
    let work = passes * config.unet.flops([height, width]) * args.batch as f64;
    let gflops = work / median / 1e9;
    let report = Report {
        task: if args.train { "train" } else { "infer" },
        device: args.device.spec.to_string(),
        device_name: device.name.clone(),
        kernels: !args.no_kernels,
        batch: args.batch,
        threads,
        height,
        width,
        features: config.unet.features.clone(),
        parameters: config.unet.parameter_counts().trainable,
        runs: times.len(),
        median_ms: median * 1e3,
        min_ms: times[0] * 1e3,
        max_ms: times[times.len() - 1] * 1e3,
        images_per_s: args.batch as f64 / median,
        gflops,
        peak_gflops,
        peak_share: gflops / peak_gflops,
        peak_mib: peak,
        engine_mib: peak.zip(held).map(|(peak, held)| peak.saturating_sub(held)),
    };
    if args.json {
        ui::print(&serde_json::to_string(&report)?)?;
    } else {
        ui::print(&report.describe())?;
    }
    Ok(Outcome::Done)
}

/// Settles threads and instructions, of our kernels and of Burn.
fn engine(args: &BenchArgs) -> Result<Engine> {
    let isa = match &args.isa {
        None => Isa::best(),
        Some(name) => Isa::named(name).with_context(|| {
            let names: Vec<_> = Isa::available().iter().map(|isa| isa.name()).collect();
            format!("this processor has no `{name}`, only {}", names.join(", "))
        })?,
    };
    let team = Team::new(args.threads.unwrap_or(0))?;
    rayon::ThreadPoolBuilder::new()
        .num_threads(team.threads())
        .build_global()
        .context("cannot start threads")?;
    let engine = Engine::with_isa(isa, Arc::new(team));
    set_cpu_engine(engine.clone());
    Ok(engine)
}

/// The network to time, with the user's loss and optimiser.
fn config(args: &BenchArgs) -> Result<TrainConfig> {
    let mut config = TrainConfig::preset("seed")?;
    config.batch_size = args.batch;
    config.loss = LossConfig {
        bce: 1.0,
        ..LossConfig::none()
    };
    if let Some(model) = &args.model {
        let (_, manifest) = artifact::load(model)?;
        config.unet = manifest.unet;
        config.preprocess = manifest.preprocess;
    } else {
        config.unet = UNetConfig {
            features: args.features.clone(),
            upsample: args.upsample.into(),
            presence_head: false,
            dropout: 0.0,
            ..UNetConfig::standard()
        };
        [config.preprocess.width, config.preprocess.height] = args.size.map(|side| side as usize);
    }
    Ok(config)
}

/// One run of what is timed.
type Work = Box<dyn FnMut() -> Result<()>>;

fn work(args: &BenchArgs, config: &TrainConfig, device: &OpenDevice) -> Result<Work> {
    if args.train {
        let mut rehearsal = Rehearsal::new(config.clone(), &device.device, !args.no_kernels)?;
        return Ok(Box::new(move || {
            rehearsal.step()?;
            Ok(())
        }));
    }
    if let (Some(model), Some(file)) = (&args.model, &args.file) {
        let segmenter = Segmenter::from_file(model, args.device.spec)?;
        let file = file.clone();
        return Ok(Box::new(move || {
            segmenter.segment(&read_image(&file)?)?;
            Ok(())
        }));
    }
    let unet = config.unet.init(config.seed, &device.device)?;
    let manifest = Manifest::new(
        config.unet.clone(),
        config.preprocess.clone(),
        config.postprocess.clone(),
        Provenance::default(),
    );
    let unet = unet.with_kernels(!args.no_kernels);
    let segmenter = Segmenter::from_parts(unet, manifest, device.clone())?;
    let (height, width) = (config.preprocess.height, config.preprocess.width);
    let wave = |(y, x): (usize, usize)| ((y * width + x) as f32 * 0.37).sin();
    let images = vec![Array2::from_shape_fn((height, width), wave); args.batch];
    Ok(Box::new(move || {
        segmenter.predict(&images)?;
        Ok(())
    }))
}

/// Seconds of every run, from the fastest to the slowest.
fn measure(args: &BenchArgs, work: &mut Work) -> Result<Vec<f64>> {
    for _ in 0..WARM_UP {
        work()?;
    }
    let (begin, limit) = (Instant::now(), Duration::from_secs_f64(args.seconds));
    let mut times = Vec::new();
    while times.len() < 7 || (times.len() < 200 && begin.elapsed() < limit) {
        let start = Instant::now();
        work()?;
        times.push(start.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// A line of `/proc/self/status` in MiB, where there is such a file.
fn memory(what: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(what))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024)
}
