"""How far PyTorch's f32 is from f64 on the reference network, as a probability.

  scripts/bench/compare --quick --no-build      # makes the environment, once
  target/bench-venv/bin/python scripts/bench/accuracy.py

The same figure for our kernels comes from

  cargo test --release --workspace --test model accuracy -- --nocapture
"""

import torch

from reference_unet import UNet


def main():
    """Prints RMS and largest difference of the probabilities over five networks and images."""
    for layout in (torch.contiguous_format, torch.channels_last):
        rms, largest = [], []
        for seed in range(5):
            torch.manual_seed(seed)
            net = UNet((32, 64, 128, 256, 512), "transposed2x2").eval()
            image = torch.randn(1, 1, 64, 64)
            with torch.inference_mode():
                found = torch.sigmoid(net.to(memory_format=layout)(image.to(memory_format=layout)))
                exact = torch.sigmoid(net.double()(image.double()))
            off = (found.double() - exact).abs()
            rms.append(off.square().mean().sqrt().item())
            largest.append(off.max().item())
        name = "channels_last" if layout is torch.channels_last else "contiguous"
        print(f"torch {torch.__version__} {name}: RMS {sorted(rms)[2]:.1e}, largest {sorted(largest)[2]:.1e}")


if __name__ == "__main__":
    main()
