import modal

app = modal.App("serve")
GPU_SNAPSHOT = {"enable_memory_snapshot": True, "experimental_options": {"enable_gpu_snapshot": True}}


@app.cls(gpu="H100!", **GPU_SNAPSHOT)
class Pinned:
    @modal.method()
    def run(self):
        return 1


@app.cls(gpu="H100")
class NoSnapshot:
    @modal.method()
    def run(self):
        return 1
