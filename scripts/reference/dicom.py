"""Expected values for `crates/nerveseg-dicom/tests/decode/reference.rs`.

pydicom and its decoders read the files; the rules of the crate's README turn what they give into
grey. Prints one line a frame: file, size, frames, Adler-32 and mean of the grey image, three
pixels, place and spacing of the tissue.

    pip install pydicom==3.0.2 pylibjpeg==2.1.0 pylibjpeg-libjpeg==2.5.0 numpy==2.4.6
    python scripts/reference/dicom.py ../shared/data/dicom
"""

import sys
import zlib
from pathlib import Path

import numpy as np
import pydicom
from pydicom.pixels import apply_color_lut, pixel_array

CENTIMETRES = 3
# [row, column], as shares of the size
PROBES = [(0.3, 0.4), (0.5, 0.5), (0.7, 0.6)]


def luma(rgb):
    """Rec. 601, rounded, in integers."""
    weighted = rgb.astype(np.uint32) @ np.array([299, 587, 114], np.uint32)
    return ((weighted + 500) // 1000).astype(np.uint8)


def grey(dataset, frame):
    """One frame as 8-bit grey."""
    values = pixel_array(dataset, index=frame, raw=True)
    match dataset.PhotometricInterpretation:
        case "MONOCHROME2":
            return values
        case "PALETTE COLOR":
            return luma(apply_color_lut(values, dataset) >> 8)
        case "RGB":
            return luma(values)
        case "YBR_FULL" | "YBR_FULL_422":
            return values[..., 0]
        case other:
            raise ValueError(other)


def tissue(dataset):
    """Place [x, y, width, height] and mm per pixel [row, column] of the largest 2D tissue region."""
    regions = [
        region
        for region in dataset.get("SequenceOfUltrasoundRegions", [])
        if (region.RegionSpatialFormat, region.RegionDataType) == (1, 1)
        and region.RegionLocationMaxX1 <= dataset.Columns
        and region.RegionLocationMaxY1 <= dataset.Rows
    ]
    if not regions:
        return None, None

    def place(region):
        x, y = region.RegionLocationMinX0, region.RegionLocationMinY0
        end_x = min(region.RegionLocationMaxX1 + 1, dataset.Columns)
        end_y = min(region.RegionLocationMaxY1 + 1, dataset.Rows)
        return [x, y, end_x - x, end_y - y]

    largest = max(regions, key=lambda region: place(region)[2] * place(region)[3])
    units = {largest.PhysicalUnitsXDirection, largest.PhysicalUnitsYDirection}
    if units != {CENTIMETRES}:
        return place(largest), None
    return place(largest), [10 * abs(largest.PhysicalDeltaY), 10 * abs(largest.PhysicalDeltaX)]


def main():
    folder = Path(sys.argv[1])
    for path in sorted(folder.rglob("*.dcm")):
        dataset = pydicom.dcmread(path)
        name = path.relative_to(folder)
        if dataset.file_meta.TransferSyntaxUID in pydicom.uid.JPEG2000TransferSyntaxes:
            print(name, "JPEG 2000")
            continue
        frames = int(dataset.get("NumberOfFrames", 1))
        for frame in sorted({0, frames // 2, frames - 1}):
            image = grey(dataset, frame)
            height, width = image.shape
            probes = [int(image[int(y * height), int(x * width)]) for y, x in PROBES]
            checksum = zlib.adler32(np.ascontiguousarray(image).tobytes())
            print(
                f"{name} frame {frame} of {frames}: {width}x{height} 0x{checksum:08x} "
                f"mean {image.mean():.4f} {probes} {tissue(dataset)}"
            )


if __name__ == "__main__":
    main()
