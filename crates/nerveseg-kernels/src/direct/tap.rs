//! Taps: the weights of a kernel, each with the pixel that it looks at.

use crate::Engine;
use crate::buffer::Buffer;
use crate::lanes::Lanes;
use crate::weights::WeightView;

/// Where a tap looks, in pixels of the padded input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tap {
    pub(crate) y: usize,
    pub(crate) x: usize,
    /// Which of four interleaved planes, for [`Source::Quarters`](super::Source::Quarters); else 0.
    pub(crate) quarter: usize,
}

/// The taps of a `side`×`side` kernel, row by row.
pub(crate) fn square(side: usize) -> Vec<Tap> {
    (0..side * side)
        .map(|tap| Tap {
            y: tap / side,
            x: tap % side,
            quarter: 0,
        })
        .collect()
}

/// One set of taps with its weights and where its results go.
#[derive(Clone, Debug)]
pub(crate) struct TapSet {
    pub(crate) taps: Vec<Tap>,
    /// From [`pack`].
    pub(crate) weights: Buffer,
    /// First pixel of the output, in rows and columns, and the step between pixels.
    pub(crate) first: [usize; 2],
}

/// Packs the weights of some taps.
///
/// # Shapes
///
/// - output: `[groups, inputs / lanes, taps, lanes, columns·lanes]`, for plain planes
///   `[groups, channels, taps, columns·lanes]`
pub(crate) fn pack(
    engine: &Engine,
    weights: &WeightView<'_>,
    inputs: &Lanes,
    outputs: &Lanes,
    plain: bool,
) -> Buffer {
    let (lanes, columns) = (engine.isa().lanes(), engine.isa().columns());
    let taps = weights.layout.taps.len();
    let run = if plain { 1 } else { lanes };
    let mut packed = Buffer::zeros(inputs.len() * taps * outputs.len());
    let blocks = outputs.len() / lanes;
    let to = packed.as_mut_slice();
    let mut gathered = vec![0.0; taps * lanes];
    for block in 0..blocks {
        let group = block / columns * columns;
        let row = (blocks - group).min(columns) * lanes;
        let start = group * lanes * inputs.len() * taps + (block - group) * lanes;
        for input in 0..inputs.len() {
            weights.gather(inputs, outputs, input, block * lanes, lanes, &mut gathered);
            for tap in 0..taps {
                let step = (input / run * taps + tap) * run + input % run;
                let place = start + step * row;
                to[place..place + lanes].copy_from_slice(&gathered[tap * lanes..][..lanes]);
            }
        }
    }
    packed
}
