//! One frame after another: read, segmented, its pictures, its row.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, anyhow};
use indicatif::ProgressBar;
use nerveseg_data::{Frame, Pick, Reader};
use nerveseg_model::{Segmentation, Segmenter};
use rayon::prelude::*;

use super::PredictArgs;
use super::answers::Answers;
use super::pictures::{Pictures, frame_name};
use super::plan::Plan;
use super::row::{Failure, Origin, Row};
use crate::ui;

/// Images in memory at a time.
const CHUNK: usize = 8;

/// A run through all files. What goes wrong with one is kept for the end.
pub(super) struct Run<'a> {
    pub(super) args: &'a PredictArgs,
    pub(super) reader: &'a Reader,
    pub(super) segmenter: &'a Segmenter,
    /// Digest of the model and its settings.
    pub(super) model: &'a str,
    pub(super) answers: Answers,
    pub(super) bar: ProgressBar,
    /// Raised when the run is to end early.
    pub(super) stop: Arc<AtomicBool>,
    pub(super) failures: Vec<Failure>,
    pub(super) finished: usize,
    /// What went wrong with stdout, which stops nothing.
    pub(super) stdout: Result<()>,
}

/// A frame that is to be segmented.
#[derive(Clone, Copy)]
struct Item<'a> {
    plan: &'a Plan<'a>,
    frame: u32,
}

impl Run<'_> {
    /// Does what is not done; stops early when it is told to, or when the device fails.
    pub(super) fn all(&mut self, plans: &[Plan<'_>]) -> Result<()> {
        for plans in plans.chunks(CHUNK) {
            let first = self.args.frame.unwrap_or(0);
            // how many frames a file has, its first one says
            let wanted = plans.iter().filter(|plan| !plan.done.contains(&first));
            let items: Vec<Item<'_>> = wanted.map(|plan| Item { plan, frame: first }).collect();
            let counts = self.segment(&items)?;
            if self.args.frame.is_none() {
                let read = items
                    .iter()
                    .zip(counts)
                    .map(|(item, count)| (item.plan, count));
                let known = plans.iter().filter(|plan| plan.done.contains(&first));
                let known = known.map(|plan| (plan, plan.count));
                for (plan, count) in read.chain(known) {
                    self.rest(plan, count.unwrap_or(1))?;
                }
            }
            self.bar.inc(plans.len() as u64);
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
        }
        Ok(())
    }

    /// The frames of a file after the first.
    fn rest(&mut self, plan: &Plan<'_>, count: u32) -> Result<()> {
        let frames = (1..count).filter(|frame| !plan.done.contains(frame));
        let items: Vec<Item<'_>> = frames.map(|frame| Item { plan, frame }).collect();
        let mut parts = items.chunks(CHUNK);
        while let Some(part) = parts.next() {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            let counts = self.segment(part)?;
            let left = parts.len();
            // a header may promise frames without end
            if left > 0 && part.len() == CHUNK && counts.iter().all(Option::is_none) {
                let next = part[0].frame + CHUNK as u32;
                let none = anyhow!(
                    "none of the {CHUNK} frames before can be read: not tried from here on"
                );
                self.fail(Item { plan, frame: next }, &none);
                break;
            }
        }
        Ok(())
    }

    /// Says of every frame how many its file has, if it could be read.
    fn segment(&mut self, items: &[Item<'_>]) -> Result<Vec<Option<u32>>> {
        let read = |item: &Item<'_>| {
            // on every core as well; later it is only looked up
            item.plan.sha256();
            let pick = Pick {
                frame: item.frame,
                region: self.args.region,
            };
            self.reader.read(&item.plan.source.path, pick)
        };
        let read: Vec<_> = items.par_iter().map(read).collect();
        let (mut frames, mut counts) = (Vec::new(), Vec::new());
        for (&item, frame) in items.iter().zip(read) {
            counts.push(frame.as_ref().ok().map(|frame| frame.count));
            match frame {
                Ok(frame) => frames.push((item, frame)),
                Err(error) => self.fail(item, &error.into()),
            }
        }
        let borrowed: Vec<&Frame> = frames.iter().map(|(_, frame)| frame).collect();
        let found = self.segmenter.segment_frames(&borrowed)?;
        for ((item, frame), found) in frames.iter().zip(found) {
            match self.finish(*item, frame, &found) {
                Ok(()) => self.finished += 1,
                Err(error) => self.fail(*item, &error),
            }
        }
        self.answers.sync()?;
        Ok(counts)
    }

    /// Writes the pictures, then the row.
    fn finish(&mut self, item: Item<'_>, frame: &Frame, found: &Segmentation) -> Result<()> {
        let source = item.plan.source;
        if let Some(objection) = &found.objection {
            let file = source.path.display();
            self.say(&format!(
                "warning: `{file}` is not like the neck scans that the model knows: {objection}"
            ));
        }
        if frame.regions > 1 && self.args.region.is_none() {
            self.say(&format!(
                "note: `{}` shows {} regions of tissue; region {} was looked at, and `--region` \
                 takes another",
                source.path.display(),
                frame.regions,
                frame.region
            ));
        }
        let name = frame_name(&source.name, frame.index, frame.count);
        let pictures = Pictures::new(&self.args.out, &name);
        pictures.write(&frame.pixels, found, self.args.existing.pictures())?;
        let origin = Origin {
            image: &source.path,
            name: &source.name,
            sha256: item.plan.sha256(),
            model: self.model,
        };
        let row = Row::new(origin, frame, found, &pictures);
        let line = if self.args.json {
            row.json()
        } else {
            row.csv()
        }?;
        self.answers.add(row)?;
        self.print(&line);
        Ok(())
    }

    /// A line on stdout. Pictures and table are written whatever becomes of it.
    pub(super) fn print(&mut self, line: &str) {
        if self.stdout.is_ok() {
            self.stdout = self.bar.suspend(|| ui::print(line));
        }
    }

    fn fail(&mut self, item: Item<'_>, error: &anyhow::Error) {
        self.say(&format!("error: {error:#}"));
        let failure = Failure::new(&item.plan.source.path, item.frame, error);
        self.failures.push(failure);
    }

    fn say(&self, line: &str) {
        self.bar.suspend(|| ui::say(line));
    }
}
