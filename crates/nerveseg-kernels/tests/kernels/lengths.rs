//! Slices that do not fit are refused before anything is computed: a table for every function, a
//! row for every slice that can be wrong, with what the message has to say.

use std::sync::LazyLock;

use nerveseg_kernels::{
    Affine, Algorithm, Convolution, Engine, Finish, Head, ImageConvolution, Isa, KernelError, Maps,
    MapsMut, PointwiseConvolution, Size, Statistics, StridedConvolution, TransposedConvolution,
    TransposedKernel,
};

use crate::util::Blocked;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(2).unwrap());

const SIZE: Size = Size {
    batch: 2,
    height: 6,
    width: 5,
};

/// Channels of input and output, one block on every instruction set.
const CHANNELS: [usize; 2] = [3, 4];

const ALGORITHMS: [Algorithm; 2] = [Algorithm::Winograd, Algorithm::Direct];

fn maps(channels: usize, size: Size) -> Blocked {
    Blocked::fresh(&ENGINE, channels, size)
}

/// Maps that lack a value.
fn short(channels: usize, size: Size) -> Blocked {
    let mut maps = maps(channels, size);
    maps.data.pop();
    maps
}

/// Asserts a message and that it names what was found and what was expected.
#[track_caller]
fn refused<T>(result: Result<T, KernelError>, message: &str) {
    match result {
        Err(error @ KernelError::Length { .. }) => assert_eq!(error.to_string(), message),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("was not refused: {message}"),
    }
}

/// The message about [`short`] maps, whose length is that of the processor's fastest layout.
fn of_short(channels: usize, size: Size) -> String {
    let expected = size.blocked_len(channels, Isa::best());
    format!("maps: {} values, expected {expected}", expected - 1)
}

/// The message about maps of other channels than one block.
fn of_lanes(what: &str, parts: &[usize]) -> String {
    let lanes = ENGINE.isa().lanes();
    let padded = parts.iter().map(|part| part.next_multiple_of(lanes));
    let found: usize = padded.sum();
    format!("{what} lanes: {found} values, expected {lanes}")
}

fn all(blocked: &[Blocked]) -> Vec<Maps<'_>> {
    blocked.iter().map(Blocked::maps).collect()
}

#[test]
fn moving_between_layouts() {
    for (plain, mut blocked, message) in [
        (179, maps(3, SIZE), "plain maps: 179 values, expected 180"),
        (181, maps(3, SIZE), "plain maps: 181 values, expected 180"),
        (180, short(3, SIZE), &of_short(3, SIZE)),
    ] {
        let mut plain = vec![0.0; plain];
        refused(ENGINE.block(&plain, blocked.maps_mut(), SIZE), message);
        refused(ENGINE.unblock(blocked.maps(), &mut plain, SIZE), message);
    }
}

#[test]
fn packing_a_convolution() {
    let shape = (&CHANNELS[..1], CHANNELS[1]);
    for algorithm in ALGORITHMS {
        for (weights, bias, message) in [
            (107, 4, "weights: 107 values, expected 108"),
            (108, 3, "values of channels: 3 values, expected 4"),
        ] {
            let (weights, bias) = (vec![0.0; weights], vec![0.0; bias]);
            let packed = Convolution::new(&ENGINE, shape, &weights, Some(&bias), SIZE, algorithm);
            refused(packed, message);
        }
        refused(
            Convolution::adjoint(&ENGINE, shape, &[0.0; 12], SIZE, algorithm),
            "weights: 12 values, expected 108",
        );
    }
}

fn convolution(algorithm: Algorithm) -> Convolution {
    let shape = (&CHANNELS[..1], CHANNELS[1]);
    Convolution::new(&ENGINE, shape, &[0.0; 108], None, SIZE, algorithm).unwrap()
}

#[test]
fn convolving() {
    let (x, y) = (|| maps(3, SIZE), || maps(4, SIZE));
    let none = "sets of maps: 0 values, expected 1";
    for algorithm in ALGORITHMS {
        for (input, mut output, message) in [
            (vec![short(3, SIZE)], vec![y()], &of_short(3, SIZE)[..]),
            (vec![x()], vec![short(4, SIZE)], &of_short(4, SIZE)),
            (vec![x(), x()], vec![y()], &of_lanes("input", &[3, 3])),
            (vec![maps(40, SIZE)], vec![y()], &of_lanes("input", &[40])),
            (vec![x()], vec![y(), y()], &of_lanes("output", &[4, 4])),
            (vec![], vec![y()], none),
            (vec![x()], vec![], none),
            (
                vec![x(), x(), x()],
                vec![y()],
                "sets of maps: 3 values, expected 2",
            ),
        ] {
            let mut output: Vec<MapsMut<'_>> = output.iter_mut().map(Blocked::maps_mut).collect();
            let packed = convolution(algorithm);
            let finish = Finish::default();
            refused(
                ENGINE.convolve(&packed, &all(&input), &mut output, finish),
                message,
            );
        }
    }
}

#[test]
fn pooling_behind_a_convolution() {
    let half = SIZE.halved();
    let blocks = 20_usize.div_ceil(ENGINE.isa().lanes());
    for (algorithm, mut pooled, message) in [
        (Algorithm::Winograd, short(4, half), of_short(4, half)),
        (
            Algorithm::Winograd,
            maps(20, half),
            format!("pooled blocks: {blocks} values, expected 1"),
        ),
        (
            Algorithm::Direct,
            maps(4, half),
            "pooling in a direct convolution: 0 values, expected 1".to_owned(),
        ),
    ] {
        let finish = Finish {
            relu: true,
            pooled: Some(pooled.maps_mut()),
        };
        let (input, mut output) = (maps(3, SIZE), maps(4, SIZE));
        let output = &mut [output.maps_mut()];
        refused(
            ENGINE.convolve(&convolution(algorithm), &[input.maps()], output, finish),
            &message,
        );
    }
}

#[test]
fn gradients_of_weights() {
    let (x, y) = (|| maps(3, SIZE), || maps(4, SIZE));
    for algorithm in ALGORITHMS {
        for (input, gradient, weights, message) in [
            (vec![x()], y(), 109, "weights: 109 values, expected 108"),
            (vec![x()], short(4, SIZE), 108, &of_short(4, SIZE)),
            (vec![short(3, SIZE)], y(), 108, &of_short(3, SIZE)),
            (
                vec![x(), x(), x()],
                y(),
                324,
                "sets of maps: 3 values, expected 2",
            ),
            (vec![], y(), 0, "sets of maps: 0 values, expected 1"),
        ] {
            let (input, weights) = (all(&input), &mut vec![0.0; weights]);
            let gradient = gradient.maps();
            refused(
                ENGINE.convolution_weights_gradient(&input, gradient, weights, SIZE, algorithm),
                message,
            );
        }
    }
}

#[test]
fn pointwise() {
    let new = |weights: usize, bias: usize| {
        let (weights, bias) = (vec![0.0; weights], vec![0.0; bias]);
        PointwiseConvolution::new(&ENGINE, CHANNELS, &weights, Some(&bias))
    };
    refused(new(9, 4), "weights: 9 values, expected 12");
    refused(new(12, 0), "values of channels: 0 values, expected 4");
    refused(
        PointwiseConvolution::adjoint(&ENGINE, CHANNELS, &[0.0; 16]),
        "weights: 16 values, expected 12",
    );
    let forward = new(12, 4).unwrap();
    let adjoint = PointwiseConvolution::adjoint(&ENGINE, CHANNELS, &[0.0; 12]).unwrap();
    let (x, y) = (|| maps(3, SIZE), || maps(4, SIZE));
    for (packed, input, mut output, message) in [
        (&forward, y(), y(), "input channels: 4 values, expected 3"),
        (&forward, x(), x(), "output channels: 3 values, expected 4"),
        (&forward, short(3, SIZE), y(), &of_short(3, SIZE)),
        (&forward, x(), short(4, SIZE), &of_short(4, SIZE)),
        (&adjoint, x(), x(), "input channels: 3 values, expected 4"),
        (&adjoint, y(), y(), "output channels: 4 values, expected 3"),
        (&adjoint, y(), short(3, SIZE), &of_short(3, SIZE)),
    ] {
        refused(
            ENGINE.convolve_pointwise(packed, input.maps(), output.maps_mut(), SIZE),
            message,
        );
    }
    for (gradient, weights, message) in [
        (y(), 48, "weights: 48 values, expected 12"),
        (short(4, SIZE), 12, &of_short(4, SIZE)),
    ] {
        let weights = &mut vec![0.0; weights];
        refused(
            ENGINE.pointwise_weights_gradient(x().maps(), gradient.maps(), weights, SIZE),
            message,
        );
    }
}

#[test]
fn transposed() {
    let (kernel, large) = (TransposedKernel::ThreeByThree, SIZE.doubled());
    let new = |weights: usize, bias: usize| {
        let (weights, bias) = (vec![0.0; weights], vec![0.0; bias]);
        TransposedConvolution::new(&ENGINE, kernel, CHANNELS, &weights, Some(&bias))
    };
    refused(new(9, 4), "weights: 9 values, expected 108");
    refused(new(108, 0), "values of channels: 0 values, expected 4");
    refused(
        StridedConvolution::adjoint(&ENGINE, kernel, CHANNELS, &[0.0; 48]),
        "weights: 48 values, expected 108",
    );
    let forward = new(108, 4).unwrap();
    let (x, y) = (|| maps(3, SIZE), || maps(4, large));
    for (input, mut output, message) in [
        (y(), y(), "input channels: 4 values, expected 3"),
        (x(), maps(3, large), "output channels: 3 values, expected 4"),
        (x(), short(4, large), &of_short(4, large)),
    ] {
        refused(
            ENGINE.convolve_transposed(&forward, input.maps(), output.maps_mut(), SIZE),
            message,
        );
    }
    let adjoint = StridedConvolution::adjoint(&ENGINE, kernel, CHANNELS, &[0.0; 108]).unwrap();
    for (gradient, mut output, message) in [
        (x(), x(), "input channels: 3 values, expected 4"),
        (y(), y(), "output channels: 4 values, expected 3"),
        (y(), short(3, SIZE), &of_short(3, SIZE)),
    ] {
        refused(
            ENGINE.convolve_strided(&adjoint, gradient.maps(), output.maps_mut(), SIZE),
            message,
        );
    }
    for (gradient, weights, message) in [
        (y(), 48, "weights: 48 values, expected 108"),
        (short(4, large), 108, &of_short(4, large)),
    ] {
        let weights = &mut vec![0.0; weights];
        refused(
            ENGINE.transposed_weights_gradient(kernel, x().maps(), gradient.maps(), weights, SIZE),
            message,
        );
    }
}

#[test]
fn images() {
    let packed = ImageConvolution::new(&ENGINE, CHANNELS, &[0.0; 108], None).unwrap();
    for (images, mut output, message) in [
        (30, maps(4, SIZE), "images: 30 values, expected 180"),
        (180, maps(5, SIZE), "output channels: 5 values, expected 4"),
        (180, short(4, SIZE), &of_short(4, SIZE)),
    ] {
        let images = vec![0.0; images];
        refused(
            ENGINE.convolve_image(&packed, &images, output.maps_mut(), SIZE),
            message,
        );
    }
    for (images, weights, message) in [
        (179, 108, "images: 179 values, expected 180"),
        (180, 9, "weights: 9 values, expected 108"),
    ] {
        let (images, weights) = (vec![0.0; images], &mut vec![0.0; weights]);
        refused(
            ENGINE.image_weights_gradient(&images, 3, maps(4, SIZE).maps(), weights, SIZE),
            message,
        );
    }
}

#[test]
fn pooling_and_upsampling() {
    let (half, double) = (SIZE.halved(), SIZE.doubled());
    let channels = |found: usize| format!("channels: {found} values, expected 3");
    let (x, mut back) = (maps(3, SIZE), maps(3, SIZE));
    for (mut pooled, message) in [
        (maps(4, half), channels(4)),
        (short(3, half), of_short(3, half)),
    ] {
        let y = pooled.maps_mut();
        refused(ENGINE.pool(x.maps(), y, SIZE), &message);
        let (gradient, back) = (pooled.maps(), back.maps_mut());
        refused(
            ENGINE.pool_backward(x.maps(), gradient, back, SIZE),
            &message,
        );
    }
    for (mut upsampled, message) in [
        (short(3, double), of_short(3, double)),
        (maps(2, double), channels(2)),
    ] {
        refused(
            ENGINE.upsample(x.maps(), upsampled.maps_mut(), SIZE),
            &message,
        );
    }
    refused(
        ENGINE.upsample_backward(short(3, double).maps(), back.maps_mut(), SIZE),
        &of_short(3, double),
    );
}

#[test]
fn normalising() {
    refused(
        ENGINE.statistics(short(3, SIZE).maps(), SIZE),
        &of_short(3, SIZE),
    );
    let (x, mut y) = (maps(3, SIZE), maps(3, SIZE));
    for (means, gammas, betas, gradient, message) in [
        (2, 3, 3, maps(3, SIZE), "mean: 2 values, expected 3"),
        (3, 4, 3, maps(3, SIZE), "gamma: 4 values, expected 3"),
        (3, 3, 0, maps(3, SIZE), "beta: 0 values, expected 3"),
        (3, 3, 3, short(3, SIZE), &of_short(3, SIZE)),
    ] {
        let statistics = Statistics {
            mean: vec![0.0; means],
            variance: vec![1.0; 3],
        };
        let affine = Affine {
            gamma: &vec![1.0; gammas],
            beta: &vec![0.0; betas],
            epsilon: 1e-5,
        };
        // forward it is the input that is short
        refused(
            ENGINE.normalise(gradient.maps(), &statistics, affine, y.maps_mut(), SIZE),
            message,
        );
        let gradient = gradient.maps();
        refused(
            ENGINE.normalise_backward(x.maps(), gradient, &statistics, affine, y.maps_mut(), SIZE),
            message,
        );
    }
}

#[test]
fn the_head() {
    refused(
        Head::new(&ENGINE, 3, &[0.0; 5], &[0.0; 2]),
        "weights: 5 values, expected 6",
    );
    let head = Head::new(&ENGINE, 3, &[0.0; 6], &[0.0; 2]).unwrap();
    for (input, logits, message) in [
        (maps(3, SIZE), 60, "logits: 60 values, expected 120"),
        (short(3, SIZE), 120, &of_short(3, SIZE)),
    ] {
        let logits = &mut vec![0.0; logits];
        refused(ENGINE.head(&head, input.maps(), logits, SIZE), message);
    }
    for (gradient, mut output, message) in [
        (60, maps(3, SIZE), "gradient: 60 values, expected 120"),
        (120, maps(4, SIZE), "channels: 4 values, expected 3"),
        (120, short(3, SIZE), &of_short(3, SIZE)),
    ] {
        let (input, gradient) = (maps(3, SIZE), vec![0.0; gradient]);
        refused(
            ENGINE.head_backward(&head, input.maps(), &gradient, output.maps_mut(), SIZE),
            message,
        );
    }
    refused(
        ENGINE.channel_sums(short(3, SIZE).maps(), SIZE),
        &of_short(3, SIZE),
    );
}

/// The product of these numbers is zero in 64 bits.
#[test]
fn a_size_that_overflows_is_not_taken_for_an_empty_one() {
    let size = Size {
        batch: 1 << 32,
        height: 1 << 16,
        width: 1 << 16,
    };
    let none = Maps {
        data: &[],
        channels: 1,
    };

    let result = ENGINE.statistics(none, size);

    assert!(matches!(result, Err(KernelError::Length { found: 0, .. })));
}
