import modal

app = modal.App("batch")


@app.cls(gpu="H100!", enable_memory_snapshot=True, experimental_options={"enable_gpu_snapshot": True})
class InProcess:
    @modal.enter(snap=True)
    def load(self):
        from vllm import LLM

        self.llm = LLM(model="Qwen/Qwen3-8B", enable_sleep_mode=True)
        self.llm.generate("warm up")
        self.llm.sleep(level=1)

    @modal.enter(snap=False)
    def wake(self):
        self.llm.wake_up()

    @modal.method()
    def ask(self, prompt: str):
        return self.llm.generate(prompt)
