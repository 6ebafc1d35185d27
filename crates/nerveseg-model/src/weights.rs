//! The network's tensors by name: `encoder.0.conv1.weight` and the like.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};

use crate::UNet;

/// Tensors by stable, readable name, in host memory, always `f32`.
pub type NamedTensors = BTreeMap<String, TensorData>;

/// How many numbers a network holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ParameterCounts {
    /// Weights and running statistics of batch normalisation.
    pub total: usize,
    /// Those that the optimiser changes.
    pub trainable: usize,
}

/// Counts the parameters of `unet`.
pub fn parameter_counts(unet: &UNet) -> ParameterCounts {
    tensor_counts(&collect(unet))
}

/// Counts the parameters of a network by its tensors.
pub fn tensor_counts(tensors: &NamedTensors) -> ParameterCounts {
    let mut counts = ParameterCounts {
        total: 0,
        trainable: 0,
    };
    for (name, data) in tensors {
        counts.total += data.num_elements();
        counts.trainable += if is_statistic(name) {
            0
        } else {
            data.num_elements()
        };
    }
    counts
}

/// Whether `name` is a running statistic of batch normalisation, which no gradient changes.
pub fn is_statistic(name: &str) -> bool {
    name.ends_with(".running_mean") || name.ends_with(".running_var")
}

/// Copies every tensor of `unet` to the host.
///
/// Works on a network in training, too: pending running statistics are settled first.
pub fn collect(unet: &UNet) -> NamedTensors {
    let mut collector = Collector::default();
    unet.valid().visit(&mut collector);
    collector.tensors
}

/// Replaces every tensor of `unet` by the one of the same name.
///
/// # Errors
///
/// Names the first tensor that is missing, left over, or of another shape.
pub fn apply(unet: UNet, tensors: NamedTensors) -> Result<UNet, String> {
    let mut applier = Applier {
        path: Vec::new(),
        tensors,
        problem: None,
    };
    let unet = unet.map(&mut applier);
    if let Some(problem) = applier.problem {
        return Err(problem);
    }
    match applier.tensors.into_keys().next() {
        Some(name) => Err(format!("tensor `{name}` is not part of the network")),
        None => Ok(unet),
    }
}

#[derive(Default)]
struct Collector {
    path: Vec<String>,
    tensors: NamedTensors,
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let data = param.val().into_data().convert::<f32>();
        self.tensors.insert(self.path.join("."), data);
    }
}

struct Applier {
    path: Vec<String>,
    tensors: NamedTensors,
    problem: Option<String>,
}

impl ModuleMapper for Applier {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.path.join(".");
        let expected = param.lazy_shape();
        let problem = match self.tensors.remove(&name) {
            None => format!("tensor `{name}` is missing"),
            Some(data) if *data.shape() != expected => {
                let (found, expected) = (data.shape().as_slice(), expected.as_slice());
                format!("tensor `{name}` has shape {found:?}, expected {expected:?}")
            }
            Some(data) => {
                // not `map`: that would first allocate the old value, which may be lazy
                let (id, tensor) = (param.id, Tensor::from_data(data, &param.lazy_device()));
                return param.transform_for_load(tensor, id);
            }
        };
        self.problem.get_or_insert(problem);
        param
    }
}
