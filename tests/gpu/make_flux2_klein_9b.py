"""`python tests/gpu/make_flux2_klein_9b.py FOLDER`: a pipeline of FLUX.2-klein-9B's size with random weights, 34 GB in bfloat16.

The shapes are those of the published model: a transformer of 8 double and 24 single blocks 4096 wide, and Qwen3-8B as text encoder. The tokenizer
is that of the tiny pipeline of `tests/engines`, one token a byte.
"""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "engines"))

import torch
from diffusers import AutoencoderKLFlux2, FlowMatchEulerDiscreteScheduler, Flux2KleinPipeline, Flux2Transformer2DModel
from make_flux2_klein import tokenizer
from transformers import Qwen3Config, Qwen3ForCausalLM


def pipeline() -> Flux2KleinPipeline:
    """All five parts, made on the GPU, where random numbers are quick."""
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("cuda"):
        transformer = Flux2Transformer2DModel(
            patch_size=1, in_channels=128, num_layers=8, num_single_layers=24, attention_head_dim=128, num_attention_heads=32,
            joint_attention_dim=12288, timestep_guidance_channels=256, axes_dims_rope=[32, 32, 32, 32], guidance_embeds=False,
        )  # fmt: skip
        encoder = Qwen3ForCausalLM(
            Qwen3Config(
                vocab_size=151936, hidden_size=4096, intermediate_size=12288, num_hidden_layers=36, num_attention_heads=32,
                num_key_value_heads=8, head_dim=128, max_position_embeddings=40960, tie_word_embeddings=False,
            )
        )  # fmt: skip
        vae = AutoencoderKLFlux2()
    return Flux2KleinPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(), text_encoder=encoder, tokenizer=tokenizer(), transformer=transformer, vae=vae,
        is_distilled=True,
    )  # fmt: skip


if __name__ == "__main__":
    made = pipeline()
    print(
        sum(parameter.numel() for part in (made.transformer, made.text_encoder, made.vae) for parameter in part.parameters()) / 1e9,
        "billion parameters",
    )
    made.save_pretrained(sys.argv[1])
