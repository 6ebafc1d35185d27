//! The U-Net in the blocked layout.

use std::convert::Infallible;

use burn::nn::BatchNorm;
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;
use nerveseg_kernels::walk::{Block, BlockInput, Input, Interpreter, Up, walk};

use super::tensor::Blocked;
use crate::network::layers::UpConv;
use crate::network::{UNet, UNetOutput};

/// Runs the network on images whose height and width it can halve.
///
/// # Shapes
///
/// As [`UNet::forward`].
pub(crate) fn forward(unet: &UNet, images: Tensor<4>) -> UNetOutput {
    let Ok(outputs) = walk(unet.wiring(), &mut Kernels(unet), images);
    outputs.into()
}

struct Kernels<'a>(&'a UNet);

/// One set of maps, or two that count as one: a concatenation is never copied.
struct Maps {
    first: Blocked,
    second: Option<Blocked>,
}

impl From<Blocked> for Maps {
    fn from(first: Blocked) -> Self {
        Self {
            first,
            second: None,
        }
    }
}

impl Interpreter for Kernels<'_> {
    type Image = Tensor<4>;
    type Maps = Maps;
    type Logits = Tensor<4>;
    type Presence = Tensor<2>;
    type Error = Infallible;

    fn down(&mut self, block: Block, input: BlockInput<Self>) -> Result<(Maps, Maps), Infallible> {
        let skip = self.block(block, input)?;
        let pooled = skip.first.clone().pool().into();
        Ok((skip, pooled))
    }

    fn block(&mut self, block: Block, input: BlockInput<Self>) -> Result<Maps, Infallible> {
        let block = self.0.conv_block(block);
        let x = match input {
            Input::Image(image) => {
                Blocked::of_image(image, &block.conv1.weight, block.conv1.bias.as_ref())
            }
            Input::Maps(maps) => convolve(&block.conv1, maps),
        };
        let x = norm_relu(&block.norm1, x);
        let x = convolve(&block.conv2, x.into());
        Ok(norm_relu(&block.norm2, x).into())
    }

    fn dropout(&mut self, maps: Maps) -> Result<Maps, Infallible> {
        let each = |maps: Blocked| maps.each(|x| self.0.dropout.forward(x));
        Ok(Maps {
            first: each(maps.first),
            second: maps.second.map(each),
        })
    }

    fn presence(&mut self, maps: &Maps) -> Result<Tensor<2>, Infallible> {
        Ok(self.0.presence_logits(maps.first.clone().plain()))
    }

    fn up(&mut self, up: Up, maps: Maps) -> Result<Maps, Infallible> {
        let x = maps.first;
        let x = match self.0.up[up.index].conv() {
            UpConv::Pointwise(conv) => x.pointwise(&conv.weight, conv.bias.as_ref()).upsample(),
            UpConv::Transposed(kernel, conv) => {
                x.transposed(kernel, &conv.weight, conv.bias.as_ref())
            }
        };
        Ok(x.into())
    }

    fn join(&mut self, _: Up, skip: Maps, maps: Maps) -> Result<Maps, Infallible> {
        Ok(Maps {
            first: skip.first,
            second: Some(maps.first),
        })
    }

    fn head(&mut self, maps: Maps) -> Result<Tensor<4>, Infallible> {
        let head = &self.0.head;
        Ok(maps.first.head(&head.weight, head.bias.as_ref()))
    }
}

fn convolve(conv: &Conv2d, maps: Maps) -> Blocked {
    let parts = std::iter::once(maps.first).chain(maps.second);
    Blocked::convolve(parts.collect(), &conv.weight, conv.bias.as_ref())
}

/// As Burn's `BatchNorm`, which keeps running statistics while it trains and uses them after.
fn norm_relu(norm: &BatchNorm, x: Blocked) -> Blocked {
    let device = x.tensor.device();
    let statistics = if device.is_autodiff() && norm.training.is_enabled() {
        let found = x.statistics();
        let [_, channels] = found.dims();
        for (row, running) in [&norm.running_mean, &norm.running_var]
            .into_iter()
            .enumerate()
        {
            let found = found.clone().slice([row..row + 1, 0..channels]);
            let before = running.value_sync().to_device(&device);
            let now = before
                .mul_scalar(1.0 - norm.momentum)
                .add(found.reshape([channels]).mul_scalar(norm.momentum));
            running.update(now.detach());
        }
        found
    } else {
        let rows = [&norm.running_mean, &norm.running_var]
            .map(|running| running.value().to_device(&device));
        Tensor::stack::<2>(rows.to_vec(), 0)
    };
    x.normalise(norm.gamma.val(), norm.beta.val(), statistics, norm.epsilon)
}
