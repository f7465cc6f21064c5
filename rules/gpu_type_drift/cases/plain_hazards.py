import modal

app = modal.App("serve")
GPU_SNAPSHOT = {"enable_memory_snapshot": True, "experimental_options": {"enable_gpu_snapshot": True}}


@app.cls(gpu="H100", **GPU_SNAPSHOT)  # expect: SNAP703
class Unpinned:
    @modal.method()
    def run(self):
        return 1


@app.cls(gpu=["L40S", "A100-80GB"], **GPU_SNAPSHOT)  # expect: SNAP703
class AnyOf:
    @modal.method()
    def run(self):
        return 1
