import modal
import vllm

app = modal.App("serve")


@app.cls(gpu="H100", memory=4096, enable_memory_snapshot=True, experimental_options={"enable_gpu_snapshot": True})
class RequestOnly:
    @modal.enter(snap=True)
    def load(self):
        self.llm = vllm.LLM("Qwen/Qwen3-8B", enable_sleep_mode=True)


@app.cls(gpu="H100", memory=(4096, 65536), enable_memory_snapshot=True, experimental_options={"enable_gpu_snapshot": True})
class EnoughRoom:
    @modal.enter(snap=True)
    def load(self):
        self.llm = vllm.LLM("Qwen/Qwen3-8B", enable_sleep_mode=True)
