//! Adam with its state under the names of the parameters.
//!
//! The update itself is Burn's. Its own container (`ModuleOptimizer`) keys the state by ids that
//! change from run to run and restores it on Burn's default device, which is a GPU wherever that
//! backend is compiled in; a checkpoint needs neither.

use std::collections::BTreeMap;

use burn::module::{Module as _, ModuleMapper, Param};
use burn::optim::{
    Adam, AdamConfig, AdamState, AdaptiveMomentumState, GradientsParams, Optimizer as _,
};
use burn::tensor::{Device, Tensor, TensorData};
use nerveseg_model::UNet;
use nerveseg_model::weights::NamedTensors;

/// Adam (Kingma & Ba, 2015, arXiv:1412.6980) whose state can be saved and restored by name.
pub struct NamedAdam {
    adam: Adam,
    steps: usize,
    states: BTreeMap<String, AdamState<1>>,
}

impl std::fmt::Debug for NamedAdam {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NamedAdam")
            .field("steps", &self.steps)
            .finish_non_exhaustive()
    }
}

impl NamedAdam {
    /// Starts afresh; betas are 0.9 and 0.999.
    pub fn new(epsilon: f32) -> Self {
        let adam = AdamConfig::new().with_epsilon(epsilon).build();
        Self {
            adam,
            steps: 0,
            states: BTreeMap::new(),
        }
    }

    /// Moves every parameter against its gradient.
    pub fn step(&mut self, learning_rate: f64, unet: UNet, gradients: GradientsParams) -> UNet {
        self.steps += 1;
        unet.map(&mut Stepper {
            path: Vec::new(),
            learning_rate,
            gradients,
            optimiser: self,
        })
    }

    /// Steps taken so far.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Both moments of every parameter, on the host: `adam.m.NAME` and `adam.v.NAME`.
    pub fn collect(&self) -> NamedTensors {
        let tensor = |prefix: &str, name: &str, tensor: &Tensor<1>| {
            (
                format!("adam.{prefix}.{name}"),
                tensor.to_data().convert::<f32>(),
            )
        };
        let moments = self.states.iter().flat_map(|(name, state)| {
            let AdaptiveMomentumState {
                moment_1, moment_2, ..
            } = &state.momentum;
            [tensor("m", name, moment_1), tensor("v", name, moment_2)]
        });
        moments.collect()
    }

    /// Takes the moments of [`collect`](Self::collect) out of `tensors` and restores them.
    ///
    /// # Errors
    ///
    /// Names a first moment without its second.
    pub fn restore(
        &mut self,
        tensors: &mut NamedTensors,
        steps: usize,
        device: &Device,
    ) -> Result<(), String> {
        self.steps = steps;
        self.states.clear();
        let names: Vec<String> = tensors
            .keys()
            .filter_map(|key| key.strip_prefix("adam.m."))
            .map(str::to_owned)
            .collect();
        for name in names {
            let mut take = |prefix: &str| -> Result<TensorData, String> {
                let key = format!("adam.{prefix}.{name}");
                tensors
                    .remove(&key)
                    .ok_or_else(|| format!("tensor `{key}` is missing"))
            };
            let (m, v) = (take("m")?, take("v")?);
            let momentum = AdaptiveMomentumState::new(
                steps,
                Tensor::from_data(m, device),
                Tensor::from_data(v, device),
            );
            self.states.insert(name, AdamState::new(momentum));
        }
        Ok(())
    }
}

struct Stepper<'a> {
    path: Vec<String>,
    learning_rate: f64,
    gradients: GradientsParams,
    optimiser: &'a mut NamedAdam,
}

impl ModuleMapper for Stepper<'_> {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(gradient) = self.gradients.remove::<D>(param.id) else {
            return param;
        };
        let name = self.path.join(".");
        let state = self.optimiser.states.remove(&name);
        param.map(|tensor| {
            let shape = tensor.dims();
            let count = shape.iter().product::<usize>();
            let (flat, state) = self.optimiser.adam.step(
                self.learning_rate,
                tensor.inner().reshape([count]),
                gradient.reshape([count]),
                state,
            );
            if let Some(state) = state {
                self.optimiser.states.insert(name, state);
            }
            Tensor::from_inner(flat.reshape(shape)).require_grad()
        })
    }
}
