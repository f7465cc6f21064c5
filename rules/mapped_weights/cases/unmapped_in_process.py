import modal

app = modal.App("glm")
image = modal.Image.debian_slim(python_version="3.12").pip_install("llama-cpp-python==0.3.36")


@app.cls(image=image, gpu="L40S", enable_memory_snapshot=True, experimental_options={"enable_gpu_snapshot": True})
class Glm:
    @modal.enter(snap=True)
    def load(self):
        from llama_cpp import Llama

        self.llm = Llama(model_path="/models/GLM-4.7-Flash-Q4_K_M.gguf", n_gpu_layers=-1, n_ctx=16384, use_mmap=False)
        self.llm("warm up", max_tokens=8)

    @modal.method()
    def ask(self, prompt: str):
        return self.llm(prompt)
