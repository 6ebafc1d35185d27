//! Which cases an epoch shows, and how often each.

use nerveseg_data::Sites;
use rand::Rng;
use rand::seq::SliceRandom as _;

use crate::sample::Sample;

/// How often the frames of each kind come: those of one site, with a nerve or without.
#[derive(Clone, Debug)]
pub(crate) struct Sampling {
    /// Cases of each kind.
    kinds: Vec<Vec<usize>>,
    /// How many of each kind an epoch shows.
    draws: Vec<usize>,
}

impl Sampling {
    /// Shares of the kinds go with the count of their frames to the power of `1 - balance`: at 0
    /// every frame comes once, at 1 every kind as often. An epoch stays as long as it is.
    pub(crate) fn new(samples: &[Sample], sites: &Sites, balance: f64) -> Self {
        let mut kinds = vec![Vec::new(); 2 * sites.names().len()];
        for (case, sample) in samples.iter().enumerate() {
            let site = sample
                .case_id
                .subject_id
                .map_or(0, |subject| sites.index_of(subject));
            kinds[2 * site + usize::from(sample.present)].push(case);
        }
        kinds.retain(|kind| !kind.is_empty());
        let counts: Vec<usize> = kinds.iter().map(Vec::len).collect();
        let draws = shares(&counts, balance);
        Self { kinds, draws }
    }

    /// Cases that an epoch shows, each as often as it does.
    pub(crate) fn len(&self) -> usize {
        self.draws.iter().sum()
    }

    /// The cases of an epoch in their order. Of each kind, every case comes as often as the others
    /// or once more.
    pub(crate) fn order(&self, rng: &mut impl Rng) -> Vec<Draw> {
        let mut order: Vec<Draw> = Vec::with_capacity(self.len());
        for (kind, &draws) in self.kinds.iter().zip(&self.draws) {
            let mut cases = kind.clone();
            if draws != kind.len() {
                cases.shuffle(rng);
            }
            let draw = |at: usize| Draw {
                case: cases[at % cases.len()],
                again: (at / cases.len()) as u32,
            };
            order.extend((0..draws).map(draw));
        }
        order.sort_by_key(|draw| (draw.again, draw.case));
        order.shuffle(rng);
        order
    }
}

/// A case that an epoch shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Draw {
    /// Which one.
    pub(crate) case: usize,
    /// How often it came before in the epoch's cases.
    pub(crate) again: u32,
}

/// The sum of `counts`, shared out by their power of `1 - balance`.
fn shares(counts: &[usize], balance: f64) -> Vec<usize> {
    let total: usize = counts.iter().sum();
    let weights: Vec<f64> = counts
        .iter()
        .map(|&count| (count as f64).powf(1.0 - balance))
        .collect();
    let sum: f64 = weights.iter().sum();
    let mut bound = 0.0;
    let mut before = 0;
    weights
        .iter()
        .map(|weight| {
            bound += weight / sum * total as f64;
            let upto = bound.round() as usize;
            upto - std::mem::replace(&mut before, upto)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use ndarray::Array2;
    use rand::SeedableRng as _;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// 40 frames with a nerve and 4 without.
    fn samples() -> Vec<Sample> {
        let sample = |n: usize| Sample {
            case_id: format!("1_{}", n + 1).parse().unwrap(),
            image: Array2::zeros((2, 2)),
            target: Array2::zeros((2, 2)),
            present: !n.is_multiple_of(11),
        };
        (0..44).map(sample).collect()
    }

    fn order(balance: f64) -> Vec<Draw> {
        let sampling = Sampling::new(&samples(), &Sites::default(), balance);
        sampling.order(&mut ChaCha8Rng::seed_from_u64(1))
    }

    #[test]
    fn without_balance_every_case_comes_once() {
        let cases: HashSet<usize> = order(0.0).iter().map(|draw| draw.case).collect();

        assert_eq!((order(0.0).len(), cases.len()), (44, 44));
    }

    #[test]
    fn balance_shows_what_is_rare_more_often_in_an_epoch_as_long() {
        let order = order(1.0);

        let empty = order.iter().filter(|draw| draw.case % 11 == 0).count();
        let distinct: HashSet<Draw> = order.iter().copied().collect();

        assert_eq!((order.len(), empty, distinct.len()), (44, 22, 44));
    }
}
