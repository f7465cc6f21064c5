import os

import modal

app = modal.App("shapes")
GPU = "a100"
WANTED = os.environ.get("GPU", "H100")
SNAPSHOT = {"enable_memory_snapshot": True, "experimental_options": {"enable_gpu_snapshot": True}}


@app.cls(
    gpu=GPU,  # expect: SNAP703
    **SNAPSHOT,
)
class LowerCase:
    @modal.method()
    def run(self):
        return 1


@app.cls(
    gpu=WANTED,  # expect: SNAP703
    **SNAPSHOT,
)
class FromEnvironment:
    @modal.method()
    def run(self):
        return 1


@app.cls(gpu="H100" if os.environ.get("BIG") else "L4", **SNAPSHOT)
class EitherOr:
    @modal.method()
    def run(self):
        return 1


@app.cls(gpu="H100:2", **SNAPSHOT)
class Several:
    @modal.method()
    def run(self):
        return 1


@app.cls(gpu="A100-80GB", **SNAPSHOT)
class Pinned:
    @modal.method()
    def run(self):
        return 1


@app.cls(gpu=os.environ["GPU_KIND"], **SNAPSHOT)
class Unknown:
    @modal.method()
    def run(self):
        return 1
