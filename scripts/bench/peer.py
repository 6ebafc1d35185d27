"""Times the reference U-Net in one other engine, in this process, and prints one JSON line.

`scripts/bench/compare` calls this; by hand, in an environment with requirements.txt:

    python scripts/bench/peer.py --engine torch --task train --batch 8 --threads 4
    python scripts/bench/peer.py --batch 8 --export /tmp/unet.onnx
    python scripts/bench/peer.py --engine openvino --batch 8 --threads 4 --onnx /tmp/unet.onnx

PyTorch exports in a process of its own: its threads would disturb the engine that is timed, and its
memory would be counted.
"""

import argparse
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

# engine: what it can do
ENGINES = {
    "torch": ("infer", "train"),
    "torch-channels-last": ("infer", "train"),
    "onnxruntime": ("infer",),
    "openvino": ("infer",),
    "openvino-bf16": ("infer",),
}
UPSAMPLES = ("transposed2x2", "transposed3x3", "bilinear")


def arguments():
    parser = argparse.ArgumentParser(
        description="Times the reference U-Net in one engine and prints one JSON line."
    )
    parser.add_argument("--engine", choices=ENGINES, help="what to time")
    parser.add_argument("--task", choices=["infer", "train"], default="infer")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--features", default="32,64,128,256,512")
    parser.add_argument("--upsample", choices=UPSAMPLES, default="transposed2x2")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--warmup", type=int, default=4, help="runs before timing [4]")
    parser.add_argument("--seconds", type=float, default=12, help="stop timing after these [12]")
    parser.add_argument("--min-runs", type=int, default=7, help="but not before this many [7]")
    parser.add_argument("--max-runs", type=int, default=40, help="and after this many [40]")
    parser.add_argument("--onnx", metavar="FILE", help="network for ONNX Runtime and OpenVINO")
    parser.add_argument("--export", metavar="FILE", help="write the network as ONNX, time nothing")
    options = parser.parse_args()
    if not options.engine and not options.export:
        parser.error("one of --engine and --export is needed")
    if options.engine and not options.engine.startswith("torch") and not options.onnx:
        parser.error(f"{options.engine} needs --onnx FILE; write one with --export FILE")
    if options.engine and options.task not in ENGINES[options.engine]:
        parser.error(f"{options.engine} cannot {options.task}")
    options.shape = (options.batch, 1, options.size, options.size)
    return options


def images(shape):
    """The same noise for every engine."""
    import numpy as np

    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


def mib_now():
    """Resident memory in MiB, or None where there is no /proc."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize() / 2**20
    except OSError:
        return None


def mib_peak():
    """Highest resident memory so far in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


class Contestant(NamedTuple):
    """An engine with the network in it."""

    version: str
    step: Callable  # runs the network once and returns its answer as an array
    before_mib: float | None  # resident memory with the libraries loaded, without the network
    parameters: int | None = None


def reference(options):
    """The reference network with the weights of seed 0."""
    import torch
    from reference_unet import UNet

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    return UNet([int(channels) for channels in options.features.split(",")], options.upsample)


def prepare_torch(options):
    import reference_unet  # noqa: F401, so that it does not count as the network
    import torch

    x = torch.from_numpy(images(options.shape))
    before_mib = mib_now()
    net = reference(options)
    parameters = sum(values.numel() for values in net.parameters())
    if options.engine == "torch-channels-last":
        net = net.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
    if options.task == "infer":
        net.eval()

        @torch.inference_mode()
        def step():
            return net(x).numpy()

    else:
        target = (torch.rand(options.shape) > 0.9).float()
        # fused: PyTorch's fastest Adam on a CPU
        adam = torch.optim.Adam(net.parameters(), lr=1e-3, fused=True)

        def step():
            adam.zero_grad()
            loss = torch.nn.functional.binary_cross_entropy_with_logits(net(x), target)
            loss.backward()
            adam.step()
            return loss.detach().numpy()

    return Contestant(torch.__version__, step, before_mib, parameters)


def prepare_onnxruntime(options):
    import onnxruntime

    x = images(options.shape)
    before_mib = mib_now()
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        options.onnx, settings, providers=["CPUExecutionProvider"]
    )
    return Contestant(
        onnxruntime.__version__, lambda: session.run(None, {"images": x})[0], before_mib
    )


def prepare_openvino(options):
    import openvino

    core = openvino.Core()
    capabilities = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")  # loads the CPU plugin
    precision = "bf16" if options.engine == "openvino-bf16" else "f32"
    if precision == "bf16" and "BF16" not in capabilities:
        sys.exit("error: this CPU has no bfloat16, OpenVINO would compute in f32")
    x = images(options.shape)
    before_mib = mib_now()
    settings = {
        "INFERENCE_NUM_THREADS": options.threads,
        "INFERENCE_PRECISION_HINT": precision,
        "PERFORMANCE_HINT": "LATENCY",
    }
    request = core.compile_model(options.onnx, "CPU", settings).create_infer_request()

    def step():
        # nothing is copied: the engine is timed, not its Python interface
        return request.infer({0: x}, share_inputs=True, share_outputs=True)[0]

    return Contestant(openvino.__version__.split("-")[0], step, before_mib)


def prepare(options):
    if options.engine.startswith("torch"):
        return prepare_torch(options)
    if options.engine.startswith("openvino"):
        return prepare_openvino(options)
    return prepare_onnxruntime(options)


def export(options):
    """Writes the network as ONNX for exactly this shape, batch norm folded into convolutions."""
    import torch

    # the older exporter, which needs no further package, says so in a warning
    torch.onnx.export(
        reference(options).eval(),
        (torch.from_numpy(images(options.shape)),),
        options.export,
        input_names=["images"],
        output_names=["logits"],
        opset_version=17,
        dynamo=False,
    )


def measure(step, options):
    """Milliseconds of each timed run."""
    for _ in range(options.warmup):
        step()
    times = []
    start = time.perf_counter()
    while len(times) < options.max_runs:
        begin = time.perf_counter()
        if len(times) >= options.min_runs and begin - start > options.seconds:
            break
        step()
        times.append((time.perf_counter() - begin) * 1e3)
    return times


def main():
    options = arguments()
    # read when the libraries start; whatever the caller's environment says, all get the same
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(options.threads)
    if options.export:
        export(options)
        return
    engine = prepare(options)
    # mean |logit| or the first loss: engines that differ here do not compute the same network
    answer = float(abs(engine.step()).mean())
    times = measure(engine.step, options)
    median, peak = statistics.median(times), mib_peak()
    report = {
        "engine": options.engine,
        "version": engine.version,
        "task": options.task,
        "batch": options.batch,
        "threads": options.threads,
        "median_ms": round(median, 3),
        "min_ms": round(min(times), 3),
        "max_ms": round(max(times), 3),
        "runs": len(times),
        "images_per_s": round(options.batch * 1e3 / median, 2),
        "peak_mib": round(peak, 1),
        "answer": answer,
    }
    if engine.before_mib is not None:
        report["engine_mib"] = round(peak - engine.before_mib, 1)
    if engine.parameters is not None:
        report["parameters"] = engine.parameters
    print(json.dumps(report))


if __name__ == "__main__":
    main()
