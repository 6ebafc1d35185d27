//! How much a network computes.

use nerveseg_kernels::walk::{Block, Up};

use crate::channels::Visitor;
use crate::{UNetConfig, Upsample};

impl UNetConfig {
    /// Multiplications and additions of the network's convolutions for one image of
    /// `[height, width]`, as their definitions count them.
    pub fn flops(&self, size: [usize; 2]) -> f64 {
        let mut products = Products {
            upsample: self.upsample,
            padded: size.map(|side| side.next_multiple_of(self.stride())),
            sum: 0.0,
        };
        self.visit(&mut products);
        2.0 * products.sum
    }
}

/// Products of the convolutions so far.
struct Products {
    upsample: Upsample,
    padded: [usize; 2],
    sum: f64,
}

impl Products {
    /// Adds those of a convolution whose kernel has `area` pixels, over the pixels of a level.
    fn add(&mut self, level: usize, area: usize, [inputs, outputs]: [usize; 2]) {
        let [height, width] = self.padded.map(|side| (side >> level) as f64);
        self.sum += height * width * (area * inputs * outputs) as f64;
    }
}

impl Visitor for Products {
    fn block(&mut self, block: Block, [inputs, outputs]: [usize; 2]) {
        self.add(block.level(), 9, [inputs, outputs]);
        self.add(block.level(), 9, [outputs, outputs]);
    }

    /// One product a channel: not worth counting.
    fn presence(&mut self, _: usize) {}

    fn up(&mut self, up: Up, channels: [usize; 2]) {
        let area = match self.upsample {
            Upsample::Transposed3x3 => 9,
            Upsample::Transposed2x2 => 4,
            Upsample::Bilinear => 1,
        };
        self.add(up.level + 1, area, channels);
    }

    fn head(&mut self, channels: usize) {
        self.add(0, 1, [channels, 1]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flops_are_those_of_the_reference_network() {
        let config = UNetConfig {
            features: vec![32, 64, 128, 256, 512],
            upsample: Upsample::Transposed2x2,
            ..UNetConfig::standard()
        };

        let flops = config.flops([128, 128]);

        // counted by hand: 2·9·(1·32 + 32² + 3·32²)·128² + …, 6.0 GFLOP
        assert!((flops / 1e9 - 6.0).abs() < 0.05, "{flops}");
    }
}
