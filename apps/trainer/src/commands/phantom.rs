//! `nerveseg phantom`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use nerveseg_data::phantom::{Phantom, PhantomConfig};

use crate::inputs::parse_size;
use crate::outcome::Outcome;
use crate::ui;

/// Generate ultrasound-like frames with masks, in the layout of UNS.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  nerveseg phantom --out phantoms --subjects 12 --frames 20 --seed 7"
)]
pub(crate) struct PhantomArgs {
    /// Folder to make; it gets `train/`, `train_masks.csv` and perhaps `test/`.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Number of subjects.
    #[arg(long, default_value_t = 12)]
    subjects: u32,
    /// Frames of each subject.
    #[arg(long, default_value_t = 20)]
    frames: u32,
    /// Frames without masks, of further subjects, for `nerveseg submit`.
    #[arg(long, default_value_t = 0)]
    test_frames: u32,
    /// Width and height of a frame in pixels.
    #[arg(long, value_name = "WxH", default_value = "580x420", value_parser = parse_size)]
    size: [u32; 2],
    /// Seed: equal seeds give equal files.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Share of frames with a nerve.
    #[arg(long, default_value_t = 0.41)]
    positives: f64,
    /// Label errors, from 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    label_noise: f64,
}

pub(crate) fn run(args: &PhantomArgs) -> Result<Outcome> {
    let config = PhantomConfig {
        subjects: args.subjects,
        frames_per_subject: args.frames,
        test_frames: args.test_frames,
        width: args.size[0],
        height: args.size[1],
        seed: args.seed,
        positive_fraction: args.positives,
        label_noise: args.label_noise,
    };
    write(config, &args.out)?;
    Ok(Outcome::Done)
}

/// Writes the set under a bar and says how long it took.
pub(crate) fn write(config: PhantomConfig, out: &Path) -> Result<()> {
    let phantom = Phantom::new(config)?;
    let (begin, count) = (Instant::now(), phantom.frame_count());
    ui::with_bar("phantoms", count, |progress| phantom.write(out, progress))?;
    let seconds = begin.elapsed().as_secs_f64();
    ui::say(&format!(
        "{count} generated frames in `{}` ({seconds:.1} s)",
        out.display()
    ));
    Ok(())
}
