//! Slices that do not fit are refused before anything is computed.

use nerveseg_kernels::{
    Affine, Algorithm, Convolution, Engine, Finish, Head, Isa, KernelError, Maps, MapsMut, Size,
    Statistics, TapConvolution, TapKind,
};

use crate::util::Blocked;

const SIZE: Size = Size {
    batch: 2,
    height: 6,
    width: 5,
};

/// Channels of input and output, one block on every instruction set.
const CHANNELS: [usize; 2] = [3, 4];

fn engine() -> Engine {
    Engine::new(2).unwrap()
}

fn maps(channels: usize, size: Size) -> Blocked {
    Blocked::fresh(&engine(), channels, size)
}

/// Maps that lack a value.
fn short(channels: usize, size: Size) -> Blocked {
    let mut maps = maps(channels, size);
    maps.data.pop();
    maps
}

fn convolution(algorithm: Algorithm) -> Convolution {
    let shape = (&CHANNELS[..1], CHANNELS[1]);
    Convolution::new(&engine(), shape, &[0.0; 108], None, SIZE, algorithm).unwrap()
}

/// Asserts a message and that it names what was found and what was expected.
#[track_caller]
fn assert_refused<T>(result: Result<T, KernelError>, message: &str) {
    match result {
        Err(error @ KernelError::Length { .. }) => assert_eq!(error.to_string(), message),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("was not refused: {message}"),
    }
}

/// A message about blocked maps, whose length is that of the processor's fastest layout.
fn of_maps(channels: usize, size: Size) -> String {
    let expected = size.blocked_len(channels, Isa::best());
    format!("maps: {} values, expected {expected}", expected - 1)
}

#[test]
fn moving_between_layouts() {
    let engine = engine();

    assert_refused(
        engine.block(&[0.0; 179], maps(3, SIZE).maps_mut(), SIZE),
        "plain maps: 179 values, expected 180",
    );
    assert_refused(
        engine.block(&[0.0; 180], short(3, SIZE).maps_mut(), SIZE),
        &of_maps(3, SIZE),
    );
    assert_refused(
        engine.unblock(maps(3, SIZE).maps(), &mut [0.0; 181], SIZE),
        "plain maps: 181 values, expected 180",
    );
    assert_refused(
        engine.unblock(short(3, SIZE).maps(), &mut [0.0; 180], SIZE),
        &of_maps(3, SIZE),
    );
}

#[test]
fn packing_a_convolution() {
    let (engine, shape) = (engine(), (&CHANNELS[..1], CHANNELS[1]));
    for algorithm in [Algorithm::Winograd, Algorithm::Direct] {
        assert_refused(
            Convolution::new(&engine, shape, &[0.0; 107], None, SIZE, algorithm),
            "weights: 107 values, expected 108",
        );
        assert_refused(
            Convolution::new(
                &engine,
                shape,
                &[0.0; 108],
                Some(&[0.0; 3]),
                SIZE,
                algorithm,
            ),
            "values of channels: 3 values, expected 4",
        );
        assert_refused(
            Convolution::adjoint(&engine, shape, &[0.0; 12], SIZE, algorithm),
            "weights: 12 values, expected 108",
        );
    }
}

#[test]
fn convolving() {
    let engine = engine();
    let lanes = engine.isa().lanes();
    for algorithm in [Algorithm::Winograd, Algorithm::Direct] {
        let packed = convolution(algorithm);
        let convolve = |input: &[Maps<'_>], output: &mut [MapsMut<'_>]| {
            engine.convolve(&packed, input, output, Finish::default())
        };
        let [input, wide] = [3, 40].map(|channels| maps(channels, SIZE));
        let [mut output, mut other] = [4, 4].map(|channels| maps(channels, SIZE));

        assert_refused(
            convolve(&[short(3, SIZE).maps()], &mut [output.maps_mut()]),
            &of_maps(3, SIZE),
        );
        assert_refused(
            convolve(&[input.maps()], &mut [short(4, SIZE).maps_mut()]),
            &of_maps(4, SIZE),
        );
        assert_refused(
            convolve(&[input.maps(); 2], &mut [output.maps_mut()]),
            &format!("input lanes: {} values, expected {lanes}", 2 * lanes),
        );
        assert_refused(
            convolve(&[wide.maps()], &mut [output.maps_mut()]),
            &format!(
                "input lanes: {} values, expected {lanes}",
                40_usize.next_multiple_of(lanes)
            ),
        );
        assert_refused(
            convolve(&[input.maps()], &mut [output.maps_mut(), other.maps_mut()]),
            &format!("output lanes: {} values, expected {lanes}", 2 * lanes),
        );
        assert_refused(
            convolve(&[], &mut [output.maps_mut()]),
            "sets of maps: 0 values, expected 1",
        );
        assert_refused(
            convolve(&[input.maps()], &mut []),
            "sets of maps: 0 values, expected 1",
        );
        assert_refused(
            convolve(&[input.maps(); 3], &mut [output.maps_mut()]),
            "sets of maps: 3 values, expected 2",
        );
    }
}

#[test]
fn pooling_behind_a_convolution() {
    let engine = engine();
    let input = maps(3, SIZE);
    let mut output = maps(4, SIZE);
    let mut convolve = |algorithm: Algorithm, mut pooled: Blocked| {
        let finish = Finish {
            relu: true,
            pooled: Some(pooled.maps_mut()),
        };
        let output = &mut [output.maps_mut()];
        engine.convolve(&convolution(algorithm), &[input.maps()], output, finish)
    };

    assert_refused(
        convolve(Algorithm::Winograd, short(4, SIZE.halved())),
        &of_maps(4, SIZE.halved()),
    );
    assert_refused(
        convolve(Algorithm::Winograd, maps(20, SIZE.halved())),
        &format!(
            "pooled blocks: {} values, expected 1",
            20_usize.div_ceil(engine.isa().lanes())
        ),
    );
    assert_refused(
        convolve(Algorithm::Direct, maps(4, SIZE.halved())),
        "pooling in a direct convolution: 0 values, expected 1",
    );
}

#[test]
fn gradients_of_weights() {
    let engine = engine();
    let [input, gradient] = CHANNELS.map(|channels| maps(channels, SIZE));
    for algorithm in [Algorithm::Winograd, Algorithm::Direct] {
        let gradient_of = |input: &[Maps<'_>], gradient: Maps<'_>, len: usize| {
            let weights = &mut vec![0.0; len];
            engine.convolution_weights_gradient(input, gradient, weights, SIZE, algorithm)
        };

        assert_refused(
            gradient_of(&[input.maps()], gradient.maps(), 109),
            "weights: 109 values, expected 108",
        );
        assert_refused(
            gradient_of(&[input.maps()], short(4, SIZE).maps(), 108),
            &of_maps(4, SIZE),
        );
        assert_refused(
            gradient_of(&[short(3, SIZE).maps()], gradient.maps(), 108),
            &of_maps(3, SIZE),
        );
        assert_refused(
            gradient_of(&[input.maps(); 3], gradient.maps(), 3 * 108),
            "sets of maps: 3 values, expected 2",
        );
        assert_refused(
            gradient_of(&[], gradient.maps(), 0),
            "sets of maps: 0 values, expected 1",
        );
    }
}

#[test]
fn taps() {
    let (engine, kind) = (engine(), TapKind::Transposed3x3);
    let new = |weights: &[f32], bias: &[f32]| {
        TapConvolution::new(&engine, kind, CHANNELS, weights, Some(bias))
    };
    let forward = new(&[0.0; 108], &[0.0; 4]).unwrap();
    let adjoint = TapConvolution::adjoint(&engine, kind, CHANNELS, &[0.0; 108]).unwrap();
    let [input, gradient] = [maps(3, SIZE), maps(4, SIZE.doubled())];
    let run = |convolution: &TapConvolution, input: &Blocked, mut output: Blocked| {
        engine.convolve_taps(convolution, input.maps(), output.maps_mut(), SIZE)
    };

    assert_refused(new(&[0.0; 9], &[0.0; 4]), "weights: 9 values, expected 108");
    assert_refused(
        new(&[0.0; 108], &[]),
        "values of channels: 0 values, expected 4",
    );
    assert_refused(
        TapConvolution::adjoint(&engine, kind, CHANNELS, &[0.0; 48]),
        "weights: 48 values, expected 108",
    );
    assert_refused(
        run(&forward, &gradient, maps(4, SIZE.doubled())),
        "input channels: 4 values, expected 3",
    );
    assert_refused(
        run(&forward, &input, maps(3, SIZE.doubled())),
        "output channels: 3 values, expected 4",
    );
    assert_refused(
        run(&forward, &input, short(4, SIZE.doubled())),
        &of_maps(4, SIZE.doubled()),
    );
    assert_refused(
        run(&adjoint, &input, maps(3, SIZE)),
        "input channels: 3 values, expected 4",
    );
    assert_refused(run(&adjoint, &gradient, short(3, SIZE)), &of_maps(3, SIZE));
    assert_refused(
        engine.taps_weights_gradient(kind, input.maps(), gradient.maps(), &mut [0.0; 48], SIZE),
        "weights: 48 values, expected 108",
    );
    assert_refused(
        engine.taps_weights_gradient(
            kind,
            input.maps(),
            short(4, SIZE.doubled()).maps(),
            &mut [0.0; 108],
            SIZE,
        ),
        &of_maps(4, SIZE.doubled()),
    );
}

#[test]
fn images() {
    let engine = engine();
    let convolution =
        TapConvolution::new(&engine, TapKind::Image, CHANNELS, &[0.0; 108], None).unwrap();
    let run = |images: &[f32], mut output: Blocked| {
        engine.convolve_image(&convolution, images, output.maps_mut(), SIZE)
    };

    assert_refused(
        run(&[0.0; 30], maps(4, SIZE)),
        "images: 30 values, expected 180",
    );
    assert_refused(
        run(&[0.0; 180], maps(5, SIZE)),
        "output channels: 5 values, expected 4",
    );
    assert_refused(run(&[0.0; 180], short(4, SIZE)), &of_maps(4, SIZE));
    assert_refused(
        engine.image_weights_gradient(&[0.0; 179], 3, maps(4, SIZE).maps(), &mut [0.0; 108], SIZE),
        "images: 179 values, expected 180",
    );
    assert_refused(
        engine.image_weights_gradient(&[0.0; 180], 3, maps(4, SIZE).maps(), &mut [0.0; 9], SIZE),
        "weights: 9 values, expected 108",
    );
}

#[test]
fn pooling_and_enlarging() {
    let engine = engine();
    let (half, double) = (SIZE.halved(), SIZE.doubled());
    let input = maps(3, SIZE);

    assert_refused(
        engine.pool(input.maps(), maps(4, half).maps_mut(), SIZE),
        "channels: 4 values, expected 3",
    );
    assert_refused(
        engine.pool(input.maps(), short(3, half).maps_mut(), SIZE),
        &of_maps(3, half),
    );
    assert_refused(
        engine.pool_back(
            input.maps(),
            short(3, half).maps(),
            maps(3, SIZE).maps_mut(),
            SIZE,
        ),
        &of_maps(3, half),
    );
    assert_refused(
        engine.enlarge(input.maps(), short(3, double).maps_mut(), SIZE),
        &of_maps(3, double),
    );
    assert_refused(
        engine.enlarge(input.maps(), maps(2, double).maps_mut(), SIZE),
        "channels: 2 values, expected 3",
    );
    assert_refused(
        engine.enlarge_back(short(3, double).maps(), maps(3, SIZE).maps_mut(), SIZE),
        &of_maps(3, double),
    );
}

#[test]
fn normalising() {
    let engine = engine();
    let input = maps(3, SIZE);
    let statistics = |means: usize| Statistics {
        mean: vec![0.0; means],
        variance: vec![1.0; 3],
    };
    let normalise = |statistics: &Statistics, gammas: usize, betas: usize| {
        let affine = Affine {
            gamma: &vec![1.0; gammas],
            beta: &vec![0.0; betas],
            epsilon: 1e-5,
        };
        let mut output = maps(3, SIZE);
        engine.normalise(input.maps(), statistics, affine, output.maps_mut(), SIZE)
    };

    assert_refused(
        engine.statistics(short(3, SIZE).maps(), SIZE),
        &of_maps(3, SIZE),
    );
    assert_refused(
        normalise(&statistics(2), 3, 3),
        "mean: 2 values, expected 3",
    );
    assert_refused(
        normalise(&statistics(3), 4, 3),
        "gamma: 4 values, expected 3",
    );
    assert_refused(
        normalise(&statistics(3), 3, 0),
        "beta: 0 values, expected 3",
    );
    let affine = Affine {
        gamma: &[1.0; 3],
        beta: &[0.0; 3],
        epsilon: 1e-5,
    };
    assert_refused(
        engine.normalise_back(
            input.maps(),
            short(3, SIZE).maps(),
            &statistics(3),
            affine,
            maps(3, SIZE).maps_mut(),
            SIZE,
        ),
        &of_maps(3, SIZE),
    );
}

#[test]
fn the_head() {
    let engine = engine();
    let head = Head::new(&engine, 3, &[0.0; 6], &[0.0; 2]).unwrap();
    let input = maps(3, SIZE);
    let back = |gradient: &[f32], mut output: Blocked| {
        engine.head_back(&head, input.maps(), gradient, output.maps_mut(), SIZE)
    };

    assert_refused(
        Head::new(&engine, 3, &[0.0; 5], &[0.0; 2]),
        "weights: 5 values, expected 6",
    );
    assert_refused(
        engine.head(&head, input.maps(), &mut [0.0; 60], SIZE),
        "logits: 60 values, expected 120",
    );
    assert_refused(
        engine.head(&head, short(3, SIZE).maps(), &mut [0.0; 120], SIZE),
        &of_maps(3, SIZE),
    );
    assert_refused(
        back(&[0.0; 60], maps(3, SIZE)),
        "gradient: 60 values, expected 120",
    );
    assert_refused(
        back(&[0.0; 120], maps(4, SIZE)),
        "channels: 4 values, expected 3",
    );
    assert_refused(back(&[0.0; 120], short(3, SIZE)), &of_maps(3, SIZE));
    assert_refused(
        engine.channel_sums(short(3, SIZE).maps(), SIZE),
        &of_maps(3, SIZE),
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

    let result = engine().statistics(none, size);

    assert!(matches!(result, Err(KernelError::Length { found: 0, .. })));
}
