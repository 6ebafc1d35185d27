//! Small networks whose every number matters.

use image::{GrayImage, Luma};
use nerveseg_model::weights::NamedTensors;
use nerveseg_model::{
    DeviceSpec, Fit, Manifest, Normalisation, Postprocess, Preprocess, Provenance, UNetConfig,
    Upsample, artifact,
};

/// What most tests compute on: Burn's backend where it is in the build.
pub(crate) const DEVICE: DeviceSpec = if cfg!(feature = "flex") {
    DeviceSpec::Flex
} else {
    DeviceSpec::Cpu
};

/// A network of a few hundred numbers.
pub(crate) fn toy() -> UNetConfig {
    UNetConfig {
        features: vec![2, 3, 4],
        ..UNetConfig::small()
    }
}

/// Weights for `config`: He-normal, but with biases, scales and running statistics that are not
/// 0 and 1, so that an ignored or swapped one changes the output.
pub(crate) fn lively_tensors(config: &UNetConfig) -> NamedTensors {
    let mut tensors = config.initial_tensors(7).unwrap();
    let mut phase = 0.0_f32;
    for (name, data) in &mut tensors {
        let (base, swing) = match name.rsplit('.').next().unwrap() {
            "running_var" | "gamma" => (1.0, 0.3),
            "running_mean" | "beta" | "bias" => (0.0, 0.2),
            _ => continue,
        };
        for value in data.values_mut() {
            phase += 1.0;
            *value = base + swing * phase.sin();
        }
    }
    tensors
}

/// A manifest for `config` at 24×40, with numbers that are not the defaults.
pub(crate) fn manifest(config: &UNetConfig) -> Manifest {
    let preprocess = Preprocess {
        height: 24,
        width: 40,
        fit: Fit::Stretch,
        normalisation: Normalisation::PerImage,
    };
    let postprocess = Postprocess {
        threshold: 0.4,
        ..Postprocess::default()
    };
    let provenance = Provenance {
        train_subjects: vec![1, 2],
        seed: Some(7),
        ..Provenance::default()
    };
    Manifest::new(config.clone(), preprocess, postprocess, provenance)
}

/// The artifact of a lively `config`.
pub(crate) fn bytes(config: &UNetConfig) -> Vec<u8> {
    artifact::encode(&lively_tensors(config), &manifest(config))
}

/// An image with structure in both directions.
pub(crate) fn picture(width: u32, height: u32) -> GrayImage {
    GrayImage::from_fn(width, height, |x, y| {
        let (x, y) = (f64::from(x), f64::from(y));
        Luma([
            (127.0 + 90.0 * (x / 9.0).sin() * (y / 5.0).cos() + 30.0 * (x * y / 40.0).sin()) as u8,
        ])
    })
}

/// Every way to upsample.
pub(crate) const UPSAMPLES: [Upsample; 3] = [
    Upsample::Bilinear,
    Upsample::Transposed2x2,
    Upsample::Transposed3x3,
];

/// Length of the safetensors header with its length field.
pub(crate) fn header_len(bytes: &[u8]) -> usize {
    8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize
}
