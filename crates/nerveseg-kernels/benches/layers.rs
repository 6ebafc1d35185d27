//! The layers of the U-Net 32–512 at 128×128, batch 8, on every core: what the plan is made of.
//!
//! `cargo bench -p nerveseg-kernels`

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot start has nothing to say"
)]

use divan::Bencher;
use divan::counter::ItemsCount;
use nerveseg_kernels::{
    Algorithm, Convolution, Engine, Finish, Maps, MapsMut, Size, TransposedConvolution,
    TransposedKernel,
};

const BATCH: usize = 8;

/// Channels in, channels out and side of the planes.
const CONVOLUTIONS: [[usize; 3]; 9] = [
    [32, 32, 128],
    [64, 32, 128],
    [64, 64, 64],
    [128, 64, 64],
    [128, 128, 32],
    [256, 128, 32],
    [256, 256, 16],
    [512, 256, 16],
    [512, 512, 8],
];

fn main() {
    divan::main();
}

fn size(side: usize) -> Size {
    Size {
        batch: BATCH,
        height: side,
        width: side,
    }
}

/// Values of order 1, never subnormal.
fn wave(count: usize) -> Vec<f32> {
    (0..count).map(|i| (i as f32 * 0.37).sin()).collect()
}

fn maps(engine: &Engine, channels: usize, size: Size) -> Vec<f32> {
    wave(size.blocked_len(channels, engine.isa()))
}

fn convolve(bencher: Bencher<'_, '_>, [inputs, outputs, side]: [usize; 3], algorithm: Algorithm) {
    let (engine, size) = (Engine::new(0).unwrap(), size(side));
    let weights = wave(inputs * outputs * 9);
    let shape = (&[inputs][..], outputs);
    let convolution = Convolution::new(&engine, shape, &weights, None, size, algorithm).unwrap();
    let input = maps(&engine, inputs, size);
    let mut output = maps(&engine, outputs, size);
    let products = inputs * outputs * 9 * size.pixels() * BATCH;
    bencher
        .counter(ItemsCount::new(2 * products))
        .bench_local(|| {
            let input = Maps {
                data: &input,
                channels: inputs,
            };
            let output = MapsMut {
                data: &mut output,
                channels: outputs,
            };
            engine
                .convolve(&convolution, &[input], &mut [output], Finish::default())
                .unwrap();
        });
}

#[divan::bench(args = CONVOLUTIONS)]
fn winograd(bencher: Bencher<'_, '_>, layer: [usize; 3]) {
    convolve(bencher, layer, Algorithm::Winograd);
}

#[divan::bench(args = CONVOLUTIONS)]
fn direct(bencher: Bencher<'_, '_>, layer: [usize; 3]) {
    convolve(bencher, layer, Algorithm::Direct);
}

#[divan::bench(args = CONVOLUTIONS)]
fn weights_gradient(bencher: Bencher<'_, '_>, layer: [usize; 3]) {
    let [inputs, outputs, side] = layer;
    let (engine, size) = (Engine::new(0).unwrap(), size(side));
    let (input, gradient) = (maps(&engine, inputs, size), maps(&engine, outputs, size));
    let mut weights = wave(inputs * outputs * 9);
    let products = inputs * outputs * 9 * size.pixels() * BATCH;
    bencher
        .counter(ItemsCount::new(2 * products))
        .bench_local(|| {
            let input = Maps {
                data: &input,
                channels: inputs,
            };
            let gradient = Maps {
                data: &gradient,
                channels: outputs,
            };
            engine
                .convolution_weights_gradient(
                    &[input],
                    gradient,
                    &mut weights,
                    size,
                    Algorithm::Auto,
                )
                .unwrap();
        });
}

#[divan::bench(args = [[64, 32, 64], [128, 64, 32], [256, 128, 16], [512, 256, 8]])]
fn transposed(bencher: Bencher<'_, '_>, layer: [usize; 3]) {
    let [inputs, outputs, side] = layer;
    let (engine, size) = (Engine::new(0).unwrap(), size(side));
    let weights = wave(inputs * outputs * 4);
    let kernel = TransposedKernel::TwoByTwo;
    let convolution =
        TransposedConvolution::new(&engine, kernel, [inputs, outputs], &weights, None).unwrap();
    let input = maps(&engine, inputs, size);
    let mut output = maps(&engine, outputs, size.doubled());
    let products = inputs * outputs * 4 * size.pixels() * BATCH;
    bencher
        .counter(ItemsCount::new(2 * products))
        .bench_local(|| {
            let input = Maps {
                data: &input,
                channels: inputs,
            };
            let output = MapsMut {
                data: &mut output,
                channels: outputs,
            };
            engine
                .convolve_transposed(&convolution, input, output, size)
                .unwrap();
        });
}
