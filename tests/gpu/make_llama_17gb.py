"""`python tests/gpu/make_llama_17gb.py FILE`: a llama with random weights in Q4_0, as large as the files that two reference deployments load.

Those are gemma-4-26B-A4B-it-UD-Q4_K_XL.gguf and GLM-4.7-Flash-UD-Q4_K_XL.gguf, about 17 GB each. This one is dense where they are mixtures of
experts, so an answer reads all of it. 47 KiB of cache a token; the vocabulary is as large as GLM's, one token a letter.
"""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "engines"))

import gguf
import numpy
from make_gguf import Shape, write

SHAPE = Shape(width=5120, feed_forward=36864, layers=47, heads=40, key_value_heads=2, unused_tokens=154_000)
BLOCK = numpy.dtype([("scale", "<f2"), ("pairs", "u1", 16)])
"""ggml's block_q4_0: 32 weights, each `scale * (quant - 8)`, two quants a byte."""
WEIGHTS = 32


def blocks(count: int) -> numpy.ndarray:
    """Random blocks of one scale; quants are 1 to 15, so that their mean is zero and activations stay near one over all layers."""
    random = numpy.random.default_rng(0)
    made = numpy.empty(count, BLOCK)
    made["scale"] = 0.02 / 4.3  # 4.3: the deviation of 1 to 15
    made["pairs"] = random.integers(1, 16, (count, 16), numpy.uint8) | random.integers(1, 16, (count, 16), numpy.uint8) << 4
    return made


def main(path: str, shape: Shape = SHAPE) -> None:
    """Write the file. Every matrix begins with the same blocks: 17 GB of random numbers would take minutes, and nothing here looks at them."""
    rows = max(shape.feed_forward, shape.unused_tokens + 300)
    values = blocks(rows * shape.width // WEIGHTS)

    def quantised(writer: gguf.GGUFWriter, name: str, rows: int, columns: int) -> None:
        """One view of the same buffer: nothing is copied before it is written."""
        matrix = values[: rows * columns // WEIGHTS].view(numpy.uint8).reshape(rows, columns // WEIGHTS * BLOCK.itemsize)
        writer.add_tensor(name, matrix, raw_dtype=gguf.GGMLQuantizationType.Q4_0)

    write(path, shape, gguf.LlamaFileType.MOSTLY_Q4_0, quantised)
    print(f"{os.path.getsize(path) / 1e9:.1f} GB")


if __name__ == "__main__":
    main(sys.argv[1])
