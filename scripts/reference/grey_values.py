"""Checks that our readers give the grey values that other readers give.

Generates files of every kind that Pillow, tifffile and pydicom write, reads each with one of them and
with `crates/nerveseg-data/examples/grey.rs`, and compares: the same within the tolerance of the
variant, or refused for the reason that the variant expects. Neither list may shrink unseen: what is
read where a refusal is expected fails as well, and so do fewer variants than there were.

    pip install numpy==2.4.6 pillow==13.0.0 tifffile==2026.3.3 imagecodecs==2026.3.6 pydicom==3.0.2
    cargo build --release -p nerveseg-data --example grey
    python scripts/reference/grey_values.py target/release/examples/grey [--only tiff,png] [--keep DIR]
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from variants import bmp, dicom, jpeg, png, tiff

# Name of a family: what generates it, and how many variants it has at least. A generator takes a
# folder and a numpy Generator and yields `variants.Variant`.
FAMILIES = {
    "tiff": (tiff.variants, 440),
    "png": (png.variants, 90),
    "jpeg": (jpeg.variants, 43),
    "bmp": (bmp.variants, 21),
    "dicom": (dicom.variants, 189),
}
SEED = 12


def read_ours(program, variants):
    """What our reader says of each variant: grey values, or the text of a refusal."""
    asked = "".join(f"{variant.frame}\t{variant.path}\n" for variant in variants)
    output = subprocess.run([program], input=asked.encode(), stdout=subprocess.PIPE, check=True).stdout
    at = 0

    def line():
        nonlocal at
        end = output.index(b"\n", at)
        text, at = output[at:end].decode(), end + 1
        return text

    for _ in variants:
        first = line()
        if first != "P5":
            yield first
            continue
        width, height = map(int, line().split())
        assert line() == "255"
        pixels = np.frombuffer(output, np.uint8, width * height, at)
        at += width * height
        yield pixels.reshape(height, width)


def objection(variant, ours):
    """What is wrong with our answer, or nothing."""
    if variant.refused:
        if not isinstance(ours, str):
            return f"read, though a refusal was expected ({variant.refused!r})"
        return None if variant.refused in ours else f"refused with other words: {ours}"
    if isinstance(ours, str):
        return ours
    expected = variant.expected()
    if ours.shape != expected.shape:
        return f"is {ours.shape}, expected {expected.shape}"
    worst = np.abs(ours.astype(int) - expected.astype(int)).max()
    return None if worst <= variant.tolerance else f"differs by {worst}, tolerated {variant.tolerance}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=Path)
    parser.add_argument("--only", default=",".join(FAMILIES), help="families, such as tiff,png")
    parser.add_argument("--keep", type=Path, help="write the files here, and leave them")
    arguments = parser.parse_args()

    failures = []
    with tempfile.TemporaryDirectory() as scratch:
        for family in arguments.only.split(","):
            generate, least = FAMILIES[family]
            folder = (arguments.keep or Path(scratch)) / family
            folder.mkdir(parents=True, exist_ok=True)
            variants = list(generate(folder, np.random.default_rng(SEED)))
            names = [variant.name for variant in variants]
            assert len(set(names)) == len(names), "two variants have one name"
            if len(variants) < least:
                failures.append(f"{family}: {len(variants)} variants, there were {least}")
            for variant, ours in zip(variants, read_ours(arguments.program, variants), strict=True):
                if (found := objection(variant, ours)) is not None:
                    failures.append(f"{family}/{variant.name}: {found}")
            refused = [variant.name for variant in variants if variant.refused]
            print(f"{family}: {len(variants)} variants, {len(refused)} of them refused: {', '.join(refused)}")
    for failure in failures:
        print(f"error: {failure}", file=sys.stderr)
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
