//! The split of the seed notebook, kept only to reproduce its number.

use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::Partition;
use crate::{CaseId, DataError, Dataset, Result};

/// A random split by frame. **LEAKS**: frames of one subject are near-duplicates of each other, so
/// nearly every validation frame has a twin in the training part.
///
/// Scores on it say nothing about a new patient. Use [`Split`](crate::Split) for anything else
/// than reproducing the seed system, and show [`FrameSplit::warning`] beside every score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameSplit {
    /// Frames to fit weights on, in natural order.
    pub train: Vec<CaseId>,
    /// Frames that early stopping watches, in natural order.
    pub validation: Vec<CaseId>,
    /// Seed of the shuffle.
    pub seed: u64,
}

impl FrameSplit {
    /// Share of the seed notebook: 10 %, which makes 5071 and 564 of 5635.
    pub const SEED_FRACTION: f64 = 0.1;

    /// Shuffles frames and puts `validation_fraction` of them, rounded up, aside.
    ///
    /// # Errors
    ///
    /// A fraction outside `[0, 1)`, or no frame left to train on.
    pub fn random(case_ids: &[CaseId], validation_fraction: f64, seed: u64) -> Result<Self> {
        if !(0.0..1.0).contains(&validation_fraction) {
            return Err(DataError::BadFraction {
                fraction: validation_fraction,
            });
        }
        let mut train = case_ids.to_vec();
        train.sort_unstable();
        train.dedup();
        let count = (train.len() as f64 * validation_fraction).ceil() as usize;
        if train.len() <= count {
            let (found, needed) = (train.len(), count + 1);
            return Err(DataError::TooFewToSplit {
                found,
                needed,
                unit: "frames",
            });
        }
        train.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let mut validation = train.split_off(train.len() - count);
        train.sort_unstable();
        validation.sort_unstable();
        Ok(Self {
            train,
            validation,
            seed,
        })
    }

    /// What to print beside every score on this split.
    pub fn warning(&self) -> &'static str {
        "frames of the same subjects are in training and validation (a leak); \
         scores on this split say nothing about new patients"
    }

    /// The parts as cases of `dataset`; the test part is empty.
    pub fn resolve(&self, dataset: &Dataset) -> Partition {
        let present = |case_ids: &[CaseId]| {
            case_ids
                .iter()
                .copied()
                .filter(|&id| dataset.get(id).is_some())
                .collect()
        };
        Partition {
            train: present(&self.train),
            validation: present(&self.validation),
            test: Vec::new(),
        }
    }
}
