"""`python make_flux2_klein.py FOLDER`: a Flux2 Klein pipeline of half a megabyte. Runs in the engines' environment.

The sizes are those of diffusers' own test of this pipeline; weights are random, from a fixed seed.
"""

from __future__ import annotations

import sys

import torch
from diffusers import AutoencoderKLFlux2, FlowMatchEulerDiscreteScheduler, Flux2KleinPipeline, Flux2Transformer2DModel
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import Qwen2TokenizerFast, Qwen3Config, Qwen3ForCausalLM

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def tokenizer() -> Qwen2TokenizerFast:
    """One token per byte, no merges."""
    symbols = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *SPECIAL]
    bytewise = Tokenizer(models.BPE(vocab={symbol: index for index, symbol in enumerate(symbols)}, merges=[]))
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    end = SPECIAL[0]
    wrapped = Qwen2TokenizerFast(
        tokenizer_object=bytewise, pad_token=end, eos_token=end, unk_token=end, additional_special_tokens=list(SPECIAL[1:])
    )
    wrapped.chat_template = CHAT_TEMPLATE
    return wrapped


def pipeline() -> Flux2KleinPipeline:
    """All five parts, float32."""
    torch.manual_seed(0)
    transformer = Flux2Transformer2DModel(
        patch_size=1, in_channels=4, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2, joint_attention_dim=16,
        timestep_guidance_channels=256, axes_dims_rope=[4, 4, 4, 4], guidance_embeds=False,
    )  # fmt: skip
    encoder = Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=512, hidden_size=16, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2,
            max_position_embeddings=512, tie_word_embeddings=False,
        )
    )  # fmt: skip
    vae = AutoencoderKLFlux2(
        sample_size=32, in_channels=3, out_channels=3, down_block_types=("DownEncoderBlock2D",), up_block_types=("UpDecoderBlock2D",),
        block_out_channels=(4,), layers_per_block=1, latent_channels=1, norm_num_groups=1, use_quant_conv=False, use_post_quant_conv=False,
    )  # fmt: skip
    return Flux2KleinPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(), text_encoder=encoder, tokenizer=tokenizer(), transformer=transformer, vae=vae,
        is_distilled=True,
    )  # fmt: skip


if __name__ == "__main__":
    pipeline().save_pretrained(sys.argv[1])
