import modal
from llama_cpp import Llama

app = modal.App("serve")
image = modal.Image.debian_slim()


@app.cls(gpu="L40S", image=image, enable_memory_snapshot=True, experimental_options={"enable_gpu_snapshot": True})
class Serve:
    @modal.enter(snap=True)
    def load(self):
        self.llm = Llama("/m.gguf", n_gpu_layers=-1, use_mmap=False)
