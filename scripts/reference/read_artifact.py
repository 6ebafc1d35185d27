"""Opens a nerveseg artifact with the safetensors package and checks what it says about itself.

    pip install numpy safetensors
    python scripts/reference/read_artifact.py run/best.safetensors

Exits with 1 if the manifest is missing, a tensor has an unreadable name, or the checksum is wrong.
"""

import argparse
import hashlib
import json
import re
import sys

import numpy as np
from safetensors import SafetensorError, safe_open

# encoder.0.conv1.weight, bottleneck.norm2.running_var, up.3.pointwise.bias, head.weight
NAME = re.compile(
    r"(encoder|decoder)\.\d+\.(conv[12]\.(weight|bias)|norm[12]\.(gamma|beta|running_mean|running_var))"
    r"|bottleneck\.(conv[12]\.(weight|bias)|norm[12]\.(gamma|beta|running_mean|running_var))"
    r"|up\.\d+\.(pointwise|transposed)\.(weight|bias)"
    r"|(head|presence)\.(weight|bias)"
)


def checksum(tensors):
    """SHA-256 over names, shapes and little-endian values of the tensors in order of their names."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        values = tensors[name]
        digest.update(f"{name} {list(values.shape)}\n".encode())
        digest.update(np.ascontiguousarray(values, dtype="<f4").tobytes())
    return digest.hexdigest()


def problems(tensors, manifest):
    """Everything about an artifact that is not as it should be."""
    if manifest.get("format_version") != 1:
        yield f"format version is {manifest.get('format_version')}, expected 1"
    for key in ["producer", "intended_use", "unet", "preprocess", "postprocess", "provenance"]:
        if key not in manifest:
            yield f"the manifest has no `{key}`"
    for name, values in tensors.items():
        if not NAME.fullmatch(name):
            yield f"tensor `{name}` has a name that nobody expects"
        if values.dtype != np.float32:
            yield f"tensor `{name}` is {values.dtype}, expected float32"
        if not np.isfinite(values).all():
            yield f"tensor `{name}` holds values that are not finite"
    if "encoder.0.conv1.weight" not in tensors:
        yield "there is no tensor `encoder.0.conv1.weight`"
    found = checksum(tensors)
    if found != manifest.get("sha256"):
        yield f"tensors hash to {found}, but the manifest says {manifest.get('sha256')}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file")
    path = parser.parse_args().file
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except (OSError, SafetensorError) as error:
        sys.exit(f"error: cannot read `{path}`: {error}")
    if "nerveseg" not in metadata:
        sys.exit(f"error: `{path}` has no nerveseg manifest")
    manifest = json.loads(metadata["nerveseg"])
    found = list(problems(tensors, manifest))
    for problem in found:
        print(f"error: {problem}", file=sys.stderr)
    if found:
        sys.exit(1)
    count = sum(values.size for values in tensors.values())
    print(f"{path}: {len(tensors)} tensors, {count:,} numbers, SHA-256 as in the manifest")
    print(f"  {manifest['producer']}, {manifest['intended_use']}")


if __name__ == "__main__":
    main()
