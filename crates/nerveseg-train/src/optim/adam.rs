//! Adam with its state under the names of the parameters.
//!
//! On the CPU the update is one pass of our kernels, elsewhere it is Burn's. Burn's own container (`ModuleOptimizer`) keys the state by ids that
//! change from run to run and restores it on Burn's default device, which is a GPU wherever that
//! backend is compiled in; a checkpoint needs neither.

use std::collections::BTreeMap;

use burn::module::{Module as _, ModuleMapper, Param};
use burn::optim::{
    Adam, AdamConfig, AdamState, AdaptiveMomentumState, GradientsParams, Optimizer as _,
};
use burn::tensor::{Device, Tensor, TensorData};
use nerveseg_model::kernels::{AdamStep, Engine};
use nerveseg_model::weights::{HostTensor, NamedTensors};
use nerveseg_model::{UNet, cpu_engine};

const BETAS: [f32; 2] = [0.9, 0.999];

/// Adam (Kingma & Ba, 2015, arXiv:1412.6980) whose state can be saved and restored by name.
pub struct NamedAdam {
    adam: Adam,
    epsilon: f32,
    steps: usize,
    /// Moments on a GPU.
    states: BTreeMap<String, AdamState<1>>,
    /// Moments on the CPU.
    moments: BTreeMap<String, [Vec<f32>; 2]>,
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
        let [beta_1, beta_2] = BETAS;
        let config = AdamConfig::new().with_beta_1(beta_1).with_beta_2(beta_2);
        Self {
            adam: config.with_epsilon(epsilon).build(),
            epsilon,
            steps: 0,
            states: BTreeMap::new(),
            moments: BTreeMap::new(),
        }
    }

    /// Moves every parameter against its gradient, and first takes `learning_rate · decay` of
    /// itself off every weight that is no bias and no scale of a normalisation.
    pub fn step(
        &mut self,
        learning_rate: f64,
        decay: f64,
        unet: UNet,
        gradients: GradientsParams,
    ) -> UNet {
        self.steps += 1;
        unet.map(&mut Stepper {
            path: Vec::new(),
            learning_rate,
            keep: (1.0 - learning_rate * decay) as f32,
            gradients,
            optimiser: self,
        })
    }

    /// One parameter's step on the CPU.
    fn fused<const D: usize>(
        &mut self,
        engine: &Engine,
        name: String,
        learning_rate: f64,
        tensor: Tensor<D>,
        gradient: TensorData,
    ) -> Tensor<D> {
        let device = tensor.device();
        let mut parameter = tensor.into_data();
        let count = parameter.num_elements();
        let [first, second] = self
            .moments
            .entry(name)
            .or_insert_with(|| [vec![0.0; count], vec![0.0; count]]);
        let step = AdamStep {
            learning_rate,
            beta1: BETAS[0].into(),
            beta2: BETAS[1].into(),
            epsilon: self.epsilon.into(),
            step: self.steps,
        };
        let values = parameter.as_mut_slice().expect("parameters are f32");
        let gradient = gradient.as_slice().expect("gradients are f32");
        engine
            .adam(values, [first, second], gradient, step)
            .expect("a gradient has the parameter's shape");
        Tensor::from_data(parameter, &device)
    }

    /// Steps taken so far.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Both moments of every parameter, on the host: `adam.m.NAME` and `adam.v.NAME`.
    pub fn collect(&self) -> NamedTensors {
        let named = |prefix: &str, name: &str, values: Vec<f32>| {
            let shape = [values.len()];
            let tensor = HostTensor::new(shape, values);
            (format!("adam.{prefix}.{name}"), tensor)
        };
        let tensor = |prefix: &str, name: &str, tensor: &Tensor<1>| {
            let values = tensor.to_data().convert::<f32>().try_into_vec();
            named(prefix, name, values.expect("moments are f32"))
        };
        let on_cpu = self.moments.iter().flat_map(|(name, moments)| {
            let [m, v] = moments;
            [named("m", name, m.clone()), named("v", name, v.clone())]
        });
        let moments = self.states.iter().flat_map(|(name, state)| {
            let AdaptiveMomentumState {
                moment_1, moment_2, ..
            } = &state.momentum;
            [tensor("m", name, moment_1), tensor("v", name, moment_2)]
        });
        moments.chain(on_cpu).collect()
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
        self.moments.clear();
        let names: Vec<String> = tensors
            .keys()
            .filter_map(|key| key.strip_prefix("adam.m."))
            .map(str::to_owned)
            .collect();
        for name in names {
            let mut take = |prefix: &str| -> Result<Vec<f32>, String> {
                let key = format!("adam.{prefix}.{name}");
                let tensor = tensors.remove(&key);
                let tensor = tensor.ok_or_else(|| format!("tensor `{key}` is missing"))?;
                Ok(tensor.into_values())
            };
            let (m, v) = (take("m")?, take("v")?);
            if cpu_engine(device).is_some() {
                self.moments.insert(name, [m, v]);
                continue;
            }
            let [m, v] = [m, v].map(|values| Tensor::from_floats(values.as_slice(), device));
            let momentum = AdaptiveMomentumState::new(steps, m, v);
            self.states.insert(name, AdamState::new(momentum));
        }
        Ok(())
    }
}

struct Stepper<'a> {
    path: Vec<String>,
    learning_rate: f64,
    /// What decay leaves of a weight.
    keep: f32,
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
        let keep = if D > 1 { self.keep } else { 1.0 };
        if let Some(engine) = cpu_engine(&gradient.device()) {
            let gradient = gradient.into_data();
            return param.map(|tensor| {
                let moved = self.optimiser.fused(
                    engine,
                    name,
                    self.learning_rate,
                    decayed(tensor.inner(), keep),
                    gradient,
                );
                Tensor::from_inner(moved).require_grad()
            });
        }
        let state = self.optimiser.states.remove(&name);
        param.map(|tensor| {
            let shape = tensor.dims();
            let count = shape.iter().product::<usize>();
            let (flat, state) = self.optimiser.adam.step(
                self.learning_rate,
                decayed(tensor.inner(), keep).reshape([count]),
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

fn decayed<const D: usize>(tensor: Tensor<D>, keep: f32) -> Tensor<D> {
    if keep < 1.0 {
        tensor.mul_scalar(keep)
    } else {
        tensor
    }
}
