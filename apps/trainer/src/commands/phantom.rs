//! `nerveseg phantom`.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use nerveseg_data::phantom::{Phantom, PhantomConfig};

use crate::args::PhantomArgs;
use crate::{Outcome, ui};

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
