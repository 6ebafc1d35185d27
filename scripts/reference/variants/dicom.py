"""DICOM: photometric interpretations, bits, signs, syntaxes, layouts, frames, windows."""

import io
import itertools

import numpy as np
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels import pixel_array
from pydicom.pixels.encoders import RLELosslessEncoder
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    RLELossless,
    UltrasoundImageStorage,
)

from . import Variant, luma, picture, smooth, spread, used_bits

PLAIN = {"implicit": ImplicitVRLittleEndian, "explicit": ExplicitVRLittleEndian, "big": ExplicitVRBigEndian}


def window(values, dataset):
    """The first linear window after slope and intercept (PS3.3, C.11.2.1.2)."""
    first = lambda value: float(value[0] if hasattr(value, "__len__") else value)
    center, width = first(dataset.WindowCenter), first(dataset.WindowWidth)
    values = values * float(dataset.get("RescaleSlope", 1)) + float(dataset.get("RescaleIntercept", 0))
    shares = (values - (center - 0.5 - (width - 1) / 2)) / (width - 1)
    return np.round(np.clip(shares, 0, 1) * 255).astype(np.uint8)


def monochrome(values, dataset):
    """Grey samples by the rules of the crate `nerveseg-dicom`."""
    stored, signed = dataset.BitsStored, dataset.PixelRepresentation == 1
    if stored <= 8 and not signed:
        return spread(values, stored)
    if "WindowCenter" in dataset:
        return window(values.astype(float), dataset)
    if values.min() < 0:
        return spread(values.astype(np.int64) + (1 << stored - 1), stored)
    return spread(values, stored if stored < 16 else used_bits(values))


def reference(path, frame):
    """A frame as pydicom reads it, in grey by the rules of the crate `nerveseg-dicom`."""
    dataset = dcmread(path, force=True)
    values = pixel_array(dataset, index=frame, raw=True)
    match dataset.PhotometricInterpretation:
        case "MONOCHROME1":
            return 255 - monochrome(values, dataset)
        case "MONOCHROME2":
            return monochrome(values, dataset)
        case "RGB":
            bits = dataset.BitsStored
            return luma(spread(values, bits if bits < 16 else used_bits(values)))
        case "YBR_FULL" | "YBR_FULL_422":
            return values[..., 0]


def dataset(samples, photometric="MONOCHROME2", stored=None, high=None, frames=None, **more):
    """A data set without pixels for frames like `samples`."""
    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID = UltrasoundImageStorage, "1.2.3"
    data.Modality = "US"
    data.Rows, data.Columns = samples.shape[:2]
    data.SamplesPerPixel = samples.shape[2] if samples.ndim == 3 else 1
    data.PhotometricInterpretation = photometric
    data.BitsAllocated = 8 * samples.dtype.itemsize
    data.BitsStored = stored or data.BitsAllocated
    data.HighBit = data.BitsStored - 1 if high is None else high
    data.PixelRepresentation = int(samples.dtype.kind == "i")
    if data.SamplesPerPixel > 1:
        data.PlanarConfiguration = 0
    if frames:
        data.NumberOfFrames = frames
    for name, value in more.items():
        setattr(data, name, value)
    return data


def write(path, data, pixels, syntax=ExplicitVRLittleEndian, bare=False):
    """Saves a data set; `bare` without preamble and file meta information."""
    data.PixelData = pixels + bytes(len(pixels) % 2)
    data["PixelData"].VR = "OW" if data.BitsAllocated == 16 and not syntax.is_compressed else "OB"
    data["PixelData"].is_undefined_length = syntax.is_compressed
    if bare:
        data.save_as(path, implicit_vr=syntax.is_implicit_VR, little_endian=syntax.is_little_endian)
        return
    data.file_meta = FileMetaDataset()
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    data.file_meta.TransferSyntaxUID = syntax
    data.save_as(path, enforce_file_format=True)


def native(samples, syntax):
    """Bytes of samples in the byte order of a syntax."""
    return samples.astype(samples.dtype.newbyteorder("<" if syntax.is_little_endian else ">")).tobytes()


def shared(ybr):
    """Two lumas, then the chromas that they share."""
    flat = ybr.reshape(-1, 2, 3)
    return np.stack([flat[:, 0, 0], flat[:, 1, 0], flat[:, 0, 1], flat[:, 0, 2]], 1).tobytes()


def run_lengths(frame, data):
    """One frame of RLE."""
    return RLELosslessEncoder.encode(
        np.ascontiguousarray(frame),
        encoding_plugin="pydicom",
        rows=data.Rows,
        columns=data.Columns,
        samples_per_pixel=data.SamplesPerPixel,
        photometric_interpretation=data.PhotometricInterpretation,
        bits_allocated=data.BitsAllocated,
        bits_stored=data.BitsStored,
        pixel_representation=data.PixelRepresentation,
        planar_configuration=0,
        number_of_frames=1,
    )


def jpeg(image, **more):
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=90, **more)
    return buffer.getvalue()


def variants(folder, rng):
    def of(name, data, pixels, syntax=ExplicitVRLittleEndian, bare=False, **more):
        path = folder / f"{name}.dcm"
        write(path, data, pixels, syntax, bare)
        frame = more.get("frame", 0)
        expected = more.pop("expected", lambda: reference(path, frame))
        return Variant(path, None if "refused" in more else expected, **more)

    # grey, in every syntax, depth, place of the bits and sign
    for (name, syntax), photometric in itertools.product(PLAIN.items(), ["MONOCHROME1", "MONOCHROME2"]):
        short = f"{name}-{photometric[-1]}"
        samples = picture(rng)
        yield of(f"grey8-{short}", dataset(samples, photometric), native(samples, syntax), syntax)
        for stored, shift in [(8, 0), (8, 8), (10, 0), (12, 0), (12, 4), (14, 2), (16, 0)]:
            samples = picture(rng, stored).astype(np.uint16) << shift
            data = dataset(samples, photometric, stored, stored + shift - 1)
            more = {}
            if shift:
                # pydicom takes the lowest bits, wherever the highest is said to be
                inverts = 255 if photometric == "MONOCHROME1" else 0
                more["expected"] = lambda samples=samples >> shift, stored=stored, i=inverts: i ^ spread(samples, stored)
            yield of(f"grey{stored}-up{shift}-{short}", data, native(samples, syntax), syntax, **more)
        for used in (8, 10, 12, 14):
            samples = picture(rng, used).astype(np.uint16)
            data = dataset(samples, photometric, 16)
            yield of(f"grey16-uses{used}-{short}", data, native(samples, syntax), syntax)
        for stored in (8, 12, 16):
            samples = (picture(rng, stored).astype(np.int32) - (1 << stored - 1)).astype(np.int16)
            data = dataset(samples, photometric, stored)
            yield of(f"signed{stored}-{short}", data, native(samples, syntax), syntax)
        samples = picture(rng, 12).astype(np.int16)
        yield of(f"signed-positive-{short}", dataset(samples, photometric, 16), native(samples, syntax), syntax)
        for kind, center, width in [("narrow", 1500, 700), ("wide", 2048, 4096), ("two", [1000, 9], [600, 3])]:
            samples = picture(rng, 12).astype(np.uint16)
            said = {"WindowCenter": center, "WindowWidth": width}
            yield of(f"window-{kind}-{short}", dataset(samples, photometric, 12, **said), native(samples, syntax), syntax)
            said |= {"RescaleSlope": "0.5", "RescaleIntercept": "300"}
            data = dataset(samples, photometric, 12, **said)
            yield of(f"window-{kind}-rescaled-{short}", data, native(samples, syntax), syntax)
    # colours, together and in planes
    for (name, syntax), photometric in itertools.product(PLAIN.items(), ["RGB", "YBR_FULL"]):
        for bits, planar in itertools.product([8, 16], [0, 1]):
            if bits == 16 and photometric != "RGB":
                continue
            samples = picture(rng, bits, 3)
            data = dataset(samples, photometric, PlanarConfiguration=planar)
            stored = np.moveaxis(samples, 2, 0) if planar else samples
            yield of(f"{photometric}-{bits}-planar{planar}-{name}", data, native(stored, syntax), syntax)
    even = picture(rng, 8, 3, (44, 60))
    for name, syntax in PLAIN.items():
        data = dataset(even, "YBR_FULL_422")
        yield of(f"shared-{name}", data, shared(even), syntax, expected=lambda: even[..., 0])
        data = dataset(even, "YBR_FULL_422")
        yield of(f"shared-in-full-{name}", data, native(even, syntax), syntax, expected=lambda: even[..., 0])
    # palettes
    for name, syntax in PLAIN.items():
        indices = picture(rng)
        tables = rng.integers(0, 1 << 16, (3, 256), np.uint16)
        data = dataset(indices, "PALETTE COLOR")
        for channel, table in zip(["Red", "Green", "Blue"], tables):
            setattr(data, f"{channel}PaletteColorLookupTableDescriptor", [256, 0, 16])
            setattr(data, f"{channel}PaletteColorLookupTableData", native(table, syntax))
        # pydicom reads the tables in the byte order of the machine, whatever that of the file
        expected = lambda indices=indices, tables=tables: luma(np.moveaxis(tables[:, indices] >> 8, 0, 2))
        yield of(f"palette-{name}", data, native(indices, syntax), syntax, expected=expected)
    # several frames, without and with compression, and what contradicts the header
    stack = [picture(rng) for _ in range(3)]
    for frame in range(3):
        many = dict(frame=frame, suffix=f"#{frame}")
        data = dataset(stack[0], frames=3)
        yield of("frames", data, np.stack(stack).tobytes(), **many)
        data = dataset(stack[0], frames=3)
        yield of("frames-rle", data, encapsulate([run_lengths(it, data) for it in stack]), RLELossless, **many)
        data = dataset(stack[0], frames=3)
        yield of("frames-jpeg", data, encapsulate([jpeg(it) for it in stack]), JPEGBaseline8Bit, **many)
        data = dataset(stack[0], frames=3)
        fragments = encapsulate([jpeg(it) for it in stack], fragments_per_frame=2, has_bot=False)
        yield of("frames-jpeg-in-pieces", data, fragments, JPEGBaseline8Bit, **many)
    for name, syntax, pixels in [
        ("plain", ExplicitVRLittleEndian, np.stack(stack[:2]).tobytes()),
        ("jpeg", JPEGBaseline8Bit, encapsulate([jpeg(it) for it in stack[:2]])),
    ]:
        yield of(f"overstated-{name}", dataset(stack[0], frames=3), pixels, syntax, frame=2, refused="frame 2 is missing")
    samples = picture(rng, 8, 3)
    yield of("rgb-called-grey", dataset(samples[..., 0]), samples.tobytes(), refused="bytes of pixel data")
    yield of("grey-called-rgb", dataset(samples, "RGB"), samples[..., 0].tobytes(), refused="bytes of pixel data")
    samples = picture(rng, 12).astype(np.uint16)
    yield of("more-bits-than-said", dataset(samples, stored=8), samples.tobytes(), refused="8 are stored")
    # compressed
    for bits in (8, 12, 16):
        samples = picture(rng, bits).astype(np.uint8 if bits == 8 else np.uint16)
        data = dataset(samples, stored=bits)
        yield of(f"rle-grey{bits}", data, encapsulate([run_lengths(samples, data)]), RLELossless)
    samples = picture(rng, 8, 3)
    data = dataset(samples, "RGB")
    yield of("rle-rgb", data, encapsulate([run_lengths(samples, data)]), RLELossless)
    samples = smooth(rng)
    yield of("jpeg-grey", dataset(samples), encapsulate([jpeg(samples)]), JPEGBaseline8Bit)
    colours = smooth(rng, 3)
    ybr = lambda data: np.array(Image.open(io.BytesIO(data)).convert("YCbCr"))[..., 0]
    for subsampling in (0, 1, 2):
        data = jpeg(colours, subsampling=subsampling)
        header = dataset(colours, "YBR_FULL_422" if subsampling else "YBR_FULL")
        expected = lambda data=data: ybr(data)
        yield of(f"jpeg-colour{subsampling}", header, encapsulate([data]), JPEGBaseline8Bit, expected=expected, tolerance=2)
    yield of("jpeg-2000", dataset(samples), encapsulate([b"\xff\x4f\xff\x51"]), JPEG2000Lossless, refused="JPEG 2000")
    yield of("deflated", dataset(samples), samples.tobytes(), DeflatedExplicitVRLittleEndian, refused="Deflated")
    # without preamble and file meta information
    for name, syntax in PLAIN.items():
        samples = picture(rng)
        expected = lambda samples=samples: samples
        yield of(f"bare-{name}", dataset(samples), native(samples, syntax), syntax, bare=True, expected=expected)
