//! One step of the optimiser, for a run and for its dry run.

use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use nerveseg_model::UNet;

use crate::batch::DeviceBatch;
use crate::config::TrainConfig;
use crate::error::{Result, TrainError};
use crate::loss::total_loss;
use crate::optim::NamedAdam;

/// When a step is taken, and how far it goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Epoch, from 1.
    pub(crate) epoch: u32,
    /// Steps already taken in it.
    pub(crate) step: usize,
    /// Learning rate of the step.
    pub(crate) learning_rate: f64,
}

/// What one step leaves behind.
pub(crate) struct Stepped {
    /// The network after the step.
    pub(crate) unet: UNet,
    /// Its loss before the step.
    pub(crate) loss: f32,
    /// Its logits before the step. Shape: `[batch, 1, height, width]`.
    pub(crate) logits: Tensor<4>,
}

/// Takes one step on `batch`, which lies on the training device.
///
/// # Errors
///
/// [`TrainError::LossNotFinite`]; the network is lost then.
pub(crate) fn step(
    unet: UNet,
    adam: &mut NamedAdam,
    batch: DeviceBatch,
    config: &TrainConfig,
    moment: Moment,
) -> Result<Stepped> {
    let Moment {
        epoch,
        step,
        learning_rate,
    } = moment;
    // dropout draws from the device: seeded by the step, it needs no state of its own
    let seed = mix(config.seed, epoch, step);
    batch.images.device().seed(seed);
    let output = unet.forward(batch.images);
    let loss = total_loss(
        &output,
        batch.targets,
        batch.present,
        batch.weight,
        &config.loss,
    );
    let gradients = GradientsParams::from_grads(loss.backward(), &unet);
    let loss = loss.into_scalar::<f32>();
    if !loss.is_finite() {
        return Err(TrainError::LossNotFinite {
            loss,
            epoch,
            step: step + 1,
            learning_rate,
        });
    }
    Ok(Stepped {
        unet: adam.step(learning_rate, config.weight_decay, unet, gradients),
        loss,
        logits: output.logits,
    })
}

/// A seed for one step (`SplitMix64`'s finaliser over the three numbers).
fn mix(seed: u64, epoch: u32, step: usize) -> u64 {
    let mut z = seed ^ (u64::from(epoch) << 40) ^ ((step as u64) << 8) ^ 0x9e37_79b9_7f4a_7c15;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
