//! The whole network against the same network in `f64`.
//!
//! `scripts/bench/accuracy.py` prints the same figures for PyTorch.

use std::collections::BTreeMap;

use nerveseg_model::kernels::{Algorithm, Engine, Size};
use nerveseg_model::{UNetConfig, Upsample};
use rand::SeedableRng as _;
use rand_distr::{Distribution as _, StandardNormal};

const SIDE: usize = 64;

/// RMS error of PyTorch 2.15's probabilities in f32 on this network, contiguous (the better
/// of its layouts), median of five networks; printed by the script above.
const PYTORCH: f64 = 3.4e-7;

type Tensors = BTreeMap<String, (Vec<f64>, Vec<usize>)>;

/// Square maps `[channels, side, side]`.
struct Maps {
    data: Vec<f64>,
    channels: usize,
    side: usize,
}

/// 3×3 convolution, normalisation with untrained statistics, ReLU.
fn layer(input: &Maps, tensors: &Tensors, name: &str, epsilon: f64) -> Maps {
    let (weights, shape) = &tensors[&format!("{name}.weight")];
    let (outputs, side) = (shape[0], input.side);
    let mut data = vec![0.0; outputs * side * side];
    for (o, plane) in data.chunks_exact_mut(side * side).enumerate() {
        for c in 0..input.channels {
            let from = &input.data[c * side * side..][..side * side];
            for (tap, weight) in weights[(o * input.channels + c) * 9..][..9]
                .iter()
                .enumerate()
            {
                let (dy, dx) = (tap / 3, tap % 3);
                for y in 1_usize.saturating_sub(dy)..side.min(side + 1 - dy) {
                    let row = &from[(y + dy - 1) * side..][..side];
                    let to = &mut plane[y * side..][..side];
                    for x in 1_usize.saturating_sub(dx)..side.min(side + 1 - dx) {
                        to[x] += weight * row[x + dx - 1];
                    }
                }
            }
        }
        let scale = 1.0 / (1.0 + epsilon).sqrt();
        for value in plane.iter_mut() {
            *value = (*value * scale).max(0.0);
        }
    }
    Maps {
        data,
        channels: outputs,
        side,
    }
}

fn block(input: &Maps, tensors: &Tensors, name: &str, epsilon: f64) -> Maps {
    let middle = layer(input, tensors, &format!("{name}.conv1"), epsilon);
    layer(&middle, tensors, &format!("{name}.conv2"), epsilon)
}

fn pool(input: &Maps) -> Maps {
    let side = input.side / 2;
    let at = |c: usize, y: usize, x: usize| input.data[(c * input.side + y) * input.side + x];
    let data = (0..input.channels * side * side).map(|i| {
        let (c, y, x) = (i / side / side, i / side % side * 2, i % side * 2);
        at(c, y, x)
            .max(at(c, y, x + 1))
            .max(at(c, y + 1, x))
            .max(at(c, y + 1, x + 1))
    });
    Maps {
        data: data.collect(),
        channels: input.channels,
        side,
    }
}

/// Transposed 2×2 convolution of stride 2.
fn upsample(input: &Maps, tensors: &Tensors, name: &str) -> Maps {
    let (weights, shape) = &tensors[&format!("{name}.transposed.weight")];
    let (outputs, side) = (shape[1], 2 * input.side);
    let mut data = vec![0.0; outputs * side * side];
    for c in 0..input.channels {
        for o in 0..outputs {
            for y in 0..side {
                for x in 0..side {
                    let weight = weights[(c * outputs + o) * 4 + y % 2 * 2 + x % 2];
                    let from = input.data[(c * input.side + y / 2) * input.side + x / 2];
                    data[(o * side + y) * side + x] += weight * from;
                }
            }
        }
    }
    Maps {
        data,
        channels: outputs,
        side,
    }
}

fn exact(tensors: &Tensors, image: &[f32], depth: usize, epsilon: f64) -> Vec<f64> {
    let mut x = Maps {
        data: image.iter().map(|&v| f64::from(v)).collect(),
        channels: 1,
        side: SIDE,
    };
    let mut skips = Vec::new();
    for level in 0..depth {
        let skip = block(&x, tensors, &format!("encoder.{level}"), epsilon);
        x = pool(&skip);
        skips.push(skip);
    }
    x = block(&x, tensors, "bottleneck", epsilon);
    for level in 0..depth {
        let up = upsample(&x, tensors, &format!("up.{level}"));
        let mut both = skips.pop().unwrap();
        both.data.extend(up.data);
        both.channels += up.channels;
        x = block(&both, tensors, &format!("decoder.{level}"), epsilon);
    }
    let (weights, _) = &tensors["head.weight"];
    let pixels = SIDE * SIDE;
    let logit = |i| {
        (0..x.channels)
            .map(|c| weights[c] * x.data[c * pixels + i])
            .sum::<f64>()
    };
    (0..pixels)
        .map(|i| 1.0 / (1.0 + (-logit(i)).exp()))
        .collect()
}

#[test]
fn winograd_is_within_ten_times_and_direct_within_three_times_of_pytorch() {
    let config = UNetConfig {
        features: vec![32, 64, 128, 256, 512],
        upsample: Upsample::Transposed2x2,
        presence_head: false,
        ..UNetConfig::standard()
    };
    let initial = config.initial_tensors(1).unwrap();
    let exact_of = |values: &[f32]| values.iter().map(|&v| f64::from(v)).collect();
    let tensors: Tensors = initial
        .iter()
        .map(|(name, data)| {
            let values = exact_of(data.values());
            (name.clone(), (values, data.shape().to_vec()))
        })
        .collect();
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(2);
    let image: Vec<f32> = (0..SIDE * SIDE)
        .map(|_| StandardNormal.sample(&mut rng))
        .collect();
    let expected = exact(&tensors, &image, config.depth(), config.norm_epsilon);
    let mean = expected.iter().sum::<f64>() / expected.len() as f64;
    let spread = expected.iter().map(|p| (p - mean).powi(2)).sum::<f64>() / expected.len() as f64;
    assert!(
        spread.sqrt() > 0.05,
        "a constant output would hide every error"
    );

    let size = Size {
        batch: 1,
        height: SIDE,
        width: SIDE,
    };
    for (algorithm, times) in [(Algorithm::Direct, 3.0), (Algorithm::Winograd, 10.0)] {
        let engine = Engine::new(2).unwrap();
        let plan = config
            .compile(initial.clone(), "initial", &engine, size, algorithm)
            .unwrap();
        let mut found = vec![0.0; SIDE * SIDE];
        plan.run(&image, &mut found, &mut [0.0]).unwrap();

        let squares = found
            .iter()
            .zip(&expected)
            .map(|(&a, b)| (f64::from(a) - b).powi(2));
        let rms = (squares.sum::<f64>() / expected.len() as f64).sqrt();
        println!(
            "{algorithm:?}: RMS {rms:.1e}, {:.1} times PyTorch's",
            rms / PYTORCH
        );
        assert!(rms < times * PYTORCH, "{algorithm:?}: {rms:e}");
    }
}
