"""TIFF: kinds of pixel, layouts, codecs, predictors, byte orders, pages, orientation."""

import itertools
import struct

import numpy as np
import tifffile
from PIL import Image

from . import HEIGHT, WIDTH, Variant, grey, luma, picture, pillow, smooth, spread, used_bits

SHORT = 3
ORIENTATION, FILL_ORDER, MAX_SAMPLE, COLOUR_MAP, PREDICTOR, PRIVATE = 274, 266, 281, 320, 317, 65000
MIN_IS_WHITE, PALETTE = 0, 3
COLOUR_TOLERANCE = 2
# from an orientation to the picture as it is to be looked at
TURNS = {
    1: lambda it: it,
    2: lambda it: it[:, ::-1],
    3: lambda it: it[::-1, ::-1],
    4: lambda it: it[::-1],
    5: lambda it: it.T,
    6: lambda it: it[::-1].T,
    7: lambda it: it[::-1, ::-1].T,
    8: lambda it: it[:, ::-1].T,
}
STRIPS, ONE_STRIP, TILES = {"rowsperstrip": 7}, {"rowsperstrip": 1000}, {"tile": (16, 32)}


def page(path, number=0, bits=None):
    """Grey of a page as tifffile reads it."""
    with tifffile.TiffFile(path) as file:
        it = file.pages[number]
        samples = it.asarray()
        if it.planarconfig == tifffile.PLANARCONFIG.SEPARATE and it.samplesperpixel > 1:
            samples = np.moveaxis(samples, 0, -1)
        if it.photometric == PALETTE:
            samples = luma(spread(np.moveaxis(it.colormap[:, samples], 0, -1), 16))
        elif it.bitspersample < 8:
            samples = spread(samples, it.bitspersample)
        else:
            samples = grey(samples, bits)
        if it.photometric == MIN_IS_WHITE:
            samples = 255 - samples
        return TURNS[int(it.tags[ORIENTATION].value) if ORIENTATION in it.tags else 1](samples)


def pack(samples, bits):
    """Samples of a row one after another, rows from a byte on."""
    ones = (samples[..., None] >> np.arange(bits - 1, -1, -1)) & 1
    return np.packbits(ones.reshape(len(samples), -1).astype(np.uint8), axis=1)


def packed(path, samples, bits, photometric, **options):
    """Writes samples of a few bits: as bytes first, of which the tags then tell the truth."""
    tifffile.imwrite(path, pack(samples, bits), photometric="minisblack", metadata=None, **options)
    with tifffile.TiffFile(path, mode="r+") as file:
        tags = file.pages[0].tags
        tags["ImageWidth"].overwrite(samples.shape[1])
        tags["BitsPerSample"].overwrite(bits)
        tags["PhotometricInterpretation"].overwrite(photometric)


def variants(folder, rng):
    def of(name, samples, frame=0, bits=None, tolerance=1, refused=None, **options):
        path = folder / f"{name}.tif"
        options = {"photometric": "minisblack", "metadata": None} | options
        tifffile.imwrite(path, samples, **options)
        return Variant(path, lambda: page(path, frame, bits), refused, frame, tolerance)

    yield from layouts(of, rng)
    yield from codecs(of, rng)
    yield from few_bits(folder, rng)
    yield from depths(of, rng)
    yield from turned(of, rng)
    yield from pages(folder, rng)
    yield from jpegs(folder, of, rng)
    yield from odd(folder, of, rng)
    yield from of_pillow(folder, rng)


def layouts(of, rng):
    """Every kind of pixel in every layout, byte order and size of offsets."""
    kinds = {
        "grey": (1, {}),
        "white-zero": (1, {"photometric": "miniswhite"}),
        "grey-alpha": (2, {"extrasamples": ["unassalpha"], "planarconfig": "contig"}),
        "rgb": (3, {"photometric": "rgb"}),
        "rgba": (4, {"photometric": "rgb", "extrasamples": ["unassalpha"]}),
        "rgb-planes": (3, {"photometric": "rgb", "planarconfig": "separate"}),
    }
    layouts = {"strips": STRIPS, "strip": ONE_STRIP, "tiles": TILES}
    for (kind, (channels, options)), layout, bits, order, big in itertools.product(
        kinds.items(), layouts, (8, 16), "<>", (False, True)
    ):
        samples = picture(rng, bits, channels)
        if options.get("planarconfig") == "separate":
            samples = np.moveaxis(samples, -1, 0)
        name = f"{kind}-{layout}-{bits}-{'little' if order == '<' else 'big'}" + "-bigtiff" * big
        refused = "apart and in tiles" if (kind, layout) == ("rgb-planes", "tiles") else None
        yield of(name, samples, byteorder=order, bigtiff=big, refused=refused, **options, **layouts[layout])


def codecs(of, rng):
    for codec, predictor, channels, bits, order in itertools.product(
        ("lzw", "deflate", "packbits"), (False, True), (1, 3), (8, 16), "<>"
    ):
        if codec == "packbits" and predictor:
            continue
        options = {"compression": codec, "photometric": "rgb" if channels == 3 else "minisblack"}
        name = f"{codec}-{channels}x{bits}{'-big' * (order == '>')}{'-predicted' * predictor}"
        for layout, extra in (("strips", STRIPS), ("tiles", TILES)):
            # the decoder stops in the padding of some LZW tiles, which are refused; so there is none
            shape = (48, 64) if codec == "lzw" else (HEIGHT, WIDTH)
            samples = picture(rng, bits, channels, shape)
            yield of(f"{name}-{layout}", samples, predictor=predictor, byteorder=order, **options, **extra)
    for codec, words in (("zstd", "Zstandard"), ("lzma", "LZMA"), ("lerc", "LERC"), ("jpeg2000", "JPEG 2000"),
                         ("webp", "WebP"), ("jpegxl", "JPEG XL")):
        samples = picture(rng, channels=3 if codec == "webp" else 1)
        photometric = "rgb" if codec == "webp" else "minisblack"
        yield of(codec, samples, compression=codec, photometric=photometric, refused=f"compressed with {words}")


def few_bits(folder, rng):
    for bits, photometric, layout, codec in itertools.product(
        (1, 2, 4), (0, 1, PALETTE), ("strips", "strip"), (None, "lzw", "packbits")
    ):
        path = folder / f"bits{bits}-{photometric}-{layout}-{codec}.tif"
        options = {"compression": codec, **(STRIPS if layout == "strips" else ONE_STRIP)}
        if photometric == PALETTE:
            colours = rng.integers(0, 65536, 3 << bits).tolist()
            options["extratags"] = [(COLOUR_MAP, SHORT, len(colours), colours, True)]
        samples = picture(rng, bits)
        packed(path, samples, bits, photometric, **options)
        if photometric == PALETTE:
            table = np.array(colours).reshape(3, -1)
            colour = spread(np.moveaxis(table[:, samples], 0, -1), 16)
            yield Variant(path, lambda colour=colour: luma(colour))
        else:
            yield Variant(path, lambda path=path: page(path))
    for bits in (3, 5, 6, 10, 12, 14):
        path = folder / f"packed{bits}.tif"
        packed(path, picture(rng, bits), bits, 1)
        yield Variant(path, refused=f"Gray({bits})")
    for big, order, codec in itertools.product((False, True), "<>", (None, "lzw")):
        path = folder / f"palette8{'-bigtiff' * big}{'-big' * (order == '>')}-{codec}.tif"
        table = rng.integers(0, 65536, (3, 256), np.uint16)
        tifffile.imwrite(path, picture(rng), photometric="palette", colormap=table, bigtiff=big, byteorder=order,
                         compression=codec)
        yield Variant(path, lambda path=path: page(path))
    path = folder / "palette-of-bytes.tif"
    table = np.repeat(np.arange(256, dtype=np.uint16)[None, ::-1], 3, 0)
    samples = picture(rng)
    tifffile.imwrite(path, samples, photometric="palette", colormap=table)
    # as libtiff: a map without any value above 255 is one of bytes
    yield Variant(path, lambda: 255 - samples)


def depths(of, rng):
    """8 to 14 bits in 16, dark frames that say so, and bits that lie at the top."""
    for bits, photometric, order in itertools.product((8, 10, 12, 14, 16), ("minisblack", "rgb"), "<>"):
        samples = picture(rng, bits, 3 if photometric == "rgb" else 1).astype(np.uint16)
        yield of(f"deep{bits}-{photometric}{'-big' * (order == '>')}", samples, photometric=photometric, byteorder=order)
    dark = picture(rng, 9).astype(np.uint16)
    for bits in (10, 12, 14, 16):
        tags = [(MAX_SAMPLE, SHORT, 1, (1 << bits) - 1, True)]
        yield of(f"dark-said{bits}", dark, bits=bits, extratags=tags)
        text = f'<OME><Pixels SignificantBits="{bits}"/></OME>'
        yield of(f"dark-microscope{bits}", dark, bits=bits, description=text)
    yield of("said-too-little", picture(rng, 14), bits=14, extratags=[(MAX_SAMPLE, SHORT, 1, 1023, True)])
    yield of("moved-up", picture(rng, 12) << 4, bits=16)
    for bits in (8, 12):
        # white is the largest sample that there may be, not 65535
        samples = picture(rng, bits).astype(np.uint16)
        yield of(f"white-zero-deep{bits}", samples, photometric="miniswhite")


def turned(of, rng):
    for orientation, layout in itertools.product(range(1, 9), (STRIPS, TILES)):
        tags = [(ORIENTATION, SHORT, 1, orientation, True)]
        name = f"turned{orientation}" + "-tiles" * (layout is TILES)
        yield of(name, picture(rng), extratags=tags, **layout)


def pages(folder, rng):
    """Pages are frames; thumbnails and masks are none."""

    def frames(name, written, numbers, big=False):
        path = folder / f"{name}.tif"
        with tifffile.TiffWriter(path, bigtiff=big) as writer:
            for samples, options in written:
                writer.write(samples, photometric="minisblack", metadata=None, **options)
        bits = max((used_bits(it) for it, _ in written if it.dtype == np.uint16), default=None)
        for frame, number in enumerate(numbers):
            yield Variant(path, lambda n=number: page(path, n, bits), frame=frame, suffix=f"#{frame}")
        last = len(numbers)
        yield Variant(path, refused=f"it has {last}", frame=last, suffix=f"#{last}")

    def many(count, **options):
        return [(picture(rng), options) for _ in range(count)]

    small = picture(rng)[::8, ::8].copy()
    half = picture(rng)[::2, ::2].copy()
    same = {"subfiletype": 1}
    yield from frames("stack", many(3), [0, 1, 2])
    yield from frames("stack-bigtiff", many(3), [0, 1, 2], big=True)
    yield from frames("stack-of-pages", many(3, subfiletype=2), [0, 1, 2])
    yield from frames("thumbnail-first", [(small, {}), *many(2)], [1, 2])
    yield from frames("thumbnail-last", [*many(1), (small, {})], [0])
    yield from frames("thumbnail-said", [(picture(rng), same), *many(2)], [1, 2])
    yield from frames("pyramid", [*many(1), (half, {}), (small, same)], [0])
    yield from frames("mask-page", [*many(1), (picture(rng), same)], [0])
    with tifffile.TiffFile(folder / "mask-page.tif", mode="r+") as file:
        file.pages[1].tags["NewSubfileType"].overwrite(4)
    yield from frames("only-reduced", many(1, subfiletype=1), [0])
    dark = (picture(rng, 8).astype(np.uint16), {})
    yield from frames("dark-among-bright", [dark, (picture(rng, 12), {}), dark], [0, 1, 2])


def jpegs(folder, of, rng):
    for layout, extra in (("strips", {"rowsperstrip": 16}), ("tiles", TILES)):
        yield of(f"jpeg-grey-{layout}", smooth(rng), compression="jpeg", compressionargs={"level": 95}, **extra)
        for subsampling in ((1, 1), (2, 1), (2, 2)):
            name = f"jpeg-colour-{layout}-{subsampling[0]}{subsampling[1]}"
            path = folder / f"{name}.tif"
            tifffile.imwrite(path, smooth(rng, 3), photometric="rgb", compression="jpeg", metadata=None,
                             compressionargs={"level": 95}, subsampling=subsampling, **extra)
            # libtiff, because it upsamples colours as everybody does
            yield Variant(path, lambda path=path: pillow(path), tolerance=COLOUR_TOLERANCE)
    path = folder / "jpeg-cut.tif"
    tifffile.imwrite(path, smooth(rng), compression="jpeg", photometric="minisblack", metadata=None, rowsperstrip=1000)
    with tifffile.TiffFile(path, mode="r+") as file:
        tag = file.pages[0].tags["StripByteCounts"]
        tag.overwrite(tag.value[0] - 40)
    yield Variant(path, refused="the file ends before the image does")


def odd(folder, of, rng):
    """What is refused, because it is not read or would be misread."""
    yield of("float32", picture(rng).astype(np.float32), refused="float")
    yield of("float16", picture(rng).astype(np.float16), refused="float")
    yield of("float64", picture(rng).astype(np.float64), refused="float")
    yield of("signed8", picture(rng).astype(np.int8), refused="signed")
    yield of("signed16", picture(rng).astype(np.int16), refused="signed")
    yield of("bits32", picture(rng).astype(np.uint32), refused="32-bit")
    yield of("cmyk", picture(rng, channels=4), photometric="separated", refused="CMYK")
    yield of("lab", picture(rng, channels=3), photometric="cielab", refused="not read")
    whole = of("ycbcr-whole", picture(rng, channels=3), photometric="ycbcr")
    yield Variant(whole.path, lambda: pillow(whole.path), tolerance=COLOUR_TOLERANCE)
    for name, tag, words in (("bits-reversed", FILL_ORDER, "reverse order"), ("predictor-alone", PREDICTOR, "predictor")):
        # tifffile writes neither tag, but any private one
        variant = of(name, picture(rng), refused=words, extratags=[(PRIVATE, SHORT, 1, 2, True)])
        start = struct.pack("<HHI", PRIVATE, SHORT, 1)
        variant.path.write_bytes(variant.path.read_bytes().replace(start, struct.pack("<HHI", tag, SHORT, 1)))
        yield variant
    yield of("bands", picture(rng, channels=4), planarconfig="contig", refused="Multiband")
    options = {"photometric": "rgb", "extrasamples": ["unspecified"]}
    yield of("rgb-and-more", picture(rng, channels=4), **options)
    words = "more samples"
    yield of("rgb-and-more-tiles", picture(rng, channels=4), refused=words, **TILES, **options)
    yield of("rgb-and-more-predicted", picture(rng, channels=4), refused=words, compression="lzw", predictor=True, **options)
    # a page that follows itself; `odd_pictures.rs` has two that follow each other
    path = folder / "circle.tif"
    samples = picture(rng)
    tifffile.imwrite(path, samples, photometric="minisblack", metadata=None)
    data = bytearray(path.read_bytes())
    start = struct.unpack_from("<I", data, 4)[0]
    entries = struct.unpack_from("<H", data, start)[0]
    struct.pack_into("<I", data, start + 2 + 12 * entries, start)
    path.write_bytes(data)
    yield Variant(path, refused="cycle")


def of_pillow(folder, rng):
    """Files of another writer, read by libtiff."""
    one = Image.fromarray(picture(rng)).convert("1")
    for codec in ("raw", "group3", "group4", "tiff_ccitt", "packbits", "tiff_lzw"):
        path = folder / f"pillow-1-{codec}.tif"
        one.save(path, compression=codec)
        words = {"group3": "group 3", "tiff_ccitt": "run lengths"}.get(codec)
        yield Variant(path, lambda path=path: pillow(path), words)
    for mode, codec in itertools.product(("L", "P", "RGB", "RGBA", "LA", "I;16", "CMYK", "YCbCr"),
                                         ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits")):
        path = folder / f"pillow-{mode.replace(';', '')}-{codec}.tif"
        if mode == "I;16":
            image = Image.fromarray(picture(rng, 16))
        else:
            channels = len(Image.new(mode, (1, 1)).getbands())
            image = Image.fromarray(picture(rng, channels=channels if mode != "P" else 3), None)
            image = image.convert(mode) if mode in ("P", "YCbCr", "CMYK", "LA") else image
        image.save(path, compression=codec)
        yield Variant(path, lambda path=path: pillow(path), "CMYK" if mode == "CMYK" else None, tolerance=1)
