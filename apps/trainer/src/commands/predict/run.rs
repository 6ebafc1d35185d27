//! One batch of frames after another: read, segmented, painted, handed on to be written.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;

use anyhow::{Result, anyhow};
use indicatif::ProgressBar;
use nerveseg_data::{Frame, Pick, Reader};
use nerveseg_model::{Segmentation, Segmenter};
use rayon::prelude::*;

use super::PredictArgs;
use super::pictures::{Pictures, frame_name};
use super::plan::Plan;
use super::row::{Failure, Origin, Row};
use super::writer::{Batch, Painted};

/// Images in memory at a time.
const CHUNK: usize = 8;

/// A run through all files.
pub(super) struct Run<'a> {
    pub(super) args: &'a PredictArgs,
    pub(super) reader: &'a Reader,
    pub(super) segmenter: &'a Segmenter,
    /// Digest of the model and its settings.
    pub(super) model: &'a str,
    pub(super) bar: ProgressBar,
    /// Raised when the run is to end early.
    pub(super) stop: Arc<AtomicBool>,
    /// Where frames are written. It takes a batch ahead and no more, so memory has a bound.
    pub(super) batches: SyncSender<Batch>,
}

/// A frame that is to be segmented.
#[derive(Clone, Copy)]
struct Item<'a> {
    plan: &'a Plan<'a>,
    frame: u32,
}

impl Item<'_> {
    fn failure(&self, error: &anyhow::Error) -> Failure {
        Failure::new(&self.plan.source.path, self.frame, error)
    }
}

impl Run<'_> {
    /// Does what is not done; stops early when it is told to, or when the device or the disk fails.
    pub(super) fn all(self, plans: &[Plan<'_>]) -> Result<()> {
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
    fn rest(&self, plan: &Plan<'_>, count: u32) -> Result<()> {
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
                let failure = Failure::new(&plan.source.path, next, &none);
                return self.send(vec![Err(failure)]);
            }
        }
        Ok(())
    }

    /// Says of every frame how many its file has, if it could be read.
    fn segment(&self, items: &[Item<'_>]) -> Result<Vec<Option<u32>>> {
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
        let counts = read.iter().map(|frame| Some(frame.as_ref().ok()?.count));
        let counts = counts.collect();
        let frames: Vec<&Frame> = read.iter().flatten().collect();
        let mut found = self.segmenter.segment_frames(&frames)?.into_iter();
        let looked_at: Vec<_> = items
            .iter()
            .zip(read)
            .map(|(item, frame)| match frame {
                Ok(frame) => Ok((item, frame, found.next().expect("one answer a frame"))),
                Err(error) => Err(item.failure(&error.into())),
            })
            .collect();
        let paint = |looked_at| {
            let (item, frame, found) = looked_at?;
            self.paint(item, &frame, &found)
                .map_err(|error| item.failure(&error))
        };
        self.send(looked_at.into_par_iter().map(paint).collect())?;
        Ok(counts)
    }

    /// Paints the pictures and makes the row.
    fn paint(&self, item: &Item<'_>, frame: &Frame, found: &Segmentation) -> Result<Painted> {
        let source = item.plan.source;
        let name = frame_name(&source.name, frame.index, frame.count);
        let pictures = Pictures::new(&self.args.out, &name);
        let origin = Origin {
            image: &source.path,
            name: &source.name,
            sha256: item.plan.sha256(),
            model: self.model,
        };
        Ok(Painted {
            encoded: pictures.paint(&frame.pixels, found)?,
            row: Row::new(origin, frame, found, &pictures),
            pictures,
            remarks: self.remarks(&source.path, frame, found),
        })
    }

    /// What a person is told of a frame.
    fn remarks(&self, path: &Path, frame: &Frame, found: &Segmentation) -> Vec<String> {
        let file = path.display();
        let mut remarks = Vec::new();
        if let Some(objection) = &found.objection {
            remarks.push(format!(
                "warning: `{file}` is not like the neck scans that the model knows: {objection}"
            ));
        }
        if frame.regions > 1 && self.args.region.is_none() {
            remarks.push(format!(
                "note: `{file}` shows {} regions of tissue; region {} was looked at, and `--region` \
                 takes another",
                frame.regions, frame.region
            ));
        }
        remarks
    }

    fn send(&self, batch: Batch) -> Result<()> {
        let sent = self.batches.send(batch);
        // why it ended, it says itself
        sent.map_err(|_| anyhow!("what is found cannot be written"))
    }
}
