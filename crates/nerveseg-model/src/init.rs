//! First weights, drawn on the host: one seed gives the same network on every device.

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, Normal};

use crate::parameters::{Initial, Parameter};
use crate::tensor::{HostTensor, NamedTensors};
use crate::{Result, UNetConfig};

impl UNetConfig {
    /// Draws the tensors of an untrained network from `seed`.
    ///
    /// # Errors
    ///
    /// [`ModelError::InvalidConfig`](crate::ModelError::InvalidConfig) if
    /// [`validate`](Self::validate) refuses the numbers.
    pub fn initial_tensors(&self, seed: u64) -> Result<NamedTensors> {
        self.validate()?;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let tensor = |parameter: Parameter| {
            let Parameter {
                name,
                shape,
                initial,
            } = parameter;
            let tensor = match initial {
                Initial::Zeros => HostTensor::full(shape, 0.0),
                Initial::Ones => HostTensor::full(shape, 1.0),
                Initial::HeNormal { fan_in } => he_normal(shape, fan_in, &mut rng),
            };
            (name, tensor)
        };
        Ok(self.parameters().into_iter().map(tensor).collect())
    }
}

fn he_normal(shape: Vec<usize>, fan_in: usize, rng: &mut ChaCha8Rng) -> HostTensor {
    let deviation = (2.0 / fan_in.max(1) as f32).sqrt();
    let normal = Normal::new(0.0, deviation).expect("the deviation is finite and positive");
    let values = (0..shape.iter().product::<usize>()).map(|_| normal.sample(rng));
    let values = values.collect();
    HostTensor::new(shape, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_the_same_weights_twice_and_another_gives_others() {
        let tensors = |seed| UNetConfig::small().initial_tensors(seed).unwrap();

        assert_eq!(tensors(3), tensors(3));
        let name = "encoder.0.conv1.weight";
        assert_ne!(tensors(3)[name], tensors(4)[name]);
    }

    #[test]
    fn nonsense_is_refused_with_the_number_named() {
        let config = UNetConfig {
            features: vec![8],
            ..UNetConfig::small()
        };

        let error = config.initial_tensors(0).unwrap_err();

        assert!(
            error.to_string().contains("`features` has 1 levels"),
            "{error}"
        );
    }
}
