"""Maps, downloads without a commit, deletions elsewhere."""

import mmap
import os

import modal

volume = modal.Volume.from_name("models", create_if_missing=True)
scratch = modal.Volume.from_name("scratch", create_if_missing=True)
app = modal.App("shapes")
SNAPSHOT = {"enable_memory_snapshot": True, "experimental_options": {"enable_gpu_snapshot": True}}


@app.cls(gpu="L4", volumes={"/models": volume}, **SNAPSHOT)
class Mapped:
    @modal.enter(snap=True)
    def load(self):
        file = open("/models/vectors.bin", "rb")
        self.vectors = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)  # expect: SNAP605

    @modal.method()
    def run(self):
        return self.vectors[:4]


@app.cls(gpu="L4", volumes={"/models": volume}, **SNAPSHOT)
class NotCommitted:
    @modal.enter(snap=True)
    def load(self):
        from huggingface_hub import snapshot_download
        from llama_cpp import Llama

        snapshot_download("unsloth/gemma-4-26B-A4B-it-GGUF", local_dir="/models/gemma")  # expect: SNAP605
        self.llm = Llama("/models/gemma/model.gguf", n_gpu_layers=-1)
        self.llm("warm up")

    @modal.method()
    def run(self, prompt: str):
        return self.llm(prompt)


@app.cls(gpu="L4", volumes={"/models": volume}, **SNAPSHOT)
class Committed:
    @modal.enter(snap=True)
    def load(self):
        from huggingface_hub import snapshot_download
        from llama_cpp import Llama

        snapshot_download("unsloth/gemma-4-26B-A4B-it-GGUF", local_dir="/models/other")
        volume.commit()
        self.llm = Llama("/models/other/model.gguf", n_gpu_layers=-1)
        self.llm("warm up")

    @modal.method()
    def run(self, prompt: str):
        return self.llm(prompt)


@app.function(volumes={"/models": scratch})
def clean_another_volume():
    os.remove("/models/other/model.gguf")


@app.function(volumes={"/models": volume})
def clean_what_nobody_uses():
    os.remove("/models/old/model.gguf")


@app.function(volumes={"/models": volume})
def replace_what_is_mapped():
    os.replace("/models/incoming/model.gguf", "/models/other/model.gguf")  # expect: SNAP605


@app.cls(gpu="L4", volumes={"/models": volume}, **SNAPSHOT)
class KeepsReaders:
    @modal.enter(snap=True)
    def load(self):
        import h5py
        import numpy as np
        from safetensors import safe_open

        self.weights = safe_open("/models/adapter.safetensors", framework="pt")  # expect: SNAP605
        self.features = h5py.File("/models/features.h5", "r")  # expect: SNAP605
        self.index = np.load("/models/index.npy", mmap_mode="r")  # expect: SNAP605
        self.table = np.load("/models/table.npy")

    @modal.method()
    def run(self):
        return self.index[0], self.table[0], self.weights.keys(), self.features["x"][0]


@app.cls(gpu="L4", volumes={"/models": volume}, **SNAPSHOT)
class ClosesReaders:
    @modal.enter(snap=True)
    def load(self):
        from safetensors import safe_open

        with safe_open("/models/adapter.safetensors", framework="pt") as weights:
            self.names = list(weights.keys())

    @modal.method()
    def run(self):
        return self.names
