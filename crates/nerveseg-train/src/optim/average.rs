//! A running average of the weights, which generalises better than the last step's.

use nerveseg_model::weights::{HostTensor, NamedTensors};
use nerveseg_model::{UNet, weights};

/// Key of the averaged tensors in a checkpoint.
const PREFIX: &str = "average.";

/// Exponential moving average of every tensor of a network (Polyak & Juditsky, 1992), running
/// statistics of batch normalisation included.
#[derive(Clone, Debug)]
pub(crate) struct WeightAverage {
    decay: f64,
    /// Whether it began with weights that know something.
    learned: bool,
    tensors: NamedTensors,
}

impl WeightAverage {
    /// An average that keeps `decay` of itself at every step; it begins with the first network
    /// that it is shown.
    pub(crate) fn new(decay: f64) -> Self {
        Self {
            decay,
            learned: false,
            tensors: NamedTensors::new(),
        }
    }

    /// An average that begins with the tensors of a network that has learned already.
    pub(crate) fn of_learned(decay: f64, tensors: NamedTensors) -> Self {
        Self {
            decay,
            learned: true,
            tensors,
        }
    }

    /// Takes in the network after its `steps`-th step. Early on it forgets faster, so that a random
    /// beginning leaves no trace.
    pub(crate) fn observe(&mut self, unet: &UNet, steps: usize) {
        let newest = weights::collect(unet);
        if self.tensors.is_empty() {
            self.tensors = newest;
            return;
        }
        let steps = steps as f64;
        let keep = match self.learned {
            true => self.decay,
            false => self.decay.min((1.0 + steps) / (10.0 + steps)),
        } as f32;
        for (average, newest) in self.tensors.values_mut().zip(newest.values()) {
            for (a, &n) in average.values_mut().iter_mut().zip(newest.values()) {
                *a = keep * *a + (1.0 - keep) * n;
            }
        }
    }

    /// `unet` with the averaged tensors in place of its own.
    pub(crate) fn applied_to(&self, unet: UNet) -> UNet {
        if self.tensors.is_empty() {
            return unet;
        }
        weights::apply(unet, self.tensors.clone()).expect("it was taken from this network")
    }

    /// The average under names that a checkpoint keeps beside the network's own.
    pub(crate) fn collect(&self) -> NamedTensors {
        let named =
            |(name, data): (&String, &HostTensor)| (format!("{PREFIX}{name}"), data.clone());
        self.tensors.iter().map(named).collect()
    }

    /// Takes what [`collect`](Self::collect) gave out of `tensors`.
    pub(crate) fn restore(&mut self, tensors: &mut NamedTensors) {
        let names: Vec<String> = tensors
            .keys()
            .filter(|name| name.starts_with(PREFIX))
            .cloned()
            .collect();
        let take = |name: String| {
            let data = tensors.remove(&name)?;
            Some((name[PREFIX.len()..].to_owned(), data))
        };
        self.tensors = names.into_iter().filter_map(take).collect();
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use nerveseg_model::UNetConfig;

    use super::*;

    fn unet(seed: u64) -> UNet {
        UNetConfig::small().init(seed, &Device::flex()).unwrap()
    }

    #[test]
    fn it_moves_from_the_first_network_towards_the_later_ones() {
        let (first, later) = (unet(1), unet(2));
        let name = "encoder.0.conv1.weight";
        let at = |unet: &UNet| weights::collect(unet)[name].values()[0];
        let mut average = WeightAverage::new(0.9);

        average.observe(&first, 0);
        average.observe(&later, 1000);

        let expected = 0.9 * at(&first) + 0.1 * at(&later);
        assert!((at(&average.applied_to(unet(3))) - expected).abs() < 1e-6);
    }

    #[test]
    fn it_forgets_what_was_learned_as_slowly_at_the_first_step_as_later() {
        let (given, later) = (unet(1), unet(2));
        let name = "encoder.0.conv1.weight";
        let at = |unet: &UNet| weights::collect(unet)[name].values()[0];
        let mut average = WeightAverage::of_learned(0.9, weights::collect(&given));

        average.observe(&later, 1);

        let expected = 0.9 * at(&given) + 0.1 * at(&later);
        assert!((at(&average.applied_to(unet(3))) - expected).abs() < 1e-6);
    }

    #[test]
    fn a_checkpoint_brings_it_back() {
        let mut average = WeightAverage::new(0.9);
        average.observe(&unet(1), 0);
        let mut saved = average.collect();
        saved.append(&mut weights::collect(&unet(2)));
        let mut restored = WeightAverage::new(0.9);

        restored.restore(&mut saved);

        assert_eq!(restored.tensors, average.tensors);
        assert_eq!(saved, weights::collect(&unet(2)));
    }
}
