"""`python make_safetensors.py FILE`: four float32 tensors, 4 MB, from a fixed seed. Runs in the engines' environment."""

from __future__ import annotations

import sys

import torch
from safetensors.torch import save_file

if __name__ == "__main__":
    torch.manual_seed(0)
    save_file({f"layers.{index}.weight": torch.randn(512, 512) for index in range(4)}, sys.argv[1])
