//! Results are the same bits, run after run and whatever the number of threads.

use nerveseg_kernels::{
    Affine, Algorithm, Convolution, Engine, Finish, Head, ImageConvolution, Size,
};

use crate::kind::Kind;
use crate::util::{Blocked, engines, random, random_maps};

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Auto, Algorithm::Winograd, Algorithm::Direct];
/// What a function gives on some engine: several lists of values.
type Results = Vec<Vec<f32>>;

/// Runs `f` twice with every number of threads and compares the bits.
fn check(what: &str, f: impl Fn(&Engine) -> Results) {
    let bits = |results: Results| -> Vec<Vec<u32>> {
        let of_list = |list: Vec<f32>| list.into_iter().map(f32::to_bits).collect();
        results.into_iter().map(of_list).collect()
    };
    let expected: Vec<_> = engines(1).iter().map(|engine| bits(f(engine))).collect();
    for threads in [1, 2, 3, 4, 7] {
        for (engine, expected) in engines(threads).iter().zip(&expected) {
            for _ in 0..2 {
                let isa = engine.isa();
                assert!(
                    bits(f(engine)) == *expected,
                    "{what} on {isa}, {threads} threads"
                );
            }
        }
    }
}

/// Maps large and odd enough that work is cut differently for every number of threads.
const SIZE: Size = Size {
    batch: 3,
    height: 37,
    width: 46,
};

/// Channels and sizes that take every way through the convolutions.
fn shapes() -> [([usize; 2], Size); 4] {
    let square = |batch: usize, side: usize| Size {
        batch,
        height: side,
        width: side,
    };
    [
        ([24, 40], SIZE),
        ([1, 3], SIZE),
        ([32, 32], square(2, 64)),
        // weight gradients larger than a cache
        ([96, 160], square(4, 8)),
    ]
}

fn maps(engine: &Engine, channels: usize, size: Size, seed: u64) -> Blocked {
    Blocked::new(engine, &random_maps(channels, size, seed), channels, size)
}

#[test]
fn convolutions() {
    for (([inputs, outputs], size), algorithm) in shapes()
        .into_iter()
        .flat_map(|shape| ALGORITHMS.map(|algorithm| (shape, algorithm)))
    {
        let weights = random(inputs * outputs * 9, 0.1, 1);
        let bias = random(outputs, 0.1, 2);
        check(&format!("{inputs}→{outputs} {algorithm:?}"), |engine| {
            let input = maps(engine, inputs, size, 3);
            let gradient = maps(engine, outputs, size, 4);
            let shape = (&[inputs][..], outputs);
            let forward =
                Convolution::new(engine, shape, &weights, Some(&bias), size, algorithm).unwrap();
            let adjoint = Convolution::adjoint(engine, shape, &weights, size, algorithm).unwrap();
            let mut output = Blocked::fresh(engine, outputs, size);
            let mut back = Blocked::fresh(engine, inputs, size);
            let mut of_weights = vec![f32::NAN; weights.len()];
            for (convolution, from, to) in [
                (&forward, &input, &mut output),
                (&adjoint, &gradient, &mut back),
            ] {
                let to = &mut [to.maps_mut()];
                engine
                    .convolve(convolution, &[from.maps()], to, Finish::default())
                    .unwrap();
            }
            engine
                .convolution_weights_gradient(
                    &[input.maps()],
                    gradient.maps(),
                    &mut of_weights,
                    size,
                    algorithm,
                )
                .unwrap();
            vec![output.data, back.data, of_weights]
        });
    }
}

#[test]
fn pointwise_and_transposed() {
    for kind in Kind::ALL {
        let (side, large) = (kind.side(), kind.output(SIZE));
        let (channels, weights) = ([24, 40], random(24 * 40 * side * side, 0.1, 1));
        check(&format!("{kind:?}"), |engine| {
            let input = maps(engine, 24, SIZE, 2);
            let gradient = maps(engine, 40, large, 3);
            let output = kind.forward(engine, channels, (&weights, None), &input, SIZE);
            let back = kind.backward(engine, channels, &weights, &gradient, SIZE);
            let of_weights = kind.weights_gradient(engine, &input, &gradient, weights.len(), SIZE);
            vec![output.data, back.data, of_weights]
        });
    }
}

#[test]
fn image() {
    let weights = random(3 * 40 * 9, 0.1, 1);
    let images = random_maps(3, SIZE, 2);
    check("image", |engine| {
        let gradient = maps(engine, 40, SIZE, 3);
        let convolution = ImageConvolution::new(engine, [3, 40], &weights, None).unwrap();
        let mut output = Blocked::fresh(engine, 40, SIZE);
        let mut of_weights = vec![f32::NAN; weights.len()];
        engine
            .convolve_image(&convolution, &images, output.maps_mut(), SIZE)
            .unwrap();
        engine
            .image_weights_gradient(&images, 3, gradient.maps(), &mut of_weights, SIZE)
            .unwrap();
        vec![output.data, of_weights]
    });
}

#[test]
fn normalisation() {
    let (gamma, beta) = (random(40, 2.0, 1), random(40, 0.5, 2));
    let affine = Affine {
        gamma: &gamma,
        beta: &beta,
        epsilon: 1e-5,
    };
    check("normalisation", |engine| {
        let input = maps(engine, 40, SIZE, 3);
        let gradient = maps(engine, 40, SIZE, 4);
        let statistics = engine.statistics(input.maps(), SIZE).unwrap();
        let mut output = Blocked::fresh(engine, 40, SIZE);
        let mut back = Blocked::fresh(engine, 40, SIZE);
        engine
            .normalise(input.maps(), &statistics, affine, output.maps_mut(), SIZE)
            .unwrap();
        let [of_gamma, of_beta] = engine
            .normalise_backward(
                input.maps(),
                gradient.maps(),
                &statistics,
                affine,
                back.maps_mut(),
                SIZE,
            )
            .unwrap();
        vec![
            statistics.mean,
            statistics.variance,
            output.data,
            back.data,
            of_gamma,
            of_beta,
        ]
    });
}

#[test]
fn head_and_sums() {
    let (weights, bias) = (random(2 * 40, 0.1, 1), random(2, 0.1, 2));
    let gradient = random_maps(2, SIZE, 3);
    check("head", |engine| {
        let input = maps(engine, 40, SIZE, 4);
        let head = Head::new(engine, 40, &weights, &bias).unwrap();
        let mut logits = vec![f32::NAN; gradient.len()];
        engine.head(&head, input.maps(), &mut logits, SIZE).unwrap();
        let mut back = Blocked::fresh(engine, 40, SIZE);
        let [of_weights, of_bias] = engine
            .head_backward(&head, input.maps(), &gradient, back.maps_mut(), SIZE)
            .unwrap();
        let sums = engine.channel_sums(input.maps(), SIZE).unwrap();
        vec![logits, back.data, of_weights, of_bias, sums]
    });
}

#[test]
fn pooling_and_upsampling() {
    check("pooling and upsampling", |engine| {
        let input = maps(engine, 40, SIZE, 1);
        let half = maps(engine, 40, SIZE.halved(), 2);
        let double = maps(engine, 40, SIZE.doubled(), 3);
        let mut pooled = Blocked::fresh(engine, 40, SIZE.halved());
        let mut upsampled = Blocked::fresh(engine, 40, SIZE.doubled());
        let mut backs = [(); 2].map(|()| Blocked::fresh(engine, 40, SIZE));
        engine.pool(input.maps(), pooled.maps_mut(), SIZE).unwrap();
        engine
            .pool_backward(input.maps(), half.maps(), backs[0].maps_mut(), SIZE)
            .unwrap();
        engine
            .upsample(input.maps(), upsampled.maps_mut(), SIZE)
            .unwrap();
        engine
            .upsample_backward(double.maps(), backs[1].maps_mut(), SIZE)
            .unwrap();
        let [first, second] = backs;
        vec![pooled.data, upsampled.data, first.data, second.data]
    });
}
