"""`python make_gguf.py FILE EMBEDDING_LENGTH`: a llama of two layers with random weights from a fixed seed. Runs in the engines' environment."""

from __future__ import annotations

import sys

import gguf
import numpy

LAYERS = 2
HEADS = 4
KEY_VALUE_HEADS = 2
CHAT_TEMPLATE = "{% for message in messages %}{{ message.content }}{% endfor %}"


def write(path: str, width: int) -> None:
    """A vocabulary of bytes and the letters a to z; matrices of `width` (64: 0.4 MB, 768: 44 MB)."""
    head = width // HEADS
    feed_forward = 2 * width
    letters = "\u2581abcdefghijklmnopqrstuvwxyz"
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), *letters]
    kinds = [gguf.TokenType.UNKNOWN, *2 * [gguf.TokenType.CONTROL], *256 * [gguf.TokenType.BYTE], *len(letters) * [gguf.TokenType.NORMAL]]

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(16384)
    writer.add_embedding_length(width)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(feed_forward)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_VALUE_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(head)
    writer.add_vocab_size(len(tokens))
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(index) for index in range(len(tokens))])
    writer.add_token_types([int(kind) for kind in kinds])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template(CHAT_TEMPLATE)

    random = numpy.random.default_rng(0)

    def matrix(name: str, rows: int, columns: int) -> None:
        writer.add_tensor(f"{name}.weight", random.standard_normal((rows, columns), dtype=numpy.float32) * 0.02)

    def norm(name: str) -> None:
        writer.add_tensor(f"{name}.weight", numpy.ones(width, numpy.float32))

    matrix("token_embd", len(tokens), width)
    norm("output_norm")
    matrix("output", len(tokens), width)
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        norm(f"{block}.attn_norm")
        norm(f"{block}.ffn_norm")
        matrix(f"{block}.attn_q", width, width)
        matrix(f"{block}.attn_k", KEY_VALUE_HEADS * head, width)
        matrix(f"{block}.attn_v", KEY_VALUE_HEADS * head, width)
        matrix(f"{block}.attn_output", width, width)
        matrix(f"{block}.ffn_gate", feed_forward, width)
        matrix(f"{block}.ffn_up", feed_forward, width)
        matrix(f"{block}.ffn_down", width, feed_forward)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]))
