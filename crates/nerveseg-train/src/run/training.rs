//! The training loop.
//!
//! Our own and not burn-train's, because a run must survive `kill -9` and go on to the very same
//! result: every random number depends on seed, epoch and case alone, and one file holds the whole
//! state (docs/decisions/0003-own-training-loop.md).

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use burn::tensor::{Device, Tensor};
use nerveseg_data::{Partition, hex};
use nerveseg_model::{Manifest, Provenance, UNet, artifact, to_host, weights};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::batch::Batch;
use crate::config::TrainConfig;
use crate::error::{Result, TrainError};
use crate::optim::Monitor;
use crate::optim::NamedAdam;
use crate::optim::WeightAverage;
use crate::run::alarms::Alarm;
use crate::run::checkpoint::{self, RunState};
use crate::run::epoch::{EpochPlan, batches_ahead};
use crate::run::fit::{Ending, FitInput, FitOutcome, TrainEvent};
use crate::run::folder::write_json_lines;
use crate::run::record::{EpochRecord, Tally};
use crate::run::step::{Moment, step};
use crate::run::validate::validate;
use crate::sample::Sample;

#[derive(Serialize)]
struct EpochTiming<'a> {
    epoch: u32,
    seconds: f64,
    device: &'a str,
}

/// A run that goes on from its folder's checkpoint, if there is one.
pub(crate) struct Run<'a> {
    config: &'a TrainConfig,
    input: &'a FitInput<'a>,
    train: Arc<Vec<Sample>>,
    validation: Vec<Sample>,
    device: Device,
    unet: UNet,
    adam: NamedAdam,
    average: WeightAverage,
    state: RunState,
    alarms: Vec<Alarm>,
}

impl<'a> Run<'a> {
    /// Sets everything up, or takes it from the checkpoint.
    pub(crate) fn start(
        config: &'a TrainConfig,
        input: &'a FitInput<'a>,
        train: Vec<Sample>,
        validation: Vec<Sample>,
        events: &mut dyn FnMut(TrainEvent<'_>),
    ) -> Result<Self> {
        let device = input.device.device.clone().autodiff();
        let mut adam = NamedAdam::new(config.adam_epsilon);
        let mut average = WeightAverage::new(config.weight_average);
        let mut unet = config.unet.init(config.seed, &device)?;
        let identity = identity(config, input.partition);
        let mut state = RunState {
            identity: identity.clone(),
            epoch: 1,
            step: 0,
            train: Tally::default(),
            optimiser_steps: 0,
            monitor: Monitor::new(config.learning_rate),
            history: Vec::new(),
            best_epoch: None,
        };
        let path = input.folder.checkpoint();
        if path.exists() {
            let saved = checkpoint::load(&path)?;
            if saved.state.identity != identity {
                return Err(TrainError::ResumeMismatch {
                    run: input.folder.path().to_owned(),
                    what: "configuration or split",
                    detail: format!("{} against {identity}", saved.state.identity),
                });
            }
            (state, unet) = saved.restore(unet, &mut adam, &mut average, &device)?;
            events(TrainEvent::Resumed {
                epoch: state.epoch,
                step: state.step,
            });
        }
        let alarms = Alarm::of(&state.history, config);
        let train = Arc::new(train);
        Ok(Self {
            config,
            input,
            train,
            validation,
            device,
            unet,
            adam,
            average,
            state,
            alarms,
        })
    }

    /// Trains to the end, or until it is asked to stop.
    pub(crate) fn go(mut self, events: &mut dyn FnMut(TrainEvent<'_>)) -> Result<FitOutcome> {
        self.write_metrics()?;
        let mut timings = self.timings_so_far();
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
            let device = &self.input.device.name;
            let timing = EpochTiming {
                epoch: record.epoch,
                seconds,
                device,
            };
            timings += &serde_json::to_string(&timing).expect("plain data");
            timings.push('\n');
            self.input
                .folder
                .write(&self.input.folder.timings(), timings.as_bytes())?;
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
            augment: self.config.augment.clone(),
            preprocess: self.config.preprocess.clone(),
        };
        let steps = plan.steps(self.train.len());
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

    fn step(&mut self, batch: &Batch) -> Result<()> {
        let moment = Moment {
            epoch: self.state.epoch,
            step: self.state.step,
            learning_rate: self.learning_rate(),
        };
        let on_device = batch.to_device(&self.device);
        let unet = self.unet.clone();
        let stepped = step(unet, &mut self.adam, on_device, self.config, moment)?;
        self.unet = stepped.unet;
        if self.config.weight_average > 0.0 {
            self.average.observe(&self.unet, self.adam.steps());
        }
        self.tally(stepped.logits, batch, stepped.loss)?;
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

    /// The network that is validated and saved: the average, where there is one.
    fn deployed(&self) -> UNet {
        self.average
            .applied_to(burn::module::Module::valid(&self.unet))
    }

    /// Adds one training batch to the sums of the epoch.
    fn tally(&mut self, logits: Tensor<4>, batch: &Batch, loss: f32) -> Result<()> {
        let logits = to_host(logits.inner())?;
        let targets = batch.targets.as_slice::<f32>().expect("targets are f32");
        let [cases, _, height, width] = batch.targets.shape().dims();
        let size = height * width;
        for (logits, targets) in logits.chunks(size).zip(targets.chunks(size)) {
            let predicted = logits.iter().map(|&x| x >= 0.0);
            self.state
                .train
                .add_case(predicted, targets.iter().map(|&t| t >= 0.5));
        }
        self.state.train.add_loss(loss.into(), cases);
        Ok(())
    }

    /// Validates, decides, saves.
    fn close_epoch(&mut self) -> Result<EpochRecord> {
        let val = validate(
            &self.deployed(),
            &self.validation,
            self.config,
            &self.input.device.device,
        )?;
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
        let mut record = EpochRecord {
            epoch,
            learning_rate,
            train_loss: train.loss(),
            train_dice_positive: train.dice_positive(),
            train_pixel_accuracy: train.pixel_accuracy(),
            val_loss: val.loss(),
            val_dice_mean: val.dice_mean(),
            val_dice_positive: val.dice_positive(),
            val_pixel_accuracy: val.pixel_accuracy(),
            val_sensitivity: val.sensitivity(),
            val_specificity: val.specificity(),
            val_all_empty_dice_mean: val.all_empty_dice_mean(),
            best: false,
        };
        let TrainConfig {
            plateau,
            early_stop,
            ..
        } = self.config;
        let value = record.metric(early_stop.metric);
        record.best = self.state.monitor.observe(value, plateau, early_stop);
        if record.best {
            self.state.best_epoch = Some(record.epoch);
            self.save_best(&record)?;
        }
        self.state.history.push(record.clone());
        self.state.epoch += 1;
        self.state.step = 0;
        // the checkpoint holds the history: metrics.jsonl is made from it, never the other way
        self.save()?;
        self.write_metrics()?;
        Ok(record)
    }

    fn save_best(&self, record: &EpochRecord) -> Result<()> {
        let json = serde_json::to_value(record).expect("a record is plain data");
        let provenance = Provenance {
            train_subjects: subjects(&self.train),
            validation_subjects: subjects(&self.validation),
            seed: Some(self.config.seed),
            epoch: Some(record.epoch),
            metrics: json.as_object().cloned().unwrap_or_default(),
            ..self.input.provenance.clone()
        };
        let TrainConfig {
            unet,
            preprocess,
            postprocess,
            ..
        } = self.config.clone();
        let manifest = Manifest::new(unet, preprocess, postprocess, provenance);
        Ok(artifact::save(
            &self.input.folder.best(),
            &weights::collect(&self.deployed()),
            &manifest,
        )?)
    }

    fn save(&mut self) -> Result<()> {
        self.state.optimiser_steps = self.adam.steps();
        checkpoint::save(
            &self.input.folder.checkpoint(),
            &self.state,
            &self.unet,
            &self.adam,
            &self.average,
        )
    }

    fn write_metrics(&self) -> Result<()> {
        write_json_lines(&self.input.folder.metrics(), &self.state.history)
    }

    /// Timings of earlier processes of this run, cut to the epochs that count.
    fn timings_so_far(&self) -> String {
        let text = self
            .input
            .folder
            .read(&self.input.folder.timings())
            .unwrap_or_default();
        text.split_inclusive('\n')
            .take(self.state.history.len())
            .collect()
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

/// Persons in `samples`, rising.
fn subjects(samples: &[Sample]) -> Vec<u32> {
    let mut subjects: Vec<u32> = samples
        .iter()
        .filter_map(|s| s.case_id.subject_id)
        .collect();
    subjects.sort_unstable();
    subjects.dedup();
    subjects
}

/// SHA-256 over what a resumed run must share with the one that was started.
///
/// More epochs or more patience may be asked for: they change when a run ends, not what it does.
/// Only one cycle is stretched over all epochs.
fn identity(config: &TrainConfig, partition: &Partition) -> String {
    let mut config = config.clone();
    if config.one_cycle.is_none() {
        config.epochs = 0;
    }
    config.early_stop.patience = 0;
    let json = serde_json::to_vec(&(config, partition)).expect("plain data");
    hex(&Sha256::digest(json))
}
