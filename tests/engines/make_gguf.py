"""`python make_gguf.py FILE EMBEDDING_LENGTH`: a llama of two layers with random weights from a fixed seed. Runs in the engines' environment."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

import gguf
import numpy

if TYPE_CHECKING:
    from collections.abc import Callable

CHAT_TEMPLATE = "{% for message in messages %}{{ message.content }}{% endfor %}"


class Shape(NamedTuple):
    """A llama, in the words of its GGUF keys; one head is `width // heads` wide."""

    width: int
    feed_forward: int
    layers: int
    heads: int
    key_value_heads: int
    unused_tokens: int = 0
    """Made-up words after the vocabulary of bytes, the blank and the letters a to z: real models' embeddings are large through their vocabulary."""


def tiny(width: int) -> Shape:
    """Two layers; a width of 64 makes 0.4 MB in float32, 768 makes 44 MB."""
    return Shape(width, feed_forward=2 * width, layers=2, heads=4, key_value_heads=2)


def write(path: str, shape: Shape, file_type: gguf.LlamaFileType, add_matrix: Callable[[gguf.GGUFWriter, str, int, int], None]) -> None:
    """The whole file; `add_matrix(writer, name, rows, columns)` adds the values of one matrix."""
    width = shape.width
    head = width // shape.heads
    words = [*"\u2581abcdefghijklmnopqrstuvwxyz", *(f"unused{number}" for number in range(shape.unused_tokens))]
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), *words]
    kinds = [gguf.TokenType.UNKNOWN, *2 * [gguf.TokenType.CONTROL], *256 * [gguf.TokenType.BYTE], *len(words) * [gguf.TokenType.NORMAL]]

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(16384)
    writer.add_embedding_length(width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.key_value_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(head)
    writer.add_vocab_size(len(tokens))
    writer.add_file_type(file_type)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(index) for index in range(len(tokens))])
    writer.add_token_types([int(kind) for kind in kinds])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template(CHAT_TEMPLATE)

    def matrix(name: str, rows: int, columns: int) -> None:
        add_matrix(writer, f"{name}.weight", rows, columns)

    def norm(name: str) -> None:
        writer.add_tensor(f"{name}.weight", numpy.ones(width, numpy.float32))

    matrix("token_embd", len(tokens), width)
    norm("output_norm")
    matrix("output", len(tokens), width)
    for layer in range(shape.layers):
        block = f"blk.{layer}"
        norm(f"{block}.attn_norm")
        norm(f"{block}.ffn_norm")
        matrix(f"{block}.attn_q", width, width)
        matrix(f"{block}.attn_k", shape.key_value_heads * head, width)
        matrix(f"{block}.attn_v", shape.key_value_heads * head, width)
        matrix(f"{block}.attn_output", width, width)
        matrix(f"{block}.ffn_gate", shape.feed_forward, width)
        matrix(f"{block}.ffn_up", shape.feed_forward, width)
        matrix(f"{block}.ffn_down", width, shape.feed_forward)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    random = numpy.random.default_rng(0)

    def floats(writer: gguf.GGUFWriter, name: str, rows: int, columns: int) -> None:
        """Normal, with a deviation that keeps activations near one."""
        writer.add_tensor(name, random.standard_normal((rows, columns), dtype=numpy.float32) * 0.02)

    write(sys.argv[1], tiny(int(sys.argv[2])), gguf.LlamaFileType.ALL_F32, floats)
