//! The training loop.
//!
//! Our own and not burn-train's, because a run must survive `kill -9` and go on to the very same
//! result: every random number depends on seed, epoch and case alone, and one file holds the whole
//! state (docs/decisions/0003-own-training-loop.md).

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use nerveseg_model::Provenance;

use super::alarms::Alarm;
use super::best::save_best;
use super::checkpoint::{self, Checkpoint};
use super::epoch::{EpochPlan, batches_ahead};
use super::events::{Ending, FitOutcome, TrainEvent};
use super::folder::write_json_lines;
use super::identity::Identity;
use super::input::FitInput;
use super::learner::Learner;
use super::record::EpochRecord;
use super::sampling::Sampling;
use super::state::RunState;
use super::step::Moment;
use super::timings::Timings;
use super::validate::validate;
use crate::batch::Batch;
use crate::config::TrainConfig;
use crate::error::{Result, TrainError};
use crate::sample::Sample;

/// A run that goes on from its folder's checkpoint, if there is one.
pub(crate) struct Run<'a> {
    config: &'a TrainConfig,
    input: &'a FitInput<'a>,
    provenance: Provenance,
    train: Arc<Vec<Sample>>,
    sampling: Arc<Sampling>,
    validation: Vec<Sample>,
    learner: Learner,
    state: RunState,
    alarms: Vec<Alarm>,
}

impl<'a> Run<'a> {
    /// Sets everything up, or takes it from the checkpoint.
    pub(crate) fn start(
        config: &'a TrainConfig,
        input: &'a FitInput<'a>,
        checkpoint: Option<Checkpoint>,
        identity: Identity,
        [train, validation]: [Vec<Sample>; 2],
        events: &mut dyn FnMut(TrainEvent<'_>),
    ) -> Result<Self> {
        let ancestor = input.ancestor;
        let first = ancestor.map(|it| it.tensors(config)).transpose()?;
        let mut learner = Learner::new(config, first, &input.device.device)?;
        let provenance = Provenance {
            data_fingerprint: Some(identity.data.clone()),
            started_from: ancestor.and_then(|it| it.started_from(config)),
            ..input.provenance.clone()
        };
        let mut state = RunState::new(identity);
        if let Some(checkpoint) = checkpoint {
            state = RunState {
                // more epochs may have been asked for
                identity: state.identity,
                ..checkpoint.restore(&mut learner)?
            };
            events(TrainEvent::Resumed {
                epoch: state.epoch,
                step: state.step,
            });
        }
        Ok(Self {
            config,
            input,
            provenance,
            sampling: Arc::new(Sampling::new(&train, input.dataset.sites(), config.balance)),
            train: Arc::new(train),
            validation,
            learner,
            alarms: Alarm::of(&state.history, config),
            state,
        })
    }

    /// Trains to the end, or until it is asked to stop.
    pub(crate) fn go(mut self, events: &mut dyn FnMut(TrainEvent<'_>)) -> Result<FitOutcome> {
        self.write_metrics()?;
        let FitInput { folder, device, .. } = self.input;
        let mut timings = Timings::after(folder, self.state.history.len(), &device.name);
        let early_stop = &self.config.early_stop;
        while self.state.epoch <= self.config.epochs && !self.state.monitor.is_exhausted(early_stop)
        {
            let begin = Instant::now();
            if !self.train_epoch(events)? {
                self.save()?;
                return Ok(self.end(Ending::Interrupted));
            }
            let record = self.close_epoch()?;
            let seconds = begin.elapsed().as_secs_f64();
            timings.add(record.epoch, seconds)?;
            events(TrainEvent::Epoch {
                record: &record,
                seconds,
            });
            for alarm in Alarm::of(&self.state.history, self.config) {
                self.raise(alarm, events);
            }
        }
        let complete = self.state.history.len() == self.config.epochs as usize;
        Ok(self.end(if complete {
            Ending::Completed
        } else {
            Ending::StoppedEarly
        }))
    }

    /// Takes the remaining steps of the current epoch; `false` if it was asked to stop.
    fn train_epoch(&mut self, events: &mut dyn FnMut(TrainEvent<'_>)) -> Result<bool> {
        let plan = EpochPlan {
            seed: self.config.seed,
            epoch: self.state.epoch,
            first_step: self.state.step,
            batch_size: self.config.batch_size,
            sampling: Arc::clone(&self.sampling),
            augment: self.config.augment.clone(),
            preprocess: self.config.preprocess.clone(),
        };
        let steps = plan.steps();
        for batch in batches_ahead(Arc::clone(&self.train), plan) {
            self.step(&batch)?;
            let (epoch, step) = (self.state.epoch, self.state.step);
            events(TrainEvent::Step {
                epoch,
                step,
                steps,
                loss: self.state.train.loss(),
            });
            if self.input.stop.load(Ordering::Relaxed) {
                return Ok(false);
            }
        }
        assert_eq!(
            self.state.step, steps,
            "the thread that makes batches ended early"
        );
        Ok(true)
    }

    /// Takes one step.
    fn step(&mut self, batch: &Batch) -> Result<()> {
        let moment = Moment {
            epoch: self.state.epoch,
            step: self.state.step,
            learning_rate: self.learning_rate(),
        };
        let (loss, logits) = self.learner.learn(batch, self.config, moment)?;
        self.state.train.add_batch(logits, batch, loss)?;
        self.state.step += 1;
        Ok(())
    }

    /// Learning rate of the next step.
    fn learning_rate(&self) -> f64 {
        let Some(one_cycle) = &self.config.one_cycle else {
            return self.state.monitor.learning_rate();
        };
        let steps = self.train.len().div_ceil(self.config.batch_size);
        let taken = (self.state.epoch as usize - 1) * steps + self.state.step;
        let progress = taken as f64 / (steps * self.config.epochs as usize) as f64;
        one_cycle.learning_rate(self.config.learning_rate, progress)
    }

    /// Validates, decides, saves.
    fn close_epoch(&mut self) -> Result<EpochRecord> {
        let deployed = self.learner.deployed();
        let device = &self.input.device.device;
        let val = validate(&deployed, &self.validation, self.config, device)?;
        let (epoch, learning_rate) = (self.state.epoch, self.learning_rate());
        if !val.loss().is_finite() {
            return Err(TrainError::LossNotFinite {
                loss: val.loss() as f32,
                epoch,
                step: self.state.step,
                learning_rate,
            });
        }
        let train = std::mem::take(&mut self.state.train);
        let mut record = EpochRecord::new(epoch, learning_rate, &train, &val);
        let TrainConfig {
            plateau,
            early_stop,
            ..
        } = self.config;
        let value = record.metric(early_stop.metric);
        record.best = self.state.monitor.observe(value, plateau, early_stop);
        if record.best {
            self.state.best_epoch = Some(record.epoch);
            let parts = [&self.train[..], &self.validation];
            let path = self.input.folder.best();
            let provenance = &self.provenance;
            save_best(self.config, &path, provenance, parts, &record, &deployed)?;
        }
        self.state.history.push(record.clone());
        self.state.epoch += 1;
        self.state.step = 0;
        // the checkpoint holds the history: metrics.jsonl is made from it, never the other way
        self.save()?;
        self.write_metrics()?;
        Ok(record)
    }

    fn save(&mut self) -> Result<()> {
        self.state.optimiser_steps = self.learner.steps();
        checkpoint::save(&self.input.folder.checkpoint(), &self.state, &self.learner)
    }

    fn write_metrics(&self) -> Result<()> {
        write_json_lines(&self.input.folder.metrics(), &self.state.history)
    }

    /// Tells an alarm, once.
    pub(crate) fn raise(&mut self, alarm: Alarm, events: &mut dyn FnMut(TrainEvent<'_>)) {
        if !self.alarms.iter().any(|other| other.is_like(&alarm)) {
            events(TrainEvent::Alarm(&alarm));
            self.alarms.push(alarm);
        }
    }

    fn end(self, ending: Ending) -> FitOutcome {
        // a collapse that was overcome is none
        let standing = Alarm::of(&self.state.history, self.config);
        let alarms = self
            .alarms
            .into_iter()
            .filter(|a| !a.is_failure() || standing.iter().any(|b| b.is_like(a)));
        FitOutcome {
            ending,
            alarms: alarms.collect(),
            best_epoch: self.state.best_epoch,
            history: self.state.history,
        }
    }
}
