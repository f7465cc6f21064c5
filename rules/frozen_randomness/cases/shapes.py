"""Seeds through helpers, generator objects, ids, and what only looks like them."""

import random
import uuid

import modal

image = modal.Image.debian_slim().pip_install("numpy", "torch", "llama-cpp-python")
app = modal.App(f"shapes-{uuid.uuid4().hex[:4]}", image=image)

with image.imports():
    import numpy as np
    import torch

INSTANCE = str(uuid.uuid4())  # expect: SNAP602


def seed_everything(seed: int):
    random.seed(seed)  # expect: SNAP602
    np.random.seed(seed)
    torch.manual_seed(seed)


@app.cls(enable_memory_snapshot=True)
class Seeded:
    @modal.enter(snap=True)
    def load(self):
        seed_everything(42)
        self.rng = np.random.default_rng(1)  # expect: SNAP602
        self.order = random.Random()  # expect: SNAP602

    @modal.method()
    def run(self):
        return INSTANCE, random.random(), self.rng.normal(), self.order.random()


@app.cls(enable_memory_snapshot=True)
class NotDrawnFrom:
    @modal.enter(snap=True)
    def load(self):
        from llama_cpp import Llama

        torch.manual_seed(0)
        self.llm = Llama("/models/a.gguf")
        self.traced = torch.jit.trace(torch.nn.Linear(4, 4), torch.randn(1, 4))
        self.unused = uuid.uuid4()

    @modal.method()
    def run(self, prompt: str):
        return uuid.uuid4(), self.llm(prompt), self.traced


@app.cls()
class NoSnapshot:
    @modal.enter()
    def load(self):
        self.worker = uuid.uuid4()

    @modal.method()
    def run(self):
        return self.worker
