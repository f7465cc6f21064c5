"""GLM-4.7-Flash (GGUF) on llama-cpp-python: loaded in this process, mapping off.

modal run glm_4_7_flash_llama_cpp_python.py::download
modal deploy glm_4_7_flash_llama_cpp_python.py
"""

from pathlib import Path

import modal

# Everything that names the model stands here.
MODEL_REPO = "unsloth/GLM-4.7-Flash-GGUF"
MODEL_FILE = "GLM-4.7-Flash-UD-Q4_K_XL.gguf"
MODEL_DIR = "/models/glm-4.7-flash"
MODEL_PATH = f"{MODEL_DIR}/{MODEL_FILE}"
GPU = "L40S"
GPU_LAYERS = -1  # all of them; llama-cpp-python's default is none
CONTEXT = 16384

MINUTES = 60
WARM_UP_WORDS = (8, 128, 1024)

volume = modal.Volume.from_name("glm-4.7-flash-gguf", create_if_missing=True)

# The runtime image has the CUDA libraries; libgomp1 is what it lacks for llama.cpp. The wheel is prebuilt: no compiler needed.
image = (
    modal.Image.from_registry("nvidia/cuda:12.4.1-runtime-ubuntu22.04", add_python="3.12")
    .entrypoint([])
    .apt_install("libgomp1")
    .pip_install("llama-cpp-python==0.3.21", extra_index_url="https://abetlen.github.io/llama-cpp-python/whl/cu124")
    .pip_install("fastapi==0.128.0")
)
download_image = modal.Image.debian_slim(python_version="3.12").pip_install("huggingface_hub==0.36.0")

app = modal.App("glm-4.7-flash")

# Imported before the snapshot: an import left to the first request is paid in every container.
with image.imports():
    import fastapi  # noqa: F401 - Modal imports it for the endpoint, after the restore, unless it is here already
    from llama_cpp import Llama


@app.function(image=download_image, volumes={"/models": volume}, timeout=60 * MINUTES)
def download() -> None:
    """Copy the weights to the Volume, once."""
    from huggingface_hub import hf_hub_download

    hf_hub_download(MODEL_REPO, MODEL_FILE, local_dir=MODEL_DIR)
    volume.commit()


@app.cls(
    image=image,
    gpu=GPU,
    volumes={"/models": volume},
    enable_memory_snapshot=True,
    experimental_options={"enable_gpu_snapshot": True},  # without this only CPU memory is captured
    startup_timeout=20 * MINUTES,  # the start that makes the snapshot is the slow one
    scaledown_window=5 * MINUTES,  # a container that stays is better than any cold start
)
class Chat:
    """Chat completions."""

    @modal.enter(snap=True)
    def load(self) -> None:
        """Everything here is done once and captured."""
        if not Path(MODEL_PATH).is_file():
            raise RuntimeError(f"{MODEL_PATH} is missing: run `modal run {Path(__file__).name}::download` first")
        # A mapped file would tie every restore to that file, unchanged; use_mmap=False lets the snapshot stand alone.
        self.llm = Llama(MODEL_PATH, n_gpu_layers=GPU_LAYERS, n_ctx=CONTEXT, use_mmap=False, verbose=False)
        for words in WARM_UP_WORDS:  # prompts of other lengths use other kernels
            self.llm("hello " * words, max_tokens=8)
        self.llm.reset()

    @modal.method()
    def complete(self, prompt: str, max_tokens: int = 256) -> str:
        """Complete from another Modal function."""
        return self.llm(prompt, max_tokens=max_tokens)["choices"][0]["text"]

    @modal.fastapi_endpoint(method="POST", docs=True)
    def chat(self, request: dict) -> dict:
        """An OpenAI chat completion: `{"messages": [...], "max_tokens": 256}`."""
        return self.llm.create_chat_completion(messages=request["messages"], max_tokens=request.get("max_tokens", 256))
