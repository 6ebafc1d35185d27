//! The plan against the same kernels called one by one, bit by bit, and what it refuses.

use nerveseg_kernels::walk::{Outputs, Wiring, walk};
use nerveseg_kernels::{
    Algorithm, Engine, LayerWeights, Plan, Size, TransposedKernel, UNetWeights, UpWeights,
};

use crate::one_by_one::OneByOne;
use crate::util::{engines, random};

/// Channels of each level; none fills a block.
const FEATURES: [usize; 3] = [6, 17, 9];

const KERNELS: [Option<TransposedKernel>; 3] = [
    None,
    Some(TransposedKernel::TwoByTwo),
    Some(TransposedKernel::ThreeByThree),
];

fn layer(inputs: usize, outputs: usize, area: usize, seed: u64) -> LayerWeights {
    let scale = (2.0 / (inputs * area) as f32).sqrt();
    LayerWeights {
        inputs,
        outputs,
        weights: random(inputs * outputs * area, scale, seed),
        bias: random(outputs, 0.1, seed ^ 1),
    }
}

fn block(inputs: usize, outputs: usize, seed: u64) -> [LayerWeights; 2] {
    [
        layer(inputs, outputs, 9, seed),
        layer(outputs, outputs, 9, seed + 10),
    ]
}

fn unet(kernel: Option<TransposedKernel>) -> UNetWeights {
    let [top, middle, deep] = FEATURES;
    let up = |inputs, outputs, seed| match kernel {
        None => UpWeights::Bilinear(layer(inputs, outputs, 1, seed)),
        Some(kernel) => {
            let area = kernel.side() * kernel.side();
            UpWeights::Transposed(kernel, layer(inputs, outputs, area, seed))
        }
    };
    UNetWeights {
        encoder: vec![block(2, top, 100), block(top, middle, 200)],
        bottleneck: block(middle, deep, 300),
        up: vec![up(deep, middle, 400), up(middle, top, 500)],
        decoder: vec![block(2 * middle, middle, 600), block(2 * top, top, 700)],
        head: layer(top, 1, 1, 800),
        presence: Some(layer(deep, 1, 1, 900)),
    }
}

/// Rows of `from` columns, cut or filled up with zeros to `height` rows of `width`.
fn resized(plane: &[f32], from: usize, [height, width]: [usize; 2]) -> Vec<f32> {
    let rows = plane.len() / from;
    let at = |y: usize, x: usize| match y < rows && x < from {
        true => plane[y * from + x],
        false => 0.0,
    };
    (0..height * width)
        .map(|i| at(i / width, i % width))
        .collect()
}

#[test]
fn the_plan_gives_the_bits_of_its_kernels_one_by_one() {
    let wiring = Wiring {
        depth: 2,
        presence: true,
    };
    for (kernel, algorithm) in KERNELS
        .into_iter()
        .flat_map(|kernel| [Algorithm::Auto, Algorithm::Direct].map(|way| (kernel, way)))
    {
        // one that needs no padding, and one that does
        for [height, width] in [[24, 16], [21, 30]] {
            let size = Size {
                batch: 3,
                height,
                width,
            };
            let padded = [height, width].map(|side| side.next_multiple_of(4));
            let images = random(3 * 2 * size.pixels(), 1.0, 1);
            for engine in engines(3) {
                let unet = unet(kernel);
                let plan = Plan::compile(&engine, unet.clone(), size, algorithm).unwrap();
                let mut probabilities = vec![f32::NAN; 3 * size.pixels()];
                let mut presence = vec![f32::NAN; 3];

                plan.run(&images, &mut probabilities, &mut presence)
                    .unwrap();

                for (n, image) in images.chunks(2 * size.pixels()).enumerate() {
                    let planes = image.chunks(size.pixels());
                    let image = planes
                        .flat_map(|plane| resized(plane, width, padded))
                        .collect();
                    let mut interpreter = OneByOne {
                        engine: &engine,
                        unet: &unet,
                        size: Size {
                            batch: 1,
                            height: padded[0],
                            width: padded[1],
                        },
                        algorithm,
                    };
                    let Outputs {
                        logits,
                        presence: expected,
                    } = walk(wiring, &mut interpreter, image).unwrap();
                    let what = format!("{kernel:?} {algorithm:?} {size:?} on {}", engine.isa());
                    let logits = resized(&logits, padded[1], [height, width]);
                    for (found, logit) in probabilities[n * size.pixels()..].iter().zip(logits) {
                        let probability = 1.0 / (1.0 + (-logit).exp());
                        assert_eq!(found.to_bits(), probability.to_bits(), "{what}");
                    }
                    let off = f64::from(presence[n]) - expected.unwrap();
                    assert!(off.abs() < 1e-6, "{what}: presence is off by {off:e}");
                }
            }
        }
    }
}

#[test]
fn layers_that_do_not_fit_together_are_refused() {
    type Change = fn(&mut UNetWeights);
    let engine = Engine::new(1).unwrap();
    let size = Size {
        batch: 1,
        height: 8,
        width: 8,
    };
    let changes: [(Change, &str); 10] = [
        (
            |unet| drop(unet.up.pop()),
            "levels of `up`: 1 values, expected 2",
        ),
        (
            |unet| drop(unet.decoder.pop()),
            "levels of `decoder`: 1 values, expected 2",
        ),
        (
            |unet| unet.encoder[1] = block(5, 17, 0),
            "inputs of a convolution: 5 values, expected 6",
        ),
        (
            |unet| unet.bottleneck[0] = layer(17, 40, 9, 0),
            "outputs of a convolution: 40 values, expected 9",
        ),
        (
            |unet| unet.decoder[0] = block(34, 18, 0),
            "outputs of a convolution: 18 values, expected 17",
        ),
        (
            |unet| unet.decoder[1] = block(13, 6, 0),
            "inputs of a convolution: 13 values, expected 12",
        ),
        (
            |unet| unet.up[0] = UpWeights::Bilinear(layer(8, 17, 1, 0)),
            "inputs of `up`: 8 values, expected 9",
        ),
        (
            |unet| unet.up[1] = UpWeights::Bilinear(layer(17, 60, 1, 0)),
            "outputs of `up`: 60 values, expected 6",
        ),
        (
            |unet| unet.presence = Some(layer(6, 1, 1, 0)),
            "inputs of `presence`: 6 values, expected 9",
        ),
        (
            |unet| unet.head = layer(6, 2, 1, 0),
            "outputs of `head`: 2 values, expected 1",
        ),
    ];
    for (change, message) in changes {
        let mut unet = unet(None);
        change(&mut unet);

        let error = Plan::compile(&engine, unet, size, Algorithm::Auto).unwrap_err();

        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn slices_of_the_wrong_length_are_refused() {
    let engine = Engine::new(1).unwrap();
    let size = Size {
        batch: 2,
        height: 8,
        width: 8,
    };
    let plan = Plan::compile(&engine, unet(None), size, Algorithm::Auto).unwrap();
    for ([images, probabilities, batch], message) in [
        ([255, 128, 2], "images: 255 values, expected 256"),
        ([256, 64, 2], "probabilities: 64 values, expected 128"),
        ([384, 192, 3], "batch: 3 values, expected 2"),
    ] {
        let [images, mut probabilities, mut presence] =
            [images, probabilities, batch].map(|len| vec![0.0; len]);

        let error = plan
            .run(&images, &mut probabilities, &mut presence)
            .unwrap_err();

        assert_eq!(error.to_string(), message);
    }
}
