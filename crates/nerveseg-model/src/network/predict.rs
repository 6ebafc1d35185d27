//! The module's answers in host memory.

use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor, TensorData};

use super::{UNet, UNetOutput, to_host};
use crate::{RawPrediction, Result};

impl UNet {
    /// Runs the network on images in host memory. Shape: `[batch, 1, height, width]`.
    pub(crate) fn predict(
        &self,
        images: Vec<f32>,
        shape: [usize; 4],
        device: &Device,
    ) -> Result<Vec<RawPrediction>> {
        let images = Tensor::<4>::from_data(TensorData::new(images, shape), device);
        RawPrediction::of_batch(self.forward(images))
    }
}

impl RawPrediction {
    /// Takes apart what the network says about a batch.
    ///
    /// # Errors
    ///
    /// [`crate::ModelError::Execution`] if the device fails.
    pub fn of_batch(output: UNetOutput) -> Result<Vec<Self>> {
        let [_, _, height, width] = output.logits.dims();
        let probabilities = to_host(sigmoid(output.logits))?;
        let presence = match output.presence_logits {
            Some(logits) => Some(to_host(sigmoid(logits))?),
            None => None,
        };
        Ok(Self::of_maps(&probabilities, presence, (height, width)))
    }
}
