import modal
from diffusers import FluxPipeline

app = modal.App("images")


@app.cls(gpu="L4", enable_memory_snapshot=True, experimental_options={"enable_gpu_snapshot": True})
class Images:
    @modal.enter(snap=True)
    def load(self):
        self.pipe = FluxPipeline.from_pretrained("black-forest-labs/FLUX.1-dev")
        self.pipe.enable_model_cpu_offload()  # expect: SNAP307
