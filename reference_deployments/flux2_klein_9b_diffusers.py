"""FLUX.2-klein-9B on diffusers: the model lives in this process, so one snapshot holds all of it.

Fill the Volume once (the model is gated: create the Secret `huggingface` with HF_TOKEN first), then deploy:

    modal run flux2_klein_9b_diffusers.py::download
    modal deploy flux2_klein_9b_diffusers.py
"""

import io
from pathlib import Path

import modal

# Everything that names the model stands here.
MODEL_ID = "black-forest-labs/FLUX.2-klein-9B"
MODEL_DIR = "/models/flux2-klein-9b"
GPU = "L40S"
DTYPE = "bfloat16"
STEPS = 4
SIZES = (1024, 768)  # what requests use, and so what the warm-up must run

MINUTES = 60

volume = modal.Volume.from_name("flux2-klein-9b", create_if_missing=True)

# A plain slim image is enough: the driver comes from the host, CUDA libraries come with torch.
image = (
    modal.Image.debian_slim(python_version="3.12")
    .pip_install(
        "accelerate==1.12.0",
        "diffusers==0.37.0",
        "fastapi==0.128.0",
        "sentencepiece==0.2.1",
        "torch==2.9.1",
        "transformers==4.57.6",
    )
    .env({"HF_HUB_OFFLINE": "1"})  # weights come from the Volume; nothing may ask the hub at a cold start
)
download_image = modal.Image.debian_slim(python_version="3.12").pip_install("huggingface_hub==0.36.0")

app = modal.App("flux2-klein-9b")

# Imported before the snapshot: an import left to the first request is paid in every container.
with image.imports():
    import fastapi
    import torch
    from diffusers import Flux2KleinPipeline


@app.function(image=download_image, volumes={"/models": volume}, secrets=[modal.Secret.from_name("huggingface")], timeout=60 * MINUTES)
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
    startup_timeout=20 * MINUTES,  # the start that makes the snapshot is the slow one
    scaledown_window=5 * MINUTES,  # a container that stays is better than any cold start
)
class Images:
    """Text to image."""

    @modal.enter(snap=True)
    def load(self) -> None:
        """Everything here is done once and captured."""
        if not Path(MODEL_DIR).is_dir():
            raise RuntimeError(f"{MODEL_DIR} is empty: run `modal run {Path(__file__).name}::download` first")
        # Casting and moving every part to the GPU leaves no weight file mapped, so the snapshot stands alone.
        self.pipe = Flux2KleinPipeline.from_pretrained(MODEL_DIR, torch_dtype=getattr(torch, DTYPE)).to("cuda")
        for size in SIZES:
            self.draw("a lighthouse at dusk", size)  # compiles and allocates now what the first request would

    def draw(self, prompt: str, size: int) -> bytes:
        """One image as PNG bytes."""
        found = self.pipe(prompt=prompt, height=size, width=size, num_inference_steps=STEPS, guidance_scale=1.0).images[0]
        buffer = io.BytesIO()
        found.save(buffer, format="PNG")
        return buffer.getvalue()

    @modal.method()
    def generate(self, prompt: str, size: int = SIZES[0]) -> bytes:
        """Draw from another Modal function or from `modal.Cls.from_name`."""
        return self.draw(prompt, size)

    @modal.fastapi_endpoint(method="POST", docs=True)
    def web(self, prompt: str, size: int = SIZES[0]) -> "fastapi.Response":
        """Draw over HTTP."""
        return fastapi.Response(self.draw(prompt, size), media_type="image/png")
