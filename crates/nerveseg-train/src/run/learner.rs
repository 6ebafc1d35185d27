//! The network in training, and what moves it.

use burn::module::Module as _;
use burn::tensor::{Device, Tensor};
use nerveseg_model::UNet;
use nerveseg_model::weights::{self, NamedTensors};

use super::ancestor;
use super::step::{Moment, Stepped, step};
use crate::batch::Batch;
use crate::config::TrainConfig;
use crate::error::Result;
use crate::optim::{NamedAdam, WeightAverage};

/// A network, its optimiser and the average of its weights.
pub(crate) struct Learner {
    device: Device,
    unet: UNet,
    adam: NamedAdam,
    average: WeightAverage,
}

impl Learner {
    /// One that knows what the tensors `first` know, or nothing without them, on `device`.
    ///
    /// # Panics
    ///
    /// Panics if the tensors are not those of the network.
    pub(crate) fn new(
        config: &TrainConfig,
        first: Option<NamedTensors>,
        device: &Device,
    ) -> Result<Self> {
        let device = device.clone().autodiff();
        let mut unet = config.unet.init(config.seed, &device)?;
        let mut average = WeightAverage::new(config.weight_average);
        if let Some(first) = first {
            if ancestor::skip(config).is_none() && config.weight_average > 0.0 {
                average = WeightAverage::of_learned(config.weight_average, first.clone());
            }
            unet = weights::apply(unet, first).expect("the tensors were checked");
        }
        Ok(Self {
            unet,
            adam: NamedAdam::new(config.adam_epsilon),
            average,
            device,
        })
    }

    /// Takes one step; returns the loss and the logits before it.
    ///
    /// # Errors
    ///
    /// [`TrainError::LossNotFinite`](crate::TrainError::LossNotFinite).
    pub(crate) fn learn(
        &mut self,
        batch: &Batch,
        config: &TrainConfig,
        moment: Moment,
    ) -> Result<(f32, Tensor<4>)> {
        let batch = batch.to_device(&self.device);
        let Stepped { unet, loss, logits } =
            step(self.unet.clone(), &mut self.adam, batch, config, moment)?;
        self.unet = unet;
        if config.weight_average > 0.0 {
            self.average.observe(&self.unet, self.adam.steps());
        }
        Ok((loss, logits))
    }

    /// The network that is validated and saved: the average, where there is one.
    pub(crate) fn deployed(&self) -> UNet {
        self.average.applied_to(self.unet.valid())
    }

    /// Steps taken in all.
    pub(crate) fn steps(&self) -> usize {
        self.adam.steps()
    }

    /// All its tensors, by name.
    pub(crate) fn collect(&self) -> NamedTensors {
        let mut tensors = weights::collect(&self.unet);
        tensors.append(&mut self.adam.collect());
        tensors.append(&mut self.average.collect());
        tensors
    }

    /// Takes what [`collect`](Self::collect) gave after so many steps.
    ///
    /// # Errors
    ///
    /// Names the tensor that does not fit.
    pub(crate) fn restore(
        &mut self,
        mut tensors: NamedTensors,
        steps: usize,
    ) -> Result<(), String> {
        self.average.restore(&mut tensors);
        self.adam.restore(&mut tensors, steps, &self.device)?;
        self.unet = weights::apply(self.unet.clone(), tensors)?;
        Ok(())
    }
}
