"""Runs the network of an artifact in PyTorch and prints what the Rust tests must agree with.

    pip install torch safetensors numpy
    cargo test --release --workspace --test model --test train -- --ignored write_reference
    python scripts/reference/unet.py target/tmp/reference-*.safetensors

The constants are in crates/nerveseg-model/tests/model/reference.rs (inference) and
crates/nerveseg-train/tests/train/reference.rs (one training step).
"""

import hashlib
import json
import sys

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import safe_open

DICE_SMOOTH = 8.0


def load(path):
    """Tensors and manifest of an artifact, its checksum verified."""
    with safe_open(path, framework="numpy") as file:
        manifest = json.loads(file.metadata()["nerveseg"])
        tensors = {name: file.get_tensor(name) for name in sorted(file.keys())}
    digest = hashlib.sha256()
    for name, values in tensors.items():
        digest.update(f"{name} {list(values.shape)}\n".encode())
        digest.update(values.astype("<f4").tobytes())
    assert digest.hexdigest() == manifest["sha256"], "checksum"
    return {name: torch.tensor(values) for name, values in tensors.items()}, manifest


def images(height, width):
    """Two images: a pattern without symmetry, and its faint negative."""
    r, c = np.mgrid[0:height, 0:width].astype(np.float32)
    x = np.sin(0.37 * r) * np.cos(0.23 * c) + 0.1 * np.sin(0.05 * r * c)
    return torch.tensor(np.stack([x, 0.1 - 0.5 * x])[:, None].astype(np.float32))


def targets(height, width):
    """A disc with a soft edge, and nothing."""
    r, c = np.mgrid[0:height, 0:width].astype(np.float32)
    disc = np.clip(6.5 - np.hypot(r - 9, c - 12), 0, 1)
    return torch.tensor(np.stack([disc, 0 * disc])[:, None].astype(np.float32))


class UNet:
    def __init__(self, tensors, manifest, training):
        self.t, self.config, self.training = tensors, manifest["unet"], training

    def conv(self, x, name, padding):
        return F.conv2d(x, self.t[name + ".weight"], self.t[name + ".bias"], padding=padding)

    def norm(self, x, name):
        t = self.t
        return F.batch_norm(
            x, t[name + ".running_mean"], t[name + ".running_var"], t[name + ".gamma"],
            t[name + ".beta"], self.training, self.config["norm_momentum"],
            self.config["norm_epsilon"])

    def block(self, x, name):
        x = F.relu(self.norm(self.conv(x, name + ".conv1", 1), name + ".norm1"))
        return F.relu(self.norm(self.conv(x, name + ".conv2", 1), name + ".norm2"))

    def up(self, x, name):
        kind, (height, width) = self.config["upsample"], x.shape[2:]
        if kind == "bilinear":
            x = self.conv(x, name + ".pointwise", 0)
            return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        x = F.conv_transpose2d(
            x, self.t[name + ".transposed.weight"], self.t[name + ".transposed.bias"], stride=2)
        # Keras "same" at stride 2 drops the last row and column of the full output
        return x[:, :, : 2 * height, : 2 * width]

    def forward(self, x):
        depth, (height, width) = len(self.config["features"]) - 1, x.shape[2:]
        stride = 2**depth
        x = F.pad(x, (0, -width % stride, 0, -height % stride))
        skips = []
        for level in range(depth):
            x = self.block(x, f"encoder.{level}")
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.block(x, "bottleneck")
        presence = F.linear(
            x.mean((2, 3)), self.t["presence.weight"].T, self.t["presence.bias"])
        for level in range(depth):
            x = torch.cat([skips.pop(), self.up(x, f"up.{level}")], 1)
            x = self.block(x, f"decoder.{level}")
        return self.conv(x, "head", 0)[:, :, :height, :width], presence


def loss_of(logits, presence, target, present):
    """BCE + soft Dice + 0.5 presence BCE, as `LossConfig::default`."""
    p = logits.sigmoid()
    dice = (2 * (p * target).sum((1, 2, 3)) + DICE_SMOOTH) / (
        p.sum((1, 2, 3)) + target.sum((1, 2, 3)) + DICE_SMOOTH)
    return (F.binary_cross_entropy_with_logits(logits, target) + (1 - dice).mean()
            + 0.5 * F.binary_cross_entropy_with_logits(presence, present))


def rust(values):
    return "[" + ", ".join(f"{v:.7}" for v in np.asarray(values, dtype=np.float64).ravel()) + "]"


def main(path):
    tensors, manifest = load(path)
    height, width = manifest["preprocess"]["height"], manifest["preprocess"]["width"]
    x = images(height, width)
    logits, presence = UNet(tensors, manifest, False).forward(x)
    print(f"// {path}\n// {manifest['unet']}")
    print("logits:", rust(logits[:, 0, ::7, ::9]))
    print("presence:", rust(presence))

    for name, tensor in tensors.items():
        tensor.requires_grad_("running" not in name)
    logits, presence = UNet(tensors, manifest, True).forward(x)
    loss = loss_of(logits, presence, targets(height, width), torch.tensor([[1.0], [0.0]]))
    loss.backward()
    print("loss:", rust(loss.detach()))
    for name, tensor in tensors.items():
        if tensor.grad is not None:
            print(f'("{name}", {tensor.grad.norm().item():.6e}),')
    print("running_mean:", rust(tensors["encoder.0.norm1.running_mean"]))


for argument in sys.argv[1:]:
    main(argument)
