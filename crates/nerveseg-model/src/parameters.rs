//! What tensors a network has: names and shapes, in the order in which their first values are drawn.

use nerveseg_kernels::walk::{Block, HEAD, PRESENCE, Up};
use serde::Serialize;

use crate::channels::Visitor;
use crate::tensor::{HostTensor, NamedTensors};
use crate::{UNetConfig, Upsample};

/// One tensor of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name: `encoder.0.conv1.weight` and the like.
    pub name: String,
    /// Its shape: `[outputs, inputs, kernel, kernel]` for a convolution, `[inputs, outputs, kernel,
    /// kernel]` for a transposed one, `[inputs, outputs]` for the presence head, else `[channels]`.
    pub shape: Vec<usize>,
    /// What it holds before training.
    pub initial: Initial,
}

/// What a tensor holds before training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initial {
    /// Values of a normal distribution with variance `2 / fan_in` (He et al., 2015, arXiv:1502.01852).
    HeNormal {
        /// Products that an output sums up.
        fan_in: usize,
    },
    /// Zeros: biases, and means of batch normalisation.
    Zeros,
    /// Ones: scales and variances of batch normalisation.
    Ones,
}

/// How many numbers a network holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ParameterCounts {
    /// Weights and running statistics of batch normalisation.
    pub total: usize,
    /// Those that the optimiser changes.
    pub trainable: usize,
}

/// Counts the parameters of a network by its tensors.
pub fn tensor_counts(tensors: &NamedTensors) -> ParameterCounts {
    let tensors = tensors.iter();
    ParameterCounts::of(tensors.map(|(name, tensor)| (name.as_str(), tensor.values().len())))
}

/// Whether `name` is a running statistic of batch normalisation, which no gradient changes.
pub fn is_statistic(name: &str) -> bool {
    name.ends_with(".running_mean") || name.ends_with(".running_var")
}

/// Whether `name` is a tensor of an output head: that of the mask or that of presence.
pub fn is_head(name: &str) -> bool {
    [HEAD, PRESENCE].iter().any(|head| {
        let rest = name.strip_prefix(head);
        rest.is_some_and(|rest| rest.starts_with('.'))
    })
}

impl ParameterCounts {
    fn of<'a>(tensors: impl Iterator<Item = (&'a str, usize)>) -> Self {
        tensors.fold(Self::default(), |counts, (name, count)| Self {
            total: counts.total + count,
            trainable: counts.trainable + if is_statistic(name) { 0 } else { count },
        })
    }
}

impl UNetConfig {
    /// Every tensor of the network, in the order in which first values are drawn.
    pub fn parameters(&self) -> Vec<Parameter> {
        let mut list = List {
            upsample: self.upsample,
            parameters: Vec::new(),
        };
        self.visit(&mut list);
        list.parameters
    }

    /// Counts the network's parameters.
    pub fn parameter_counts(&self) -> ParameterCounts {
        let parameters = self.parameters();
        let counted = parameters.iter();
        ParameterCounts::of(counted.map(|p| (p.name.as_str(), p.shape.iter().product())))
    }

    /// Checks that `tensors` are those of the network.
    ///
    /// # Errors
    ///
    /// Names the first tensor that is missing, of another shape, or left over.
    pub fn check(&self, tensors: &NamedTensors) -> Result<(), String> {
        let parameters = self.parameters();
        for Parameter { name, shape, .. } in &parameters {
            check_shape(name, tensors.get(name).map(HostTensor::shape), shape)?;
        }
        let known = |name: &&String| parameters.iter().any(|p| p.name == **name);
        check_rest(tensors.keys().find(|name| !known(name)))
    }
}

/// Refuses a tensor that is missing or of another shape.
pub(crate) fn check_shape(
    name: &str,
    found: Option<&[usize]>,
    expected: &[usize],
) -> Result<(), String> {
    match found {
        None => Err(format!("tensor `{name}` is missing")),
        Some(found) if found != expected => Err(format!(
            "tensor `{name}` has shape {found:?}, expected {expected:?}"
        )),
        Some(_) => Ok(()),
    }
}

/// Refuses a tensor that is left over.
pub(crate) fn check_rest(left: Option<&String>) -> Result<(), String> {
    match left {
        Some(name) => Err(format!("tensor `{name}` is not part of the network")),
        None => Ok(()),
    }
}

/// The tensors so far.
struct List {
    upsample: Upsample,
    parameters: Vec<Parameter>,
}

impl List {
    fn push(&mut self, name: String, shape: &[usize], initial: Initial) {
        let shape = shape.to_vec();
        self.parameters.push(Parameter {
            name,
            shape,
            initial,
        });
    }

    /// Weights, and a bias for each output.
    fn layer(&mut self, name: &str, shape: &[usize], outputs: usize, fan_in: usize) {
        let initial = Initial::HeNormal { fan_in };
        self.push(format!("{name}.weight"), shape, initial);
        self.push(format!("{name}.bias"), &[outputs], Initial::Zeros);
    }

    fn conv(&mut self, name: &str, [inputs, outputs]: [usize; 2], kernel: usize) {
        let shape = [outputs, inputs, kernel, kernel];
        self.layer(name, &shape, outputs, inputs * kernel * kernel);
    }

    /// Each output pixel of a transposed convolution of stride 2 sums a quarter of the products.
    fn transposed(&mut self, name: &str, [inputs, outputs]: [usize; 2], kernel: usize) {
        let shape = [inputs, outputs, kernel, kernel];
        self.layer(name, &shape, outputs, inputs * kernel * kernel / 4);
    }

    fn norm(&mut self, name: &str, channels: usize) {
        let tensors = [
            ("gamma", Initial::Ones),
            ("beta", Initial::Zeros),
            ("running_mean", Initial::Zeros),
            ("running_var", Initial::Ones),
        ];
        for (tensor, initial) in tensors {
            self.push(format!("{name}.{tensor}"), &[channels], initial);
        }
    }
}

impl Visitor for List {
    fn block(&mut self, block: Block, [inputs, outputs]: [usize; 2]) {
        self.conv(&format!("{block}.conv1"), [inputs, outputs], 3);
        self.norm(&format!("{block}.norm1"), outputs);
        self.conv(&format!("{block}.conv2"), [outputs, outputs], 3);
        self.norm(&format!("{block}.norm2"), outputs);
    }

    fn presence(&mut self, channels: usize) {
        self.layer(PRESENCE, &[channels, 1], 1, channels);
    }

    fn up(&mut self, up: Up, channels: [usize; 2]) {
        match self.upsample {
            Upsample::Transposed3x3 => self.transposed(&format!("{up}.transposed"), channels, 3),
            Upsample::Transposed2x2 => self.transposed(&format!("{up}.transposed"), channels, 2),
            Upsample::Bilinear => self.conv(&format!("{up}.pointwise"), channels, 1),
        }
    }

    fn head(&mut self, channels: usize) {
        self.conv(HEAD, [channels, 1], 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_heads_are_heads_and_nothing_else_is() {
        let parameters = UNetConfig::small().parameters();
        let names = parameters.iter().map(|parameter| parameter.name.as_str());

        let heads: Vec<&str> = names.filter(|name| is_head(name)).collect();

        let expected = [
            "presence.weight",
            "presence.bias",
            "head.weight",
            "head.bias",
        ];
        assert_eq!(heads, expected);
    }

    #[test]
    fn seed_preset_has_the_seed_systems_parameter_counts() {
        let counts = UNetConfig::seed().parameter_counts();

        assert_eq!((counts.total, counts.trainable), (2_164_305, 2_161_361));
    }
}
