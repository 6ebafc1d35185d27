//! Our kernels against Burn's own layers: one network, the same output, the same gradients.

use std::collections::BTreeMap;
use std::io::Write as _;

use burn::module::{Module as _, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use nerveseg_model::weights::{self, NamedTensors};
use nerveseg_model::{DeviceSpec, UNet, UNetConfig, Upsample, to_host};
use nerveseg_train::settings::LossConfig;
use nerveseg_train::step::total_loss;

/// What one step sees of a network.
struct Seen {
    logits: Vec<f32>,
    presence: Vec<f32>,
    gradients: BTreeMap<String, Vec<f32>>,
    /// Tensors after the forward pass, which updates the running statistics.
    tensors: NamedTensors,
}

struct Collector {
    path: Vec<String>,
    gradients: GradientsParams,
    found: BTreeMap<String, Vec<f32>>,
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.remove::<D>(param.id) {
            let values = to_host(gradient).unwrap();
            self.found.insert(self.path.join("."), values);
        }
    }
}

fn see(config: &UNetConfig, device: &Device, kernels: bool) -> Seen {
    let device = device.clone().autodiff();
    let unet: UNet = config.init(3, &device).unwrap().with_kernels(kernels);
    let wave = |count: usize, step: f32| -> Vec<f32> {
        (0..count).map(|i| (i as f32 * step).sin()).collect()
    };
    let shape = [2, 1, 21, 26];
    let count = shape.iter().product();
    let images = Tensor::<4>::from_data(TensorData::new(wave(count, 0.37), shape), &device);
    let targets: Vec<f32> = wave(count, 0.011)
        .iter()
        .map(|v| f32::from(u8::from(*v > 0.5)))
        .collect();
    let targets = Tensor::<4>::from_data(TensorData::new(targets, shape), &device);
    let present = Tensor::<2>::from_floats([[1.0], [0.0]], &device);
    let weight = Tensor::ones([2, 1], &device);
    let loss = LossConfig::default();

    let output = unet.forward(images);
    let total = total_loss(&output, targets, present, weight, &loss);
    let gradients = GradientsParams::from_grads(total.backward(), &unet);

    let mut collector = Collector {
        path: Vec::new(),
        gradients,
        found: BTreeMap::new(),
    };
    unet.visit(&mut collector);
    Seen {
        logits: to_host(output.logits.inner()).unwrap(),
        presence: to_host(output.presence_logits.unwrap().inner()).unwrap(),
        gradients: collector.found,
        tensors: weights::collect(&unet),
    }
}

/// Largest difference as a share of the largest value.
fn off(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let scale = expected.iter().fold(1e-6_f32, |most, v| most.max(v.abs()));
    let differences = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, f32::max) / scale
}

/// A bias that batch normalisation takes away again.
fn is_idle(name: &str) -> bool {
    name.ends_with("conv1.bias") || name.ends_with("conv2.bias")
}

fn compare(device: DeviceSpec) {
    let device = match device.open() {
        Ok(open) => open.device,
        Err(error) => return writeln!(std::io::stderr(), "SKIPPED: {error}").unwrap(),
    };
    for upsample in [
        Upsample::Bilinear,
        Upsample::Transposed2x2,
        Upsample::Transposed3x3,
    ] {
        let config = UNetConfig {
            features: vec![6, 16, 20],
            upsample,
            ..UNetConfig::standard()
        };
        let (ours, burns) = (see(&config, &device, true), see(&config, &device, false));

        assert!(off(&ours.logits, &burns.logits) < 1e-4, "{upsample:?}");
        assert!(off(&ours.presence, &burns.presence) < 1e-4, "{upsample:?}");
        for (name, expected) in &burns.gradients {
            if is_idle(name) {
                assert!(!ours.gradients.contains_key(name), "{name}");
                assert!(
                    expected.iter().all(|g| g.abs() < 1e-5),
                    "{name}: {expected:?}"
                );
                continue;
            }
            let off = off(&ours.gradients[name], expected);
            assert!(off < 1e-3, "{upsample:?} {name}: {off}");
        }
        for (name, expected) in &burns.tensors {
            let off = off(ours.tensors[name].values(), expected.values());
            assert!(off < 1e-4, "{upsample:?} {name}: {off}");
        }
    }
}

#[test]
fn on_flex() {
    compare(DeviceSpec::Flex);
}

#[test]
fn on_ndarray() {
    compare(DeviceSpec::Ndarray);
}
