//! One training step against PyTorch's.
//!
//! `cargo test --release --workspace --test train -- --ignored write_reference`, then
//! `python scripts/reference/unet.py target/tmp/reference-step.safetensors`, prints the constants.

#![expect(
    clippy::unreadable_literal,
    reason = "constants as the script prints them"
)]

use std::collections::BTreeMap;

use burn::module::{Module as _, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use nerveseg_model::{
    Fit, Manifest, Normalisation, Postprocess, Preprocess, Provenance, UNetConfig, artifact,
    to_host, weights,
};
use nerveseg_train::settings::LossConfig;
use nerveseg_train::step::total_loss;

/// Not a multiple of the stride, so padding and cropping are part of it.
const SIZE: [usize; 2] = [18, 26];

const LOSS: f32 = 2.133297;
const RUNNING_MEAN: [f32; 3] = [-0.003307513, -0.003716882, -0.005155304];
#[rustfmt::skip]
const GRADIENT_NORMS: [(&str, f32); 38] = [
    ("bottleneck.conv1.weight", 5.322421e-01),
    ("bottleneck.conv2.weight", 7.099903e-01),
    ("bottleneck.norm1.beta", 7.005787e-02),
    ("bottleneck.norm1.gamma", 6.476577e-02),
    ("bottleneck.norm2.beta", 8.864353e-02),
    ("bottleneck.norm2.gamma", 3.767622e-02),
    ("decoder.0.conv1.weight", 6.016793e-01),
    ("decoder.0.conv2.weight", 2.806669e-01),
    ("decoder.0.norm1.beta", 5.03905e-02),
    ("decoder.0.norm1.gamma", 5.72139e-02),
    ("decoder.0.norm2.beta", 1.023266e-01),
    ("decoder.0.norm2.gamma", 6.136112e-02),
    ("decoder.1.conv1.weight", 3.162551e-01),
    ("decoder.1.conv2.weight", 6.378589e-01),
    ("decoder.1.norm1.beta", 4.268567e-02),
    ("decoder.1.norm1.gamma", 3.57806e-03),
    ("decoder.1.norm2.beta", 5.466729e-01),
    ("decoder.1.norm2.gamma", 4.537436e-01),
    ("encoder.0.conv1.weight", 3.866512e-01),
    ("encoder.0.conv2.weight", 5.143867e-01),
    ("encoder.0.norm1.beta", 1.772697e-01),
    ("encoder.0.norm1.gamma", 5.5768e-02),
    ("encoder.0.norm2.beta", 5.468147e-02),
    ("encoder.0.norm2.gamma", 1.457962e-01),
    ("encoder.1.conv1.weight", 4.003871e-01),
    ("encoder.1.conv2.weight", 6.072611e-01),
    ("encoder.1.norm1.beta", 1.004493e-01),
    ("encoder.1.norm1.gamma", 5.482694e-02),
    ("encoder.1.norm2.beta", 2.643097e-02),
    ("encoder.1.norm2.gamma", 7.856667e-02),
    ("head.bias", 4.59355e-01),
    ("head.weight", 3.215225e-01),
    ("presence.bias", 9.469329e-02),
    ("presence.weight", 7.147035e-02),
    ("up.0.pointwise.bias", 4.048726e-02),
    ("up.0.pointwise.weight", 1.24664e-01),
    ("up.1.pointwise.bias", 2.045734e-02),
    ("up.1.pointwise.weight", 1.356353e-01),
];

fn config() -> UNetConfig {
    UNetConfig {
        features: vec![3, 5, 7],
        ..UNetConfig::small()
    }
}

#[test]
#[ignore = "writes the input of scripts/reference/unet.py"]
fn write_reference() {
    let preprocess = Preprocess {
        height: SIZE[0],
        width: SIZE[1],
        fit: Fit::Stretch,
        normalisation: Normalisation::Unit,
    };
    let manifest = Manifest::new(
        config(),
        preprocess,
        Postprocess::default(),
        Provenance::default(),
    );
    let unet = config().init(7, &Device::flex()).unwrap();
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("reference-step.safetensors");
    artifact::save(&path, &weights::collect(&unet), &manifest).unwrap();
}

/// Two images: a pattern without symmetry, and its faint negative.
fn images() -> TensorData {
    let pattern = |i: usize| {
        let (r, c) = ((i / SIZE[1]) as f32, (i % SIZE[1]) as f32);
        (0.37 * r).sin() * (0.23 * c).cos() + 0.1 * (0.05 * r * c).sin()
    };
    let pixels = SIZE[0] * SIZE[1];
    let negative = (0..pixels).map(|i| 0.1 - 0.5 * pattern(i));
    let values: Vec<f32> = (0..pixels).map(pattern).chain(negative).collect();
    TensorData::new(values, [2, 1, SIZE[0], SIZE[1]])
}

/// A disc with a soft edge, and nothing.
fn targets() -> TensorData {
    let pixels = SIZE[0] * SIZE[1];
    let disc = (0..pixels).map(|i| {
        let (r, c) = ((i / SIZE[1]) as f32, (i % SIZE[1]) as f32);
        (6.5 - (r - 9.0).hypot(c - 12.0)).clamp(0.0, 1.0)
    });
    let values: Vec<f32> = disc.chain((0..pixels).map(|_| 0.0)).collect();
    TensorData::new(values, [2, 1, SIZE[0], SIZE[1]])
}

/// Euclidean norm of the gradient of every tensor, by name.
struct Norms<'a> {
    path: Vec<String>,
    gradients: &'a GradientsParams,
    found: BTreeMap<String, f32>,
}

impl ModuleVisitor for Norms<'_> {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            let norm = gradient.square().sum().into_scalar::<f32>().sqrt();
            self.found.insert(self.path.join("."), norm);
        }
    }
}

#[test]
fn loss_gradients_and_statistics_agree_with_pytorch() {
    let device = Device::flex().autodiff();
    let unet = config().init(7, &device).unwrap();

    let output = unet.forward(Tensor::from_data(images(), &device));
    let target = Tensor::from_data(targets(), &device);
    let present = Tensor::from_data([[1.0_f32], [0.0]], &device);
    let weight = Tensor::ones([2, 1], &device);
    let loss = total_loss(&output, target, present, weight, &LossConfig::default());
    let gradients = GradientsParams::from_grads(loss.backward(), &unet);

    // all three sum hundreds of numbers in f32, in another order than PyTorch does
    let near = |ours: f32, theirs: f32| (ours - theirs).abs() <= 2e-4 * theirs.abs();
    let loss = to_host(loss.inner()).unwrap()[0];
    assert!(near(loss, LOSS), "loss {loss} against {LOSS}");
    let mut norms = Norms {
        path: Vec::new(),
        gradients: &gradients,
        found: BTreeMap::new(),
    };
    unet.visit(&mut norms);
    for (name, theirs) in GRADIENT_NORMS {
        let ours = norms.found.remove(name).unwrap();
        assert!(
            near(ours, theirs),
            "gradient of `{name}`: {ours} against {theirs}"
        );
    }
    // what is left are the biases before a normalisation, which have no effect
    for (name, norm) in norms.found {
        assert!(
            name.contains(".conv") && name.ends_with("bias") && norm < 1e-5,
            "`{name}`"
        );
    }
    let statistics = weights::collect(&unet);
    let mean = statistics["encoder.0.norm1.running_mean"].values();
    for (&ours, theirs) in mean.iter().zip(RUNNING_MEAN) {
        assert!(near(ours, theirs), "running mean {ours} against {theirs}");
    }
}
