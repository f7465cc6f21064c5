import modal
from diffusers import FluxPipeline

app = modal.App("images")


@app.cls(gpu="L40S", enable_memory_snapshot=True, experimental_options={"enable_gpu_snapshot": True})
class Images:
    @modal.enter(snap=True)
    def load(self):
        self.pipe = FluxPipeline.from_pretrained("black-forest-labs/FLUX.1-dev").to("cuda")
