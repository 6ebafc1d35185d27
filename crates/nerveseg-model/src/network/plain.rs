//! The U-Net in Burn's own layers.

use std::convert::Infallible;

use burn::tensor::Tensor;
use nerveseg_kernels::walk::{Block, BlockInput, Input, Interpreter, Up, walk};

use super::unet::{UNet, UNetOutput};

/// Runs the network on images whose height and width it can halve.
///
/// # Shapes
///
/// As [`UNet::forward`].
pub(super) fn forward(unet: &UNet, images: Tensor<4>) -> UNetOutput {
    let Ok(outputs) = walk(unet.wiring(), &mut Layers(unet), images);
    outputs.into()
}

struct Layers<'a>(&'a UNet);

impl Interpreter for Layers<'_> {
    type Image = Tensor<4>;
    type Maps = Tensor<4>;
    type Logits = Tensor<4>;
    type Presence = Tensor<2>;
    type Error = Infallible;

    fn down(
        &mut self,
        block: Block,
        input: BlockInput<Self>,
    ) -> Result<(Tensor<4>, Tensor<4>), Infallible> {
        let skip = self.block(block, input)?;
        let pooled = self.0.pool.forward(skip.clone());
        Ok((skip, pooled))
    }

    fn block(&mut self, block: Block, input: BlockInput<Self>) -> Result<Tensor<4>, Infallible> {
        let (Input::Image(x) | Input::Maps(x)) = input;
        Ok(self.0.conv_block(block).forward(x))
    }

    fn dropout(&mut self, maps: Tensor<4>) -> Result<Tensor<4>, Infallible> {
        Ok(self.0.dropout.forward(maps))
    }

    fn presence(&mut self, maps: &Tensor<4>) -> Result<Tensor<2>, Infallible> {
        Ok(self.0.presence_logits(maps.clone()))
    }

    fn up(&mut self, up: Up, maps: Tensor<4>) -> Result<Tensor<4>, Infallible> {
        Ok(self.0.up[up.index].forward(maps))
    }

    fn join(&mut self, _: Up, skip: Tensor<4>, maps: Tensor<4>) -> Result<Tensor<4>, Infallible> {
        Ok(Tensor::cat(vec![skip, maps], 1))
    }

    fn head(&mut self, maps: Tensor<4>) -> Result<Tensor<4>, Infallible> {
        Ok(self.0.head.forward(maps))
    }
}
