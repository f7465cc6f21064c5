"""Qwen3.5-35B-A3B FP8 on SGLang: started, waited for, warmed up, released; resumed after the restore.

modal run qwen3_5_35b_a3b_fp8_sglang.py::download
modal deploy qwen3_5_35b_a3b_fp8_sglang.py
"""

import subprocess
import time
from pathlib import Path

import modal

# Everything that names the model stands here.
MODEL_ID = "Qwen/Qwen3.5-35B-A3B-FP8"
MODEL_DIR = "/models/qwen3.5-35b-a3b-fp8"
GPU = "H100!"  # "H100" may give an H200, and a snapshot restores only on the type it was made on
CONTEXT = 32768

MINUTES = 60
PORT = 8000
URL = f"http://127.0.0.1:{PORT}"
WARM_UP_WORDS = (8, 128, 1024)

volume = modal.Volume.from_name("qwen3.5-35b-a3b-fp8", create_if_missing=True)

image = (
    modal.Image.from_registry("lmsysorg/sglang:v0.5.12-cu130-runtime")
    .entrypoint([])
    .uv_pip_install("requests==2.32.5")
    .env(
        {
            "TORCHINDUCTOR_COMPILE_THREADS": "1",  # no pool of compile workers in the snapshot
            "TORCH_NCCL_ENABLE_MONITORING": "0",  # the monitor's connection does not survive and fills the log
            "TORCH_NCCL_DUMP_ON_TIMEOUT": "0",
            "HF_HUB_OFFLINE": "1",
        }
    )
)
download_image = modal.Image.debian_slim(python_version="3.12").pip_install("huggingface_hub==0.36.0")

app = modal.App("qwen3.5-35b-a3b-fp8")

with image.imports():
    import requests


@app.function(image=download_image, volumes={"/models": volume}, timeout=60 * MINUTES)
def download() -> None:
    """Copy the weights to the Volume, once."""
    from huggingface_hub import snapshot_download

    snapshot_download(MODEL_ID, local_dir=MODEL_DIR)
    volume.commit()


@app.cls(
    image=image,
    gpu=GPU,
    volumes={"/models": volume},
    enable_memory_snapshot=True,
    experimental_options={"enable_gpu_snapshot": True},  # without this only CPU memory is captured
    startup_timeout=30 * MINUTES,  # the start that makes the snapshot is the slow one
    scaledown_window=5 * MINUTES,  # a container that stays is better than any cold start
)
@modal.concurrent(max_inputs=32)
class Server:
    """An OpenAI-compatible server."""

    @modal.enter(snap=True)
    def start(self) -> None:
        """Bring the engine to the state that every container is to wake up in."""
        if not Path(MODEL_DIR).is_dir():
            raise RuntimeError(f"{MODEL_DIR} is empty: run `modal run {Path(__file__).name}::download` first")
        self.process = subprocess.Popen(
            [
                "python", "-m", "sglang.launch_server",
                "--model-path", MODEL_DIR,
                "--served-model-name", MODEL_ID,
                "--host", "0.0.0.0",  # SGLang listens on 127.0.0.1 by default, which Modal never sees
                "--port", str(PORT),
                "--tp", "1",
                "--mem-fraction-static", "0.8",
                "--context-length", str(CONTEXT),
                "--reasoning-parser", "qwen3",
                "--tool-call-parser", "qwen3_coder",
                "--enable-memory-saver",  # lets the KV cache and weights leave the GPU before the snapshot
                "--enable-weights-cpu-backup",  # without it the weights that come back are garbage
            ]
        )  # fmt: skip
        self.wait(25 * MINUTES)
        for words in WARM_UP_WORDS:  # prompts of other lengths use other kernels
            self.complete("hello " * words)
        # Nothing may be running now. From here to the resume no request may reach the engine, /health included.
        requests.post(f"{URL}/release_memory_occupation", json={}, timeout=2 * MINUTES).raise_for_status()

    @modal.enter(snap=False)
    def resume(self) -> None:
        """Take the memory back, exactly once."""
        requests.post(f"{URL}/resume_memory_occupation", json={}, timeout=2 * MINUTES).raise_for_status()
        self.wait(2 * MINUTES)

    def wait(self, seconds: int) -> None:
        """Wait until SGLang answers, and notice when it has ended."""
        for _ in range(seconds):
            if self.process.poll() is not None:
                raise RuntimeError(f"SGLang ended with code {self.process.returncode}; its message stands above")
            try:
                requests.get(f"{URL}/health", timeout=30).raise_for_status()
            except requests.RequestException:
                time.sleep(1)
            else:
                return
        raise RuntimeError(f"SGLang was not ready after {seconds} s")

    def complete(self, prompt: str) -> None:
        """One short completion."""
        body = {"model": MODEL_ID, "prompt": prompt, "max_tokens": 8}
        requests.post(f"{URL}/v1/completions", json=body, timeout=5 * MINUTES).raise_for_status()

    @modal.web_server(PORT, startup_timeout=5 * MINUTES)
    def serve(self) -> None:
        """The server is running already; what stood here would run after the snapshot."""

    @modal.exit()
    def stop(self) -> None:
        """End the child with the container."""
        self.process.terminate()
