//! From the module to named tensors and back.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor, TensorData};

use super::UNet;
use crate::parameters::{check_rest, check_shape};
use crate::tensor::{HostTensor, NamedTensors};
use crate::{Manifest, ModelError, Result, UNetConfig};

impl UNetConfig {
    /// Builds the network on `device` with weights drawn from `seed`, the same on every device.
    ///
    /// # Errors
    ///
    /// [`ModelError::InvalidConfig`] if [`validate`](Self::validate) refuses the numbers.
    pub fn init(&self, seed: u64, device: &Device) -> Result<UNet> {
        let tensors = self.initial_tensors(seed)?;
        let unet = apply(self.skeleton(device)?, tensors);
        Ok(unet.expect("the tensors are those of the configuration"))
    }
}

/// Builds the network that `manifest` describes and fills it with `tensors`.
///
/// # Errors
///
/// [`ModelError::TensorMismatch`] names the tensor that does not fit.
pub(crate) fn build(
    tensors: NamedTensors,
    manifest: &Manifest,
    name: &str,
    device: &Device,
) -> Result<UNet> {
    let unet = manifest.unet.skeleton(device)?;
    apply(unet, tensors).map_err(|problem| ModelError::TensorMismatch {
        name: name.to_owned(),
        problem,
    })
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
    match applier.problem {
        Some(problem) => Err(problem),
        None => check_rest(applier.tensors.keys().next()).map(|()| unet),
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
        let shape = data.shape().to_vec();
        let values = data.try_into_vec().expect("it was made f32");
        let tensor = HostTensor::new(shape, values);
        self.tensors.insert(self.path.join("."), tensor);
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
        let found = self.tensors.remove(&name);
        let shape = found.as_ref().map(HostTensor::shape);
        if let Err(problem) = check_shape(&name, shape, expected.as_slice()) {
            self.problem.get_or_insert(problem);
            return param;
        }
        let values = found.expect("it is there").into_values();
        let data = TensorData::new(values, expected);
        // not `map`: that would first allocate the old value, which may be lazy
        let (id, tensor) = (param.id, Tensor::from_data(data, &param.lazy_device()));
        param.transform_for_load(tensor, id)
    }
}
