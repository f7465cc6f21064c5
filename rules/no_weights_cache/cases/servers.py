"""Servers by shape: command in a variable, built by append, environment names, output Volumes."""

import os
import subprocess

import modal

MODEL = "meta-llama/Llama-3.1-8B-Instruct"
image = modal.Image.from_registry("nvidia/cuda:12.8.1-runtime-ubuntu22.04", add_python="3.12").pip_install("sglang==0.5.10")
app = modal.App("servers", image=image)
outputs = modal.Volume.from_name("outputs", create_if_missing=True)
models = modal.Volume.from_name("models", create_if_missing=True)


@app.cls(gpu="H100", volumes={"/outputs": outputs})  # expect: SNAP505
class ResultsOnly:
    @modal.enter()
    def start(self):
        cmd = ["python", "-m", "sglang.launch_server", "--port", "30000"]
        cmd += ["--model-path", MODEL]
        self.process = subprocess.Popen(cmd)

    @modal.web_server(30000)
    def serve(self):
        pass


@app.cls(gpu="H100", volumes={"/models": models})
class CacheOnVolume:
    @modal.enter()
    def start(self):
        env = {**os.environ, "HF_HOME": "/models"}
        self.process = subprocess.Popen(["python", "-m", "sglang.launch_server", "--model-path", MODEL], env=env)

    @modal.web_server(30000)
    def serve(self):
        pass


@app.cls(gpu="H100")
class LocalPath:
    @modal.enter()
    def start(self):
        self.process = subprocess.Popen(["python", "-m", "sglang.launch_server", "--model-path", "/weights/llama"])

    @modal.web_server(30000)
    def serve(self):
        pass


@app.cls(gpu="H100")
class UnknownModel:
    @modal.enter()
    def start(self):
        self.process = subprocess.Popen(["python", "-m", "sglang.launch_server", "--model-path", os.environ["MODEL"]])

    @modal.web_server(30000)
    def serve(self):
        pass


@app.function(gpu="H100", **({"volumes": {"/root/.cache/huggingface": models}} if os.environ.get("CACHED") else {}))
@modal.web_server(30000)
def undecided():
    subprocess.Popen(["python", "-m", "sglang.launch_server", "--model-path", MODEL])


@app.cls()
class OnTheCpu:
    @modal.enter()
    def load(self):
        from transformers import AutoModel

        self.model = AutoModel.from_pretrained("org/model")

    @modal.method()
    def run(self, tokens):
        return self.model(tokens)
