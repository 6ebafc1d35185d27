//! Batches, prepared on other threads ahead of the device.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use burn::tensor::{Device, Tensor, TensorData};
use ndarray::Array2;
use nerveseg_model::Preprocess;
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::augment::graft::graft;
use crate::augment::{augment, unit};
use crate::config::AugmentConfig;
use crate::data::sample::Sample;

/// Batches that wait for the device.
const AHEAD: usize = 3;

/// Share of a frame that a nerve has at least: what is less is the edge of one that was moved out.
/// The smallest mask of UNS covers 1 %.
const LEAST_NERVE: f64 = 0.002;

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

    fn stack(cases: Vec<(Array2<f32>, Array2<f32>, f32)>, preprocess: &Preprocess) -> Self {
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

/// Whether more than a sliver of a nerve is in the picture.
pub(crate) fn shows_nerve(target: &Array2<f32>) -> bool {
    let inside = target.iter().filter(|&&t| t >= 0.5).count();
    inside as f64 > LEAST_NERVE * target.len() as f64
}

/// Everything that decides what the batches of one epoch look like.
#[derive(Clone, Debug)]
pub struct EpochPlan {
    /// Seed of the run.
    pub seed: u64,
    /// Epoch, from 1.
    pub epoch: u32,
    /// Steps already taken in it.
    pub first_step: usize,
    /// Cases per step.
    pub batch_size: usize,
    /// How images are varied.
    pub augment: AugmentConfig,
    /// How images are normalised.
    pub preprocess: Preprocess,
}

impl EpochPlan {
    /// Steps of a whole epoch over `cases` cases; the last one may be smaller.
    pub fn steps(&self, cases: usize) -> usize {
        cases.div_ceil(self.batch_size)
    }

    /// Random numbers of one epoch (`case` = `None`) or one case in it: they depend on nothing
    /// that came before, so an epoch can be resumed in its middle.
    fn rng(&self, case: Option<usize>) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let case = case.map_or(0, |case| case as u64 + 1);
        rng.set_stream((u64::from(self.epoch) << 32) | case);
        rng
    }

    fn order(&self, cases: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..cases).collect();
        order.shuffle(&mut self.rng(None));
        order
    }

    fn batch(&self, samples: &[Sample], cases: &[usize]) -> Batch {
        let draw = |&case: &usize| {
            let mut rng = self.rng(Some(case));
            let sample = graft(samples, case, &self.augment, &mut rng);
            let was_covered = samples[case].present && !sample.present;
            let weight = if was_covered {
                self.augment.vacate_weight as f32
            } else {
                1.0
            };
            let (image, target) = augment(&sample, &self.augment, &mut rng);
            (image, target, weight)
        };
        Batch::stack(cases.par_iter().map(draw).collect(), &self.preprocess)
    }
}

/// Prepares the batches of one epoch on another thread, a few ahead of whoever takes them.
///
/// The thread ends when the receiver is dropped.
pub fn batches_ahead(samples: Arc<Vec<Sample>>, plan: EpochPlan) -> Receiver<Batch> {
    let (sender, receiver) = sync_channel(AHEAD);
    std::thread::spawn(move || {
        let order = plan.order(samples.len());
        for cases in order.chunks(plan.batch_size).skip(plan.first_step) {
            if sender.send(plan.batch(&samples, cases)).is_err() {
                return;
            }
        }
    });
    receiver
}

#[cfg(test)]
mod tests {
    use nerveseg_model::Normalisation;

    use super::*;

    fn samples() -> Arc<Vec<Sample>> {
        let sample = |n: u8| Sample {
            case_id: format!("1_{n}").parse().unwrap(),
            image: Array2::from_shape_fn((5, 7), |(r, c)| {
                n.wrapping_mul(31).wrapping_add((r * 7 + c) as u8)
            }),
            target: Array2::from_elem((5, 7), if n.is_multiple_of(2) { 255 } else { 0 }),
            present: n.is_multiple_of(2),
        };
        Arc::new((1..=7).map(sample).collect())
    }

    fn plan(epoch: u32, first_step: usize) -> EpochPlan {
        EpochPlan {
            seed: 9,
            epoch,
            first_step,
            batch_size: 3,
            augment: AugmentConfig::default(),
            preprocess: Preprocess {
                height: 5,
                width: 7,
                normalisation: Normalisation::PerImage,
            },
        }
    }

    fn images(plan: EpochPlan) -> Vec<TensorData> {
        batches_ahead(samples(), plan)
            .iter()
            .map(|batch| batch.images)
            .collect()
    }

    #[test]
    fn every_case_comes_once_and_the_last_batch_is_smaller() {
        let sizes: Vec<usize> = images(plan(1, 0))
            .iter()
            .map(|data| data.shape()[0])
            .collect();

        assert_eq!(sizes, [3, 3, 1]);
        assert_eq!(plan(1, 0).steps(7), 3);
    }

    #[test]
    fn an_epoch_resumed_in_its_middle_goes_on_with_the_same_batches() {
        assert_eq!(images(plan(2, 0))[1..], images(plan(2, 1)));
    }

    #[test]
    fn epochs_differ() {
        assert_ne!(images(plan(1, 0)), images(plan(2, 0)));
    }

    #[test]
    fn presence_follows_the_target() {
        let batch = Batch::plain(&samples()[..2], &plan(1, 0).preprocess);

        assert_eq!(batch.present.as_slice::<f32>().unwrap(), [0.0, 1.0]);
    }
}
