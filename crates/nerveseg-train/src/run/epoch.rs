//! The batches of one epoch, prepared on other threads ahead of the device.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use nerveseg_model::Preprocess;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::sampling::{Draw, Sampling};
use crate::augment::AugmentConfig;
use crate::batch::Batch;
use crate::sample::Sample;

/// Batches that wait for the device.
const AHEAD: usize = 3;

/// Everything that decides what the batches of one epoch look like.
#[derive(Clone, Debug)]
pub(crate) struct EpochPlan {
    /// Seed of the run.
    pub(crate) seed: u64,
    /// Epoch, from 1.
    pub(crate) epoch: u32,
    /// Steps already taken in it.
    pub(crate) first_step: usize,
    /// Cases per step.
    pub(crate) batch_size: usize,
    /// Which cases it shows.
    pub(crate) sampling: Arc<Sampling>,
    /// How images are varied.
    pub(crate) augment: AugmentConfig,
    /// How images are normalised.
    pub(crate) preprocess: Preprocess,
}

impl EpochPlan {
    /// Steps of a whole epoch; the last one may be smaller.
    pub(crate) fn steps(&self) -> usize {
        self.sampling.len().div_ceil(self.batch_size)
    }

    /// Random numbers of one epoch (`draw` = `None`) or one case in it: they depend on nothing
    /// that came before, so an epoch can be resumed in its middle.
    fn rng(&self, draw: Option<Draw>) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let case = draw.map_or(0, |draw| draw.case as u64 + 1);
        rng.set_stream((u64::from(self.epoch) << 32) | case);
        // a case that comes again is varied in another way
        rng.set_word_pos(draw.map_or(0, |draw| u128::from(draw.again) << 32));
        rng
    }

    fn batch(&self, samples: &[Sample], cases: &[Draw]) -> Batch {
        let draw = |&draw: &Draw| {
            let mut rng = self.rng(Some(draw));
            let composed = self.augment.compose(samples, draw.case, &mut rng);
            let (image, target) = self.augment.vary(&composed.sample, &mut rng);
            (image, target, composed.weight)
        };
        Batch::stack(cases.par_iter().map(draw).collect(), &self.preprocess)
    }
}

/// Prepares the batches of one epoch on another thread, a few ahead of whoever takes them.
///
/// The thread ends when the receiver is dropped.
pub(crate) fn batches_ahead(samples: Arc<Vec<Sample>>, plan: EpochPlan) -> Receiver<Batch> {
    let (sender, receiver) = sync_channel(AHEAD);
    std::thread::spawn(move || {
        let order = plan.sampling.order(&mut plan.rng(None));
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
    use burn::tensor::TensorData;
    use ndarray::Array2;
    use nerveseg_data::Sites;
    use nerveseg_model::{Fit, Normalisation};

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
            sampling: Arc::new(Sampling::new(&samples(), &Sites::default(), 0.0)),
            augment: AugmentConfig::default(),
            preprocess: Preprocess {
                height: 5,
                width: 7,
                fit: Fit::Stretch,
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
        assert_eq!(plan(1, 0).steps(), 3);
    }

    #[test]
    fn an_epoch_resumed_in_its_middle_goes_on_with_the_same_batches() {
        assert_eq!(images(plan(2, 0))[1..], images(plan(2, 1)));
    }

    #[test]
    fn epochs_differ() {
        assert_ne!(images(plan(1, 0)), images(plan(2, 0)));
    }
}
