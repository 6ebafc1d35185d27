"""Asks a running server through the client of Triton, over HTTP, with JSON and with binary tensors.

    pip install 'tritonclient[http]==2.73.0' pillow==13.0.0
    python scripts/web/tritonclient_check.py 127.0.0.1:8080 assets/samples/phantom-nerve.png

Every answer must agree with that of `POST /api/v1/segment` for the same frame.
"""

import json
import sys
import urllib.request

import numpy as np
import tritonclient.http as triton
from PIL import Image
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

MODEL = "brachial-plexus"


def segment(address, path):
    """The answer of the other API."""
    with open(path, "rb") as file:
        request = urllib.request.Request(f"http://{address}/api/v1/segment", data=file.read())
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def run_lengths(mask):
    """Kaggle's run lengths of a mask."""
    pixels = np.concatenate([[0], mask.flatten(order="F"), [0]]).astype(int)
    ends = np.flatnonzero(np.diff(pixels)) + 1
    ends[1::2] -= ends[::2]
    return " ".join(map(str, ends))


def infer(client, image, binary_input, outputs):
    tensor = triton.InferInput("image", image.shape, "UINT8")
    tensor.set_data_from_numpy(image, binary_data=binary_input)
    return client.infer(MODEL, [tensor], outputs=outputs, request_id="7")


def requested(binary):
    return [
        triton.InferRequestedOutput(name, binary_data=binary)
        for name in ["mask", "probabilities", "presence"]
    ]


def main(address, path):
    client = triton.InferenceServerClient(address)
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(MODEL)
    metadata = client.get_model_metadata(MODEL)
    assert client.get_server_metadata()["extensions"] == ["binary_tensor_data"]
    assert [tensor["name"] for tensor in metadata["inputs"]] == ["image"]
    version = metadata["versions"][0]
    assert client.get_model_metadata(MODEL, version) == metadata

    image = np.array(Image.open(path).convert("L"))
    expected = segment(address, path)
    forms = [(True, None), (True, requested(True)), (False, requested(False)), (True, requested(False))]
    for binary_input, outputs in forms:
        result = infer(client, image, binary_input, outputs)
        mask = result.as_numpy("mask")
        probabilities = result.as_numpy("probabilities")
        assert mask.shape == probabilities.shape == image.shape
        assert (mask.dtype, probabilities.dtype) == (np.uint8, np.float32)
        assert run_lengths(mask) == expected["rle"]["pixels"]
        assert abs(float(result.as_numpy("presence")[0]) - expected["presence"]) < 1e-5
        assert 0 <= probabilities.min() <= probabilities.max() <= 1
        assert result.get_response()["id"] == "7"

    for wrong in [image.astype(np.float32), image[None]]:
        try:
            tensor = triton.InferInput("image", wrong.shape, np_to_triton_dtype(wrong.dtype))
            tensor.set_data_from_numpy(wrong)
            client.infer(MODEL, [tensor])
        except InferenceServerException as error:
            print("refused, as it should be:", error.message())
        else:
            raise AssertionError("a tensor that does not fit was taken")
    print(f"tritonclient agrees in {len(forms)} forms")


if __name__ == "__main__":
    main(*sys.argv[1:])
