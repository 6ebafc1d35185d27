"""JPEG: grey and colours, subsampling, progression, restarts, orientation."""

import itertools

import imagecodecs
import numpy as np
from PIL import Image

from . import HEIGHT, WIDTH, Variant, picture, pillow, smooth

ORIENTATION = 0x112
# The inverse transform may differ by one in each channel, and so may its colours.
COLOUR_TOLERANCE = 2


def variants(folder, rng):
    def of(name, image, tolerance=1, **options):
        path = folder / f"{name}.jpg"
        image.save(path, quality=options.pop("quality", 90), **options)
        return Variant(path, lambda: pillow(path), tolerance=tolerance)

    for quality, progressive in itertools.product([50, 90, 100], [False, True]):
        name = f"quality{quality}" + "-progressive" * progressive
        options = {"quality": quality, "progressive": progressive}
        yield of(f"grey-{name}", Image.fromarray(picture(rng)), **options)
        for subsampling in ("4:4:4", "4:2:2", "4:2:0"):
            rgb = Image.fromarray(smooth(rng, 3))
            label = f"colour-{name}-{subsampling.replace(':', '')}"
            yield of(label, rgb, COLOUR_TOLERANCE, subsampling=subsampling, **options)
    for shape in ((1, 1), (7, 9), (8, 8), (17, 16)):
        image = Image.fromarray(picture(rng, shape=shape))
        yield of(f"size{shape[0]}x{shape[1]}", image)
    yield of("restarts", Image.fromarray(picture(rng)), restart_marker_blocks=2)
    yield of("rgb-kept", Image.fromarray(smooth(rng, 3)), COLOUR_TOLERANCE, keep_rgb=True)
    yield of("optimised", Image.fromarray(picture(rng)), optimize=True)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        yield of(f"turned{orientation}", Image.fromarray(picture(rng)), exif=exif)
    cmyk = Image.fromarray(smooth(rng, 4), "CMYK")
    yield of("cmyk", cmyk, COLOUR_TOLERANCE)

    path = folder / "bits12.jpg"
    path.write_bytes(imagecodecs.jpeg8_encode(picture(rng, 12), bitspersample=12))
    yield Variant(path, refused="12")
    path = folder / "lossless.jpg"
    path.write_bytes(imagecodecs.ljpeg_encode(picture(rng, 12), bitspersample=12))
    yield Variant(path, refused="Jpeg")
    path = folder / "cut.jpg"
    Image.fromarray(np.zeros((HEIGHT, WIDTH), np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:-4])
    yield Variant(path, refused="the file ends before the image does")
