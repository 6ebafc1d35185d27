//! Maps without images, rows, columns or channels: nothing to do, and no reason to panic.

use nerveseg_kernels::{Algorithm, Convolution, Engine, Finish, Head, Size};

use crate::kind::Kind;
use crate::util::{Blocked, engines};

/// Sizes and channels, each with one zero.
const EMPTY: [([usize; 3], usize); 4] = [
    ([0, 4, 4], 3),
    ([1, 0, 4], 3),
    ([1, 4, 0], 3),
    ([1, 4, 4], 0),
];

/// Calls `check` with every one of them on every instruction set.
fn for_each(check: impl Fn(&Engine, usize, Size)) {
    for engine in engines(2) {
        for ([batch, height, width], channels) in EMPTY {
            let size = Size {
                batch,
                height,
                width,
            };
            check(&engine, channels, size);
        }
    }
}

#[test]
fn a_convolution_gives_its_bias_and_no_gradient() {
    for_each(|engine, channels, size| {
        for algorithm in [Algorithm::Auto, Algorithm::Winograd, Algorithm::Direct] {
            let (weights, shape) = (vec![1.0; channels * 36], (&[channels][..], 4));
            let input = Blocked::new(engine, &vec![1.0; len(channels, size)], channels, size);
            let gradient = Blocked::new(engine, &vec![1.0; len(4, size)], 4, size);
            let mut output = Blocked::fresh(engine, 4, size);
            let mut of_weights = vec![f32::NAN; weights.len()];
            let convolution =
                Convolution::new(engine, shape, &weights, Some(&[0.5; 4]), size, algorithm)
                    .unwrap();
            engine
                .convolve(
                    &convolution,
                    &[input.maps()],
                    &mut [output.maps_mut()],
                    Finish::default(),
                )
                .unwrap();
            engine
                .convolution_weights_gradient(
                    &[input.maps()],
                    gradient.maps(),
                    &mut of_weights,
                    size,
                    algorithm,
                )
                .unwrap();

            assert_eq!(output.plain(engine), vec![0.5; len(4, size)]);
            assert_eq!(of_weights, vec![0.0; weights.len()]);
        }
    });
}

#[test]
fn pointwise_and_transposed_ones_give_their_bias_and_no_gradient() {
    for_each(|engine, channels, size| {
        for kind in Kind::ALL {
            let large = kind.output(size);
            let weights = vec![1.0; channels * 4 * kind.side() * kind.side()];
            let input = Blocked::new(engine, &vec![1.0; len(channels, size)], channels, size);
            let gradient = Blocked::new(engine, &vec![1.0; len(4, large)], 4, large);
            let parameters = (&weights[..], Some(&[0.5; 4][..]));
            let output = kind.forward(engine, [channels, 4], parameters, &input, size);
            let of_weights = kind.weights_gradient(engine, &input, &gradient, weights.len(), size);

            assert_eq!(output.plain(engine), vec![0.5; len(4, large)]);
            assert_eq!(of_weights, vec![0.0; weights.len()]);
        }
    });
}

#[test]
fn the_others_run() {
    for_each(|engine, channels, size| {
        let input = Blocked::new(engine, &vec![1.0; len(channels, size)], channels, size);
        let mut pooled = Blocked::fresh(engine, channels, size.halved());
        let mut upsampled = Blocked::fresh(engine, channels, size.doubled());
        let mut logits = vec![f32::NAN; len(1, size)];
        let head = Head::new(engine, channels, &vec![1.0; channels], &[0.5]).unwrap();
        engine.pool(input.maps(), pooled.maps_mut(), size).unwrap();
        engine
            .upsample(input.maps(), upsampled.maps_mut(), size)
            .unwrap();
        engine.head(&head, input.maps(), &mut logits, size).unwrap();
        let sums = engine.channel_sums(input.maps(), size).unwrap();
        let statistics = engine.statistics(input.maps(), size).unwrap();

        assert_eq!(logits, vec![0.5; len(1, size)]);
        assert_eq!(sums, vec![0.0; channels]);
        assert_eq!(statistics.mean.len(), channels);
    });
}

fn len(channels: usize, size: Size) -> usize {
    size.batch * channels * size.pixels()
}
