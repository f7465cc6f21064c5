"""What lets the reference deployments run on a machine without a GPU, with tiny models and without a change to them.

- `/app/llama-server`, which their image has, is the server that the tests have built.
- `python -m llama_cpp.server` is that server too: its own wants packages that nothing else here needs.
- torch's "cuda" is the CPU, for a diffusers pipeline that is moved there.
- The tiny FLUX.2 has two text layers, so its pipeline reads the hidden states of the first; it draws 64 pixels whatever is asked.
"""

import functools
import importlib.abc
import importlib.machinery
import os
import subprocess
import sys

SMALL = {"height": 64, "width": 64, "text_encoder_out_layers": (1,), "max_sequence_length": 64}
SERVER = os.environ.get("TEST_LLAMA_SERVER")
if SERVER:

    class Popen(subprocess.Popen):
        def __init__(self, args, *more, **named):
            if isinstance(args, list) and args and args[0] == "/app/llama-server":
                args = [SERVER, *args[1:]]
            elif isinstance(args, list) and args[:3] == ["python", "-m", "llama_cpp.server"]:
                args = [SERVER, *(word.replace("--n_gpu_layers", "--n-gpu-layers").replace("-1", "all") for word in args[3:])]
            super().__init__(args, *more, **named)

    subprocess.Popen = Popen


class OnTheProcessor(importlib.abc.MetaPathFinder):
    """Changes diffusers' pipeline base once it has been loaded."""

    def find_spec(self, name, path, target=None):
        if name != "diffusers.pipelines.flux2.pipeline_flux2_klein":
            return None
        sys.meta_path.remove(self)
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        execute = spec.loader.exec_module

        def executed(module):
            execute(module)
            pipeline = module.Flux2KleinPipeline
            pipeline.to = lambda self, *_, **__: self
            draw = pipeline.__call__

            @functools.wraps(draw)
            def small(self, *args, **named):
                return draw(self, *args, **{**named, **SMALL})

            pipeline.__call__ = small

        spec.loader.exec_module = executed
        return spec


if os.environ.get("TEST_CUDA_IS_CPU"):
    sys.meta_path.insert(0, OnTheProcessor())
