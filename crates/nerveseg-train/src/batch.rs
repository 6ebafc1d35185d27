//! Images and targets of one step.

use burn::tensor::{Device, Tensor, TensorData};
use ndarray::Array2;
use nerveseg_model::Preprocess;

use crate::sample::{Sample, shows_nerve, unit};

/// Images and targets of one step, on the host.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Normalised images, row by row. Shape: `[batch, 1, height, width]`.
    pub images: TensorData,
    /// Soft targets in `[0, 1]`. Shape: `[batch, 1, height, width]`.
    pub targets: TensorData,
    /// 1 where the image shows a nerve, else 0. Shape: `[batch, 1]`.
    pub present: TensorData,
    /// What the mask of each image counts in the loss. Shape: `[batch, 1]`.
    pub weight: TensorData,
}

/// A [`Batch`] on the device.
#[derive(Clone, Debug)]
pub struct DeviceBatch {
    /// See [`Batch::images`].
    pub images: Tensor<4>,
    /// See [`Batch::targets`].
    pub targets: Tensor<4>,
    /// See [`Batch::present`].
    pub present: Tensor<2>,
    /// See [`Batch::weight`].
    pub weight: Tensor<2>,
}

impl Batch {
    /// Stacks cases without variation.
    pub fn plain(samples: &[Sample], preprocess: &Preprocess) -> Self {
        let cases = samples
            .iter()
            .map(|s| (unit(&s.image), unit(&s.target), 1.0))
            .collect();
        Self::stack(cases, preprocess)
    }

    /// Stacks images and soft targets in `[0, 1]`, each with what its mask counts in the loss.
    pub(crate) fn stack(
        cases: Vec<(Array2<f32>, Array2<f32>, f32)>,
        preprocess: &Preprocess,
    ) -> Self {
        let Preprocess { height, width, .. } = *preprocess;
        let count = cases.len();
        let pixels = count * height * width;
        let (mut images, mut targets) = (Vec::with_capacity(pixels), Vec::with_capacity(pixels));
        let (mut present, mut weights) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for (mut image, target, weight) in cases {
            weights.push(weight);
            preprocess.normalise(&mut image);
            present.push(f32::from(shows_nerve(&target)));
            images.extend(image);
            targets.extend(target);
        }
        Self {
            images: TensorData::new(images, [count, 1, height, width]),
            targets: TensorData::new(targets, [count, 1, height, width]),
            present: TensorData::new(present, [count, 1]),
            weight: TensorData::new(weights, [count, 1]),
        }
    }

    /// Copies the batch to `device`.
    pub fn to_device(&self, device: &Device) -> DeviceBatch {
        DeviceBatch {
            images: Tensor::from_data(self.images.clone(), device),
            targets: Tensor::from_data(self.targets.clone(), device),
            present: Tensor::from_data(self.present.clone(), device),
            weight: Tensor::from_data(self.weight.clone(), device),
        }
    }
}

#[cfg(test)]
mod tests {
    use nerveseg_model::{Fit, Normalisation};

    use super::*;

    #[test]
    fn presence_follows_the_target() {
        let sample = |value: u8| Sample {
            case_id: "1_1".parse().unwrap(),
            image: Array2::from_shape_fn((5, 7), |(r, c)| (r * 7 + c) as u8),
            target: Array2::from_elem((5, 7), value),
            present: value > 0,
        };
        let preprocess = Preprocess {
            height: 5,
            width: 7,
            fit: Fit::Stretch,
            normalisation: Normalisation::PerImage,
        };

        let batch = Batch::plain(&[sample(0), sample(255)], &preprocess);

        assert_eq!(batch.present.as_slice::<f32>().unwrap(), [0.0, 1.0]);
    }
}
