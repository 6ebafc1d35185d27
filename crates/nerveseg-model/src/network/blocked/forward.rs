//! The U-Net in the blocked layout, layer by layer as in [`UNet::forward`].

use burn::nn::BatchNorm;
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;

use super::tensor::Blocked;
use crate::network::{ConvBlock, UNet, UNetOutput, Up, UpConv};

/// Runs the network on images whose height and width it can halve.
///
/// # Shapes
///
/// As [`UNet::forward`].
pub(crate) fn forward(unet: &UNet, images: Tensor<4>) -> UNetOutput {
    let mut levels = unet.encoder.iter().chain([&unet.bottleneck]);
    let first = levels.next().expect("the bottleneck at least");
    let conv = &first.conv1;
    let x = Blocked::of_image(images, &conv.weight, conv.bias.as_ref());
    let mut x = second_half(first, norm_relu(&first.norm1, x));
    let mut skips = Vec::with_capacity(unet.encoder.len());
    for block in levels {
        skips.push(x.clone());
        x = x.pool().each(|x| unet.dropout.forward(x));
        x = conv_block(block, vec![x]);
    }
    let presence_logits = unet.presence.as_ref().map(|head| {
        let [batch, channels] = [x.tensor.dims()[0], head.weight.dims()[0]];
        let means = x.clone().plain().mean_dim(3).mean_dim(2);
        head.forward(means.reshape([batch, channels]))
    });
    for ((up, block), skip) in unet
        .up
        .iter()
        .zip(&unet.decoder)
        .zip(skips.into_iter().rev())
    {
        let parts = vec![skip, upsample(up, x)];
        let parts = parts
            .into_iter()
            .map(|part| part.each(|x| unet.dropout.forward(x)))
            .collect();
        x = conv_block(block, parts);
    }
    UNetOutput {
        logits: x.head(&unet.head.weight, unet.head.bias.as_ref()),
        presence_logits,
    }
}

fn conv_block(block: &ConvBlock, input: Vec<Blocked>) -> Blocked {
    let x = convolve(&block.conv1, input);
    second_half(block, norm_relu(&block.norm1, x))
}

fn second_half(block: &ConvBlock, x: Blocked) -> Blocked {
    norm_relu(&block.norm2, convolve(&block.conv2, vec![x]))
}

fn convolve(conv: &Conv2d, input: Vec<Blocked>) -> Blocked {
    Blocked::convolve(input, &conv.weight, conv.bias.as_ref())
}

fn upsample(up: &Up, x: Blocked) -> Blocked {
    match up.conv() {
        UpConv::Pointwise(conv) => x.pointwise(&conv.weight, conv.bias.as_ref()).upsample(),
        UpConv::Transposed(kernel, conv) => x.transposed(kernel, &conv.weight, conv.bias.as_ref()),
    }
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
