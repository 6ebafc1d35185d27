//! Weights as a model keeps them, seen as "from this input to that output at this tap".

use crate::lanes::Lanes;
use crate::shared::Shared;

/// How weights of a convolution lie in memory.
#[derive(Clone, Debug)]
pub(crate) struct WeightLayout {
    /// Values from one output channel to the next.
    pub(crate) output: usize,
    /// Values from one input channel to the next.
    pub(crate) input: usize,
    /// Where each tap lies.
    pub(crate) taps: Vec<usize>,
}

impl WeightLayout {
    /// `[outputs, inputs, kernel, kernel]`, used as it is.
    pub(crate) fn convolution(inputs: usize, kernel: usize) -> Self {
        let area = kernel * kernel;
        Self {
            output: inputs * area,
            input: area,
            taps: (0..area).collect(),
        }
    }

    /// `[inputs, outputs, kernel, kernel]`, as a transposed convolution keeps them.
    pub(crate) fn transposed_convolution(outputs: usize, kernel: usize) -> Self {
        let area = kernel * kernel;
        Self {
            output: area,
            input: outputs * area,
            taps: (0..area).collect(),
        }
    }

    /// The same taps from output to input.
    pub(crate) fn swapped(&self) -> Self {
        Self {
            output: self.input,
            input: self.output,
            taps: self.taps.clone(),
        }
    }

    /// The same weights as the convolution that brings a gradient back: inputs and outputs have
    /// changed places, and the kernel is turned by half a turn.
    pub(crate) fn adjoint_convolution(inputs: usize, kernel: usize) -> Self {
        let area = kernel * kernel;
        Self {
            output: area,
            input: inputs * area,
            taps: (0..area).rev().collect(),
        }
    }
}

/// Weights to read.
#[derive(Clone, Debug)]
pub(crate) struct WeightView<'a> {
    pub(crate) data: &'a [f32],
    pub(crate) layout: WeightLayout,
}

impl WeightView<'_> {
    /// Every tap from one input lane to `lanes` output lanes: `to[tap·lanes + lane]`, zero where
    /// a lane is padding.
    #[inline(always)]
    pub(crate) fn gather(
        &self,
        inputs: &Lanes,
        outputs: &Lanes,
        input: usize,
        first_output: usize,
        lanes: usize,
        to: &mut [f32],
    ) {
        for lane in 0..lanes {
            let from = match (inputs.channel(input), outputs.channel(first_output + lane)) {
                (Some(input), Some(output)) => {
                    Some(output * self.layout.output + input * self.layout.input)
                }
                _ => None,
            };
            for (tap, &offset) in self.layout.taps.iter().enumerate() {
                to[tap * lanes + lane] = from.map_or(0.0, |from| self.data[from + offset]);
            }
        }
    }
}

/// A gradient of weights to write.
#[derive(Clone, Debug)]
pub(crate) struct WeightViewMut {
    pub(crate) data: Shared,
    pub(crate) layout: WeightLayout,
}

impl WeightViewMut {
    /// Sets one weight.
    ///
    /// # Safety
    ///
    /// `data` holds every weight of the layout, and nobody else writes this one meanwhile.
    #[inline(always)]
    pub(crate) unsafe fn set(&self, input: usize, output: usize, tap: usize, value: f32) {
        let place = output * self.layout.output + input * self.layout.input + self.layout.taps[tap];
        // SAFETY: the caller's promise.
        unsafe { *self.data.add(place) = value };
    }

    /// The reverse of [`WeightView::gather`]; padding is left out.
    ///
    /// # Safety
    ///
    /// `data` holds every weight of the layout, and nobody else writes those of this input and
    /// these outputs meanwhile.
    #[inline(always)]
    pub(crate) unsafe fn scatter(
        &self,
        inputs: &Lanes,
        outputs: &Lanes,
        input: usize,
        first_output: usize,
        lanes: usize,
        from: &[f32],
    ) {
        for lane in 0..lanes {
            let (Some(input), Some(output)) =
                (inputs.channel(input), outputs.channel(first_output + lane))
            else {
                continue;
            };
            let start = output * self.layout.output + input * self.layout.input;
            for (tap, &offset) in self.layout.taps.iter().enumerate() {
                // SAFETY: the caller's promise.
                unsafe { *self.data.add(start + offset) = from[tap * lanes + lane] };
            }
        }
    }
}
