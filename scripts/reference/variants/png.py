"""PNG: kinds of pixel, bits, transparency, interlacing, orientation, chunks that do not count."""

import itertools
import struct
import zlib

import numpy as np
from PIL import Image

from . import Variant, grey, picture, pillow

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
ORIENTATION = 0x112
# first column, first row and their steps of the passes of Adam7
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind, data):
    checked = kind + data
    return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))


def rows(samples, bits, filtered):
    """Scan lines, each after the number of its filter."""
    samples = samples.reshape(samples.shape[0], -1)
    if bits == 16:
        lines = samples.astype(">u2").view(np.uint8)
    elif bits == 8:
        lines = samples.astype(np.uint8)
    else:
        ones = (samples[..., None] >> np.arange(bits - 1, -1, -1)) & 1
        lines = np.packbits(ones.reshape(samples.shape[0], -1).astype(np.uint8), axis=1)
    if filtered:
        # "up"
        above = np.vstack([np.zeros_like(lines[:1]), lines[:-1]])
        lines = lines - above
    return b"".join(bytes([2 if filtered else 0]) + line.tobytes() for line in lines)


def encode(samples, bits, colour, before=(), after=(), interlaced=False, filtered=False):
    """A PNG, with chunks before and after its pixels."""
    height, width = samples.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlaced)
    if interlaced:
        parts = [samples[y::down, x::right] for x, y, right, down in PASSES]
        data = b"".join(rows(part, bits, filtered) for part in parts if part.size)
    else:
        data = rows(samples, bits, filtered)
    chunks = [(b"IHDR", header), *before, (b"IDAT", zlib.compress(data)), *after, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*it) for it in chunks)


def exif(orientation):
    return b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHIHH", ORIENTATION, 3, 1, orientation, 0) + bytes(4)


def variants(folder, rng):
    def of(name, data, **more):
        path = folder / f"{name}.png"
        path.write_bytes(data)
        bits = more.pop("bits", None)
        expected = more.pop("expected", lambda: pillow(path, bits=bits))
        return Variant(path, expected, **more)

    channels = {GREY: 1, RGB: 3, GREY_ALPHA: 2, RGBA: 4}
    for (colour, count), interlaced, filtered in itertools.product(channels.items(), [False, True], [False, True]):
        name = f"colour{colour}" + "-interlaced" * interlaced + "-filtered" * filtered
        samples = picture(rng, 8, count)
        yield of(f"{name}-8", encode(samples, 8, colour, interlaced=interlaced, filtered=filtered))
        # Pillow keeps the upper byte of deep colours only
        samples = picture(rng, 16, count)
        data = encode(samples, 16, colour, interlaced=interlaced, filtered=filtered)
        yield of(f"{name}-16", data, expected=lambda samples=samples: grey(samples))
    for bits, interlaced in itertools.product([1, 2, 4], [False, True]):
        samples = picture(rng, bits)
        name = f"bits{bits}" + "-interlaced" * interlaced
        # Pillow opens 2 and 4 bits as a palette of greys
        yield of(f"grey-{name}", encode(samples, bits, GREY, interlaced=interlaced))
        palette = rng.integers(0, 256, 3 << bits, np.uint8).tobytes()
        yield of(f"palette-{name}", encode(samples, bits, PALETTE, [(b"PLTE", palette)], interlaced=interlaced))
    palette = rng.integers(0, 256, 768, np.uint8).tobytes()
    chunks = [(b"PLTE", palette), (b"tRNS", bytes([0, 128, 7]))]
    yield of("palette-bits8", encode(picture(rng), 8, PALETTE, chunks[:1]))
    yield of("palette-transparent", encode(picture(rng), 8, PALETTE, chunks))
    short = [(b"PLTE", palette[: 3 * 200])]
    yield of("palette-short", encode(np.minimum(picture(rng), 199), 8, PALETTE, short))
    yield of("grey-transparent", encode(picture(rng), 8, GREY, [(b"tRNS", b"\0\x50")]))
    yield of("rgb-transparent", encode(picture(rng, channels=3), 8, RGB, [(b"tRNS", b"\0\x50\0\x51\0\x52")]))
    yield of("gamma", encode(picture(rng), 8, GREY, [(b"gAMA", struct.pack(">I", 100_000))]))
    yield of("background", encode(picture(rng), 8, GREY, [(b"bKGD", b"\0\x80")]))
    for bits in (8, 10, 12, 14, 16):
        samples = picture(rng, bits).astype(np.uint16)
        yield of(f"deep{bits}", encode(samples, 16, GREY))
        yield of(f"deep{bits}-alpha", encode(np.dstack([samples, 65535 - samples]), 16, GREY_ALPHA),
                 expected=lambda samples=samples: grey(samples))
        rgb = picture(rng, bits, 3).astype(np.uint16)
        yield of(f"deep{bits}-rgb", encode(rgb, 16, RGB), expected=lambda rgb=rgb: grey(rgb))
    # the chunk says 12 bits: dark samples, and samples that were moved up as the specification says
    dark = picture(rng, 9).astype(np.uint16)
    said = [(b"sBIT", b"\x0c")]
    yield of("said12-dark", encode(dark, 16, GREY, said), bits=12)
    full = picture(rng, 12).astype(np.uint16)
    yield of("said12-moved", encode(full << 4, 16, GREY, said), bits=16)
    yield of("said16-dark", encode(dark, 16, GREY, [(b"sBIT", b"\x10")]), bits=16)
    yield of("said5-of-8", encode(picture(rng), 8, GREY, [(b"sBIT", b"\x05")]))
    for orientation in range(1, 9):
        said = [(b"eXIf", exif(orientation))]
        yield of(f"turned{orientation}", encode(picture(rng), 8, GREY, said))
        yield of(f"turned{orientation}-late", encode(picture(rng), 8, GREY, after=said))
    # the default image counts, whether it belongs to the animation or not
    frames = [Image.fromarray(picture(rng)) for _ in range(3)]
    for is_apart in (False, True):
        path = folder / f"animated-{'apart' if is_apart else 'first'}.png"
        frames[0].save(path, save_all=True, append_images=frames[1:], default_image=is_apart)
        yield Variant(path, lambda frame=frames[0]: np.array(frame))
        yield Variant(path, refused="it has 1", frame=1, suffix="#1")
