//! The forward pass against PyTorch's, layer by layer the same formula.
//!
//! `cargo test --release --workspace --test model -- --ignored write_reference`, then
//! `python scripts/reference/unet.py target/tmp/reference-*.safetensors`, prints the constants.

use burn::tensor::{Device, Tensor, TensorData};
use nerveseg_model::{Manifest, Preprocess, UNetConfig, Upsample, artifact, to_host, weights};

use crate::util::{UPSAMPLES, lively_tensors, manifest};

/// Not a multiple of the stride, so padding and cropping are part of it.
const SIZE: [usize; 2] = [18, 26];

fn config(upsample: Upsample) -> UNetConfig {
    UNetConfig {
        features: vec![6, 8, 10],
        upsample,
        norm_epsilon: 1e-3,
        ..UNetConfig::small()
    }
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

#[test]
#[ignore = "writes the input of scripts/reference/unet.py"]
fn write_reference() {
    for upsample in UPSAMPLES {
        let config = config(upsample);
        let described = Manifest {
            preprocess: Preprocess {
                height: SIZE[0],
                width: SIZE[1],
                ..manifest(&config).preprocess
            },
            ..manifest(&config)
        };
        let name = format!("reference-{upsample:?}.safetensors").to_lowercase();
        let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        artifact::save(&path, &lively_tensors(&config), &described).unwrap();
    }
}

/// Compares every 7th row and 9th column of the logits, and the presence logits.
fn agrees(upsample: Upsample, logits: &[f32], presence: &[f32]) {
    let device = Device::flex();
    let unet = config(upsample).init(0, &device).unwrap();
    let unet = weights::apply(unet, lively_tensors(&config(upsample))).unwrap();

    let output = unet.forward(Tensor::from_data(images(), &device));

    let all = to_host(output.logits).unwrap();
    let sampled: Vec<f32> = (0..2 * SIZE[0] * SIZE[1])
        .filter(|i| (i / SIZE[1] % SIZE[0]).is_multiple_of(7) && (i % SIZE[1]).is_multiple_of(9))
        .map(|i| all[i])
        .collect();
    let said = to_host(output.presence_logits.unwrap()).unwrap();
    assert_eq!((sampled.len(), said.len()), (logits.len(), presence.len()));
    for (ours, theirs) in sampled
        .iter()
        .chain(&said)
        .zip(logits.iter().chain(presence))
    {
        // both sum in f32, in another order: 1e-5 of numbers of order 1
        assert!((ours - theirs).abs() < 1e-5, "{ours} against {theirs}");
    }
}

/// The encoders are alike.
const PRESENCE: [f32; 2] = [-0.297_647_4, -0.301_818_9];

#[test]
fn bilinear_agrees_with_pytorch() {
    let logits = [
        -0.214_052_6,
        -0.157_220_3,
        -0.187_715_4,
        -0.429_245_2,
        -0.261_915_3,
        -0.384_710_7,
        -0.583_755_6,
        -0.199_095_1,
        -0.274_037_5,
        -0.240_074_4,
        -0.199_271_8,
        -0.157_547_4,
        -0.488_771_5,
        -0.254_260_1,
        -0.280_756_9,
        -0.333_021_8,
        -0.237_168,
        -0.245_194_6,
    ];
    agrees(Upsample::Bilinear, &logits, &PRESENCE);
}

#[test]
fn transposed_2x2_agrees_with_pytorch() {
    let logits = [
        -0.145_814_6,
        -0.046_023_08,
        0.016_708_61,
        -0.156_057,
        -0.318_037_1,
        -0.527_612,
        -0.236_819_8,
        -0.153_499,
        -0.422_476_8,
        -0.159_435_6,
        0.024_781_03,
        -0.098_606_91,
        -0.156_643,
        -0.315_949_6,
        -0.248_514,
        -0.247_907_6,
        -0.174_019_4,
        -0.218_253_5,
    ];
    agrees(Upsample::Transposed2x2, &logits, &PRESENCE);
}

#[test]
fn transposed_3x3_agrees_with_pytorch_cropped_as_keras_does() {
    let logits = [
        -0.196_865_4,
        -0.145_255_8,
        -0.152_393_5,
        -0.187_697_6,
        -0.152_515_6,
        -0.227_633,
        -0.147_910_1,
        -0.210_295_2,
        -0.152_515_6,
        -0.259_380_1,
        -0.142_842_6,
        -0.152_205,
        -0.213_901_7,
        -0.152_515_6,
        -0.285_068_6,
        -0.150_115_8,
        -0.203_776_9,
        -0.152_515_6,
    ];
    agrees(Upsample::Transposed3x3, &logits, &PRESENCE);
}
