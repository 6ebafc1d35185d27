//! Training steps on made-up data, to time them.

use burn::tensor::{Device, TensorData};
use nerveseg_model::UNet;

use super::step::{Moment, step};
use crate::batch::{Batch, DeviceBatch};
use crate::config::TrainConfig;
use crate::error::{Result, TrainError};
use crate::optim::NamedAdam;

/// A network in training on one batch that shows nothing.
#[derive(Debug)]
pub struct Rehearsal {
    config: TrainConfig,
    unet: Option<UNet>,
    adam: NamedAdam,
    batch: DeviceBatch,
    taken: usize,
}

impl Rehearsal {
    /// Builds the network of `config` on `device`, with or without our kernels
    /// ([`UNet::with_kernels`]).
    ///
    /// # Errors
    ///
    /// [`TrainError::InvalidConfig`].
    pub fn new(config: TrainConfig, device: &Device, kernels: bool) -> Result<Self> {
        config.validate()?;
        let training = device.clone().autodiff();
        let (height, width) = (config.preprocess.height, config.preprocess.width);
        let shape = [config.batch_size, 1, height, width];
        let count = shape.iter().product::<usize>();
        let wave = |i: usize| (i as f32 * 0.37).sin();
        let images: Vec<f32> = (0..count).map(wave).collect();
        let targets = images
            .iter()
            .map(|&v| f32::from(u8::from(v > 0.9)))
            .collect();
        let ones = TensorData::new(vec![1.0_f32; config.batch_size], [config.batch_size, 1]);
        let batch = Batch {
            images: TensorData::new(images, shape),
            targets: TensorData::new::<f32, _>(targets, shape),
            present: ones.clone(),
            weight: ones,
        };
        let unet = config.unet.init(config.seed, &training)?;
        Ok(Self {
            unet: Some(unet.with_kernels(kernels)),
            adam: NamedAdam::new(config.adam_epsilon),
            batch: batch.to_device(&training),
            config,
            taken: 0,
        })
    }

    /// Takes a step: forward, loss, backward, Adam. Returns the loss before it.
    ///
    /// # Errors
    ///
    /// [`TrainError::LossNotFinite`]; nothing can follow then.
    ///
    /// # Panics
    ///
    /// Panics if it is called again after an error.
    pub fn step(&mut self) -> Result<f32, TrainError> {
        let unet = self.unet.take().expect("the last step went well");
        let moment = Moment {
            epoch: 1,
            step: self.taken,
            learning_rate: self.config.learning_rate,
        };
        let stepped = step(
            unet,
            &mut self.adam,
            self.batch.clone(),
            &self.config,
            moment,
        )?;
        self.taken += 1;
        self.unet = Some(stepped.unet);
        Ok(stepped.loss)
    }
}
