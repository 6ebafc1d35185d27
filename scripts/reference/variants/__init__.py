"""Files to read, and the rules of `docs/data.md` by which samples become grey."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

HEIGHT, WIDTH = 45, 61
DEPTHS = (8, 10, 12, 14, 16)


@dataclass
class Variant:
    """A file, and what another reader says of a frame of it."""

    path: Path
    # reads the file with the other reader
    expected: Callable[[], np.ndarray] | None = None
    # words of the refusal that is expected instead
    refused: str | None = None
    frame: int = 0
    tolerance: int = 1
    suffix: str = ""

    @property
    def name(self):
        return self.path.name + self.suffix


def picture(rng, bits=8, channels=1, shape=(HEIGHT, WIDTH)):
    """Smooth tissue with speckle, from black to white of `bits` bits; channels differ."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    planes = []
    for _ in range(channels):
        a, b, c = rng.uniform(0.05, 0.3, 3)
        tissue = np.sin(a * x + 3 * c) * np.cos(b * y + c) + 0.25 * rng.standard_normal(shape)
        tissue = (tissue - tissue.min()) / max(np.ptp(tissue), 1e-9)
        planes.append(np.round(tissue * ((1 << bits) - 1)).astype(np.uint8 if bits <= 8 else np.uint16))
    return planes[0] if channels == 1 else np.dstack(planes)


def smooth(rng, channels=1, shape=(HEIGHT, WIDTH)):
    """As `picture`, without speckle and saturated colours: for codecs that lose some of it."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    a, b = rng.uniform(0.05, 0.1, 2)
    planes = [128 + 60 * np.sin(a * x + i) * np.cos(b * y) for i in range(channels)]
    return np.dstack(planes).squeeze().astype(np.uint8)


def luma(rgb):
    """Rec. 601, rounded, in integers."""
    weighted = rgb[..., :3].astype(np.uint32) @ np.array([299, 587, 114], np.uint32)
    return ((weighted + 500) // 1000).astype(np.uint8)


def spread(samples, bits):
    """Samples of `bits` bits as a share of 255, rounded."""
    white = (1 << bits) - 1
    return ((samples.astype(np.uint64) * 255 + white // 2) // white).astype(np.uint8)


def used_bits(samples):
    """The fewest usual bits that hold every sample."""
    return next(bits for bits in DEPTHS if samples.max() < 1 << bits)


def grey(samples, bits=None):
    """Grey of samples with or without a last axis of 1 to 4 channels."""
    if samples.ndim == 3:
        samples = samples[..., : 1 if samples.shape[2] < 3 else 3].squeeze()
    if samples.dtype == np.uint16:
        samples = spread(samples, bits or used_bits(samples))
    return luma(samples) if samples.ndim == 3 else samples


def pillow(path, frame=0, bits=None):
    """What Pillow reads, turned as the file says."""
    with Image.open(path) as image:
        image.seek(frame)
        image = ImageOps.exif_transpose(image)
        if image.mode == "1":
            image = image.convert("L")
        elif image.mode in ("P", "PA", "CMYK", "YCbCr"):
            image = image.convert("RGB")
        return grey(np.array(image), bits)
