"""BMP: palettes, 16 to 32 bits, masks of bits, run lengths, rows from the top."""

import struct

import numpy as np

from . import HEIGHT, WIDTH, Variant, grey, picture, pillow

RGB, RLE8, RLE4, MASKS, JPEG, PNG = 0, 1, 2, 3, 4, 5


def encode(data, bits, compression=RGB, palette=b"", masks=b"", top_down=False, header=40):
    height = -HEIGHT if top_down else HEIGHT
    info = struct.pack("<IiiHHIIiiII", header, WIDTH, height, 1, bits, compression, len(data), 0, 0, len(palette) // 4, 0)
    info += masks if header == 40 else (masks.ljust(16, b"\0") + bytes(header - 56))
    start = 14 + len(info) + len(palette)
    return struct.pack("<2sIHHI", b"BM", start + len(data), 0, 0, start) + info + palette + data


def rows(samples, bits, top_down=False):
    """Rows from the bottom, each filled up to a multiple of four bytes."""
    if bits < 8:
        ones = (samples[..., None] >> np.arange(bits - 1, -1, -1)) & 1
        lines = np.packbits(ones.reshape(HEIGHT, -1).astype(np.uint8), axis=1)
    else:
        lines = np.ascontiguousarray(samples).view(np.uint8).reshape(HEIGHT, -1)
    lines = lines if top_down else lines[::-1]
    return np.pad(lines, ((0, 0), (0, -lines.shape[1] % 4))).tobytes()


def run_lengths(indices):
    """RLE8: runs, and every third row as it is."""
    data = bytearray()
    for number, row in enumerate(indices[::-1]):
        if number % 3 == 0:
            data += bytes([0, len(row)]) + row.tobytes() + bytes(len(row) % 2)
        else:
            changes = np.flatnonzero(np.diff(row)) + 1
            for run in np.split(row, changes):
                data += bytes([len(run), run[0]])
        data += b"\0\0"
    return bytes(data + b"\0\x01")


def variants(folder, rng):
    def of(name, data, **more):
        path = folder / f"{name}.bmp"
        path.write_bytes(data)
        return Variant(path, **({"expected": lambda: pillow(path)} | more))

    for bits in (1, 4, 8):
        samples = picture(rng, bits)
        palette = rng.integers(0, 256, (1 << bits, 4), np.uint8)
        palette[:, 3] = 0
        for top_down in (False, True):
            data = rows(samples, bits, top_down)
            name = f"palette{bits}" + "-top-down" * top_down
            yield of(name, encode(data, bits, palette=palette.tobytes(), top_down=top_down))
    greys = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 4, 1)
    greys[:, 3] = 0
    yield of("grey8", encode(rows(picture(rng), 8), 8, palette=greys.tobytes()))
    stepped = picture(rng) // 32 * 32
    yield of("rle8", encode(run_lengths(stepped), 8, RLE8, greys.tobytes()))

    rgb = picture(rng, channels=3)
    bgr = rgb[..., ::-1]
    for top_down in (False, True):
        name = "-top-down" * top_down
        yield of(f"bits24{name}", encode(rows(bgr, 24, top_down), 24, top_down=top_down))
        bgrx = np.dstack([bgr, np.zeros((HEIGHT, WIDTH), np.uint8)])
        yield of(f"bits32{name}", encode(rows(bgrx, 32, top_down), 32, top_down=top_down))
    r, g, b = (rgb[..., i].astype(np.uint16) for i in range(3))
    five = (r >> 3 << 10) | (g >> 3 << 5) | (b >> 3)
    yield of("bits16", encode(rows(five, 16), 16))
    six = (r >> 3 << 11) | (g >> 2 << 5) | (b >> 3)
    yield of("bits16-565", encode(rows(six, 16), 16, MASKS, masks=struct.pack("<III", 0xF800, 0x07E0, 0x001F)))
    bgra = np.dstack([bgr, picture(rng)])
    for header in (40, 56, 108, 124):
        masks = struct.pack("<III", 0xFF0000, 0xFF00, 0xFF)
        if header > 40:
            masks += struct.pack("<I", 0xFF000000)
        data = encode(rows(bgra, 32), 32, MASKS, masks=masks, header=header)
        yield of(f"bits32-masks{header}", data, expected=lambda: grey(rgb))
    yield of("jpeg-inside", encode(b"\xff\xd8\xff\xd9", 0, JPEG), expected=None, refused="JPEG compression")
    yield of("png-inside", encode(b"\x89PNG\r\n\x1a\n", 0, PNG), expected=None, refused="PNG compression")
    cut = encode(rows(bgr, 24), 24)[:-200]
    yield of("cut", cut, expected=None, refused="cannot decode")
