"""The U-Net of crates/nerveseg-model/src/network in PyTorch, without dropout and presence head.

Same layers in the same order, so that a race against it is a race between engines. With the
features and the upsampling of the preset `seed` it has that preset's 2,161,361 parameters.
"""

from itertools import pairwise, starmap

import torch
from torch import nn


def conv_block(inputs, outputs):
    """Two times 3x3 convolution, batch norm, ReLU."""
    layers = []
    for channels in (inputs, outputs):
        layers += [
            nn.Conv2d(channels, outputs, 3, padding=1),
            nn.BatchNorm2d(outputs),
            nn.ReLU(True),
        ]
    return nn.Sequential(*layers)


class Crop(nn.Module):
    """Drops the last row and column: what Keras's "same" does after a 3x3 of stride 2."""

    def forward(self, x):
        return x[:, :, :-1, :-1]


def doubling(inputs, outputs, upsample):
    """Doubles height and width and brings the channels down to those of the skip."""
    if upsample == "transposed2x2":
        return nn.ConvTranspose2d(inputs, outputs, 2, stride=2)
    if upsample == "transposed3x3":
        return nn.Sequential(nn.ConvTranspose2d(inputs, outputs, 3, stride=2), Crop())
    if upsample == "bilinear":
        return nn.Sequential(
            nn.Conv2d(inputs, outputs, 1),
            nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False),
        )
    raise ValueError(f"there is no upsampling `{upsample}`")


class UNet(nn.Module):
    """`features` are the channels per level, from full resolution down to the bottleneck.

    `[batch, 1, height, width]` to logits of the same shape; height and width are multiples of
    2^(levels - 1).
    """

    def __init__(self, features, upsample):
        super().__init__()
        *levels, deepest = features
        rising = [deepest, *reversed(levels)]
        self.encoder = nn.ModuleList(starmap(conv_block, pairwise([1, *levels])))
        self.bottleneck = conv_block(levels[-1], deepest)
        self.up = nn.ModuleList(doubling(i, o, upsample) for i, o in pairwise(rising))
        self.decoder = nn.ModuleList(conv_block(2 * level, level) for level in rising[1:])
        self.pool = nn.MaxPool2d(2)
        self.head = nn.Conv2d(levels[0], 1, 1)
        self.apply(initialise)

    def forward(self, x):
        skips = []
        for block in self.encoder:
            x = block(x)
            skips.append(x)
            x = self.pool(x)
        x = self.bottleneck(x)
        for up, block in zip(self.up, self.decoder, strict=True):
            x = block(torch.cat([skips.pop(), up(x)], 1))
        return self.head(x)


def initialise(module):
    """He-normal weights (arXiv:1502.01852), zero biases.

    With PyTorch's own initialisation a deep network answers nearly the same to every image, which
    hides errors and may visit few code paths of the arithmetic.
    """
    if not isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        return
    fan_in = module.in_channels * module.kernel_size[0] * module.kernel_size[1]
    if isinstance(module, nn.ConvTranspose2d):  # an output pixel meets a part of the kernel only
        fan_in /= module.stride[0] * module.stride[1]
    nn.init.normal_(module.weight, std=(2 / fan_in) ** 0.5)
    nn.init.zeros_(module.bias)
