import os

import modal

app = modal.App("shapes")
IDLE = 5 * 60
GPU = os.environ.get("GPU", "L40S")
COMMON = {"gpu": "L40S", "scaledown_window": IDLE}
BARE = {"gpu": "L40S", "timeout": 600}
extra = dict(BARE)
extra["container_idle_timeout"] = 120


@app.cls(**COMMON)
class FromDict:
    @modal.method()
    def run(self):
        return 1


@app.cls(**extra)
class OldName:
    @modal.method()
    def run(self):
        return 1


@app.cls(**BARE)  # expect: SNAP701
class WithoutWindow:
    @modal.method()
    def run(self):
        return 1


@app.cls(gpu=GPU)  # expect: SNAP701
class LikelyGpu:
    @modal.fastapi_endpoint(method="POST")
    def run(self, item: dict):
        return item


@app.cls(gpu=os.environ["GPU_KIND"])
class UnknownGpu:
    @modal.method()
    def run(self):
        return 1


@app.cls(gpu=None)
class NoGpu:
    @modal.method()
    def run(self):
        return 1


@app.cls(gpu="L40S", single_use_containers=True)
class SingleUse:
    @modal.method()
    def run(self):
        return 1


def options():
    return load_options()  # noqa: F821


@app.cls(gpu="L40S", **options())
class UnknownOptions:
    @modal.method()
    def run(self):
        return 1


@app.function(gpu="L40S:2")
def batch_job(paths: list[str]) -> int:
    return len(paths)


@app.local_entrypoint()
def main():
    print(batch_job.remote(["a"]))
