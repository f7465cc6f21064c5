import os
import subprocess

import modal

app = modal.App("flags")
TAG = "ghcr.io/ggml-org/llama.cpp:"
floating = modal.Image.from_registry(TAG + "server-cuda", add_python="3.12").entrypoint([])
edge = modal.Image.from_registry(TAG + "server-cuda-b10883", add_python="3.12").entrypoint([])
built = modal.Image.debian_slim().run_commands(
    "git clone https://github.com/ggml-org/llama.cpp", "cmake -B llama.cpp/build -S llama.cpp && cmake --build llama.cpp/build -j"
)
built_old = modal.Image.debian_slim().run_commands(
    "git clone --depth 1 --branch b8765 https://github.com/ggml-org/llama.cpp && make -C llama.cpp"
)
SNAPSHOT = {"gpu": "L40S", "enable_memory_snapshot": True, "experimental_options": {"enable_gpu_snapshot": True}}
SERVER = ["llama-server", "-m", "/models/a.gguf"]


@app.cls(image=edge, gpu="L40S")
class LastThatKnowsIt:
    @modal.enter()
    def start(self):
        subprocess.Popen([*SERVER, "--no-mmap", "--mlock"])


@app.cls(image=edge, gpu="L40S")
class AliasPeriod:
    @modal.enter()
    def start(self):
        subprocess.Popen([*SERVER, "--load-mode", "none"])


@app.cls(image=built, gpu="L40S")
class UnknownBuild:
    @modal.enter()
    def start(self):
        subprocess.Popen([*SERVER, "--no-mmap"])  # expect: SNAP302


@app.cls(image=built_old, gpu="L40S")
class BuiltFromATag:
    @modal.enter()
    def start(self):
        subprocess.Popen([*SERVER, "--no-mmap"])


@app.cls(image=floating, gpu="L40S")
class OneBranchOnly:
    @modal.enter()
    def start(self):
        flags = ["--no-mmap"] if os.environ["OLD"] == "1" else ["--load-mode", "none"]
        subprocess.Popen([*SERVER, *flags])


@app.cls(image=floating.env({"LLAMA_ARG_NO_MMAP": "1"}), **SNAPSHOT)  # expect: SNAP302
class DeadVariable:
    @modal.enter(snap=True)
    def start(self):
        subprocess.Popen(SERVER)


@app.cls(image=floating.env({"LLAMA_ARG_NO_MMAP": "1"}), **SNAPSHOT)
class DeadVariableBesideTheNewFlag:
    @modal.enter(snap=True)
    def start(self):
        subprocess.Popen([*SERVER, "--load-mode", "none"])


@app.cls(gpu="L40S")
class PythonServer:
    @modal.enter()
    def start(self):
        subprocess.Popen(["python", "-m", "llama_cpp.server", "--model", "/models/a.gguf", "--no-mmap"])  # expect: SNAP302


@app.cls(gpu="L40S")
class Known:
    @modal.enter()
    def load(self):
        from llama_cpp import Llama

        self.llm = Llama("/models/a.gguf", n_gpu_layers=-1, n_ctx=4096, use_mmap=False, flash_attn=True, verbose=False)


@app.cls(gpu="L40S")
class LayersNeverAsked:
    @modal.enter()
    def load(self):
        from llama_cpp import Llama

        self.llm = Llama("/models/a.gguf", gpu_layers=-1)  # expect: SNAP302
