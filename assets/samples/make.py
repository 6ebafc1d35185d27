"""Makes the samples of this folder and their thumbnails, from two sources.

    git clone https://github.com/tmkand/usgra-seg
    pip install pillow==12.0.0 numpy==2.4.6 pydicom==3.0.1
    python assets/samples/make.py usgra-seg/dataset target/release/nerveseg
"""

import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit, generate_uid

HERE = Path(__file__).parent
THUMBNAILS = HERE.parents[1] / "apps" / "web" / "assets" / "thumbs"
ULTRASOUND_MULTI_FRAME = "1.2.840.10008.5.1.4.1.1.3.1"

SAMPLES = json.loads((HERE / "samples.json").read_text())


def inside(image: Image.Image) -> Image.Image:
    """Cuts off the empty margin: rows and columns that hold nothing but black."""
    bright = numpy.asarray(image) > 4
    rows = numpy.flatnonzero(bright.mean(axis=1) > 0.02)
    columns = numpy.flatnonzero(bright.mean(axis=0) > 0.02)
    return image.crop((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))


def phantoms(program: str, folder: Path, seed: int) -> Path:
    size = ["--size", "400x290"]
    command = [program, "phantom", "--out", folder, "--subjects", "4", "--frames", "12", *size]
    subprocess.run([*command, "--seed", str(seed)], check=True)
    return folder / "train"


def clip(frames: list[Image.Image]) -> Dataset:
    """A multi-frame ultrasound file; its region says 0.01 cm, that is 0.1 mm, a pixel."""
    encoded = []
    for frame in frames:
        buffer = io.BytesIO()
        frame.save(buffer, "JPEG", quality=60)
        encoded.append(buffer.getvalue())
    width, height = frames[0].size

    region = Dataset()
    region.RegionSpatialFormat = 1  # 2D
    region.RegionDataType = 1  # tissue
    region.RegionFlags = 0
    region.RegionLocationMinX0 = region.RegionLocationMinY0 = 0
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = width - 1, height - 1
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3  # cm
    region.PhysicalDeltaX = region.PhysicalDeltaY = 0.01

    file = Dataset()
    file.file_meta = FileMetaDataset()
    file.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    file.file_meta.MediaStorageSOPClassUID = file.SOPClassUID = ULTRASOUND_MULTI_FRAME
    uid = generate_uid(entropy_srcs=["nerveseg", "phantom-clip"])
    file.file_meta.MediaStorageSOPInstanceUID = file.SOPInstanceUID = uid
    file.Modality = "US"
    file.SequenceOfUltrasoundRegions = [region]
    file.NumberOfFrames = len(frames)
    file.FrameTime = "100"
    file.FrameIncrementPointer = 0x00181063
    file.Rows, file.Columns = height, width
    file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
    file.BitsAllocated = file.BitsStored = 8
    file.HighBit, file.PixelRepresentation = 7, 0
    file.LossyImageCompression = "01"
    file.PixelData = encapsulate(encoded)
    file["PixelData"].is_undefined_length = True
    return file


def keep(name: str, image: Image.Image) -> None:
    image.save(HERE / name, optimize=True)
    thumbnail(name, image)


def thumbnail(name: str, image: Image.Image) -> None:
    THUMBNAILS.mkdir(parents=True, exist_ok=True)
    small = image.copy()
    small.thumbnail((480, 480))
    small.save(THUMBNAILS / f"{name}.jpg", quality=62, optimize=True, progressive=True)


def main(usgra: Path, program: str) -> None:
    for sample in SAMPLES:
        if "frame" in sample:
            frame = Image.open(usgra / "images" / f"{sample['frame']}.png").convert("L")
            keep(sample["name"], inside(frame))
    with tempfile.TemporaryDirectory() as scratch:
        still = phantoms(program, Path(scratch) / "still", 24)
        keep("phantom-nerve.png", Image.open(still / "1_8.tif"))
        keep("phantom-empty.png", Image.open(still / "2_3.tif"))
        moving = phantoms(program, Path(scratch) / "moving", 25)
        frames = [Image.open(moving / f"1_{number}.tif") for number in range(4, 13)]
        clip(frames).save_as(HERE / "phantom-clip.dcm", enforce_file_format=True)
        thumbnail("phantom-clip.dcm", frames[0])


main(Path(sys.argv[1]), sys.argv[2])
