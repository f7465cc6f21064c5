"""Which weight files a Flux2 Klein pipeline keeps mapped, and that the tiny one runs (facts: safetensors are mapped, private, per tensor)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from container.programs import Running, running

from engines.maps import children, mapped

if TYPE_CHECKING:
    from collections.abc import Iterator

# Importing diffusers takes seconds, so one program serves all tests: it holds what the last line of code made, and nothing of the lines before.
PROGRAM = """
import gc, json
import torch
from diffusers import Flux2KleinPipeline
print("READY", flush=True)
for line in sys.stdin:
    held = None
    gc.collect()
    held = {"folder": sys.argv[1], "torch": torch, "Flux2KleinPipeline": Flux2KleinPipeline, "said": "done"}
    exec(json.loads(line), held)
    gc.collect()
    print(held["said"], flush=True)
"""
LOAD = "pipeline = Flux2KleinPipeline.from_pretrained(folder, {arguments})\n"
PARTS = {"text_encoder", "transformer", "vae"}
PRIVATE = "rw-p"


@pytest.fixture(scope="module")
def diffusers(engines_python: Path, tiny_flux2_klein: Path) -> Iterator[Running]:
    """The program; `tell` it code as JSON."""
    with running(PROGRAM, str(tiny_flux2_klein), python=str(engines_python)) as program:
        yield program


def parts_mapped(pid: int) -> set[str]:
    """Folders of the weight files in the maps, which must all be private."""
    files = mapped(pid, ".safetensors")
    assert {permissions for permissions, _ in files} <= {PRIVATE}
    return {Path(path).parent.name for _, path in files}


@pytest.mark.parametrize(
    ("arguments", "then", "left"),
    [
        ("", "", PARTS),
        ("dtype=torch.float32", "", PARTS),
        # One int64 counter of the decoder's batch norm is not cast, and one tensor keeps its whole file.
        ("dtype=torch.bfloat16", "", {"vae"}),
        ("torch_dtype=torch.bfloat16", "", {"vae"}),
        # diffusers does not hand the option to the parts that transformers loads.
        ("disable_mmap=True", "", {"text_encoder"}),
        ("disable_mmap=True, dtype=torch.bfloat16", "", set()),
        # Off the CPU; a machine without a GPU has only the meta device to move to.
        ("", "for part in (pipeline.text_encoder, pipeline.transformer, pipeline.vae):\n    part.to('meta')\n", set()),
        ("", "pipeline.transformer.to('meta')\n", {"text_encoder", "vae"}),
    ],
)
def test_weight_files_stay_mapped_while_a_tensor_of_theirs_is_on_the_cpu_as_stored(
    diffusers: Running, arguments: str, then: str, left: set[str]
) -> None:
    """A cast or a move gives a file up, when it takes every tensor."""
    assert diffusers.tell(json.dumps(LOAD.format(arguments=arguments) + then)) == "done"
    assert parts_mapped(diffusers.pid) == left
    assert not children(diffusers.pid)


def test_tiny_pipeline_makes_a_picture(diffusers: Running) -> None:
    """Two steps on the CPU; running it gives no file up."""
    run = "pipeline(prompt='a lighthouse', num_inference_steps=2, height=8, width=8, max_sequence_length=64, text_encoder_out_layers=(1,))"
    assert diffusers.tell(json.dumps(LOAD.format(arguments="") + f"said = {run}.images[0].size\n")) == "(8, 8)"
    assert parts_mapped(diffusers.pid) == PARTS


@pytest.mark.parametrize("method", ["enable_model_cpu_offload", "enable_sequential_cpu_offload"])
def test_offload_needs_a_gpu(diffusers: Running, method: str) -> None:
    """So it breaks in a hook that runs before the restore of a CPU snapshot."""
    attempt = f"try:\n    pipeline.{method}()\nexcept RuntimeError as error:\n    said = error\n"
    assert f"`{method}` requires accelerator" in diffusers.tell(json.dumps(LOAD.format(arguments="") + attempt))


@pytest.mark.parametrize(
    ("load", "stays"),
    [
        ("from safetensors.torch import load_file; held = load_file(sys.argv[1])", True),
        ("from safetensors.torch import load_file; held = load_file(sys.argv[1])['layers.0.weight']", True),
        ("from safetensors.torch import load; held = load(open(sys.argv[1], 'rb').read())", False),
        ("from safetensors.torch import load_file; held = {k: t.clone() for k, t in load_file(sys.argv[1]).items()}", False),
    ],
)
def test_one_tensor_keeps_the_whole_file(engines_python: Path, tiny_safetensors: Path, load: str, stays: bool) -> None:
    """And a copy keeps none of it."""
    with running(f"{load}\nimport gc\ngc.collect()\n", str(tiny_safetensors), python=str(engines_python)) as program:
        assert mapped(program.pid, ".safetensors") == ({(PRIVATE, str(tiny_safetensors))} if stays else set())
