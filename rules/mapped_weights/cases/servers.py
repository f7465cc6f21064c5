import os
import shlex
import subprocess

import modal

app = modal.App("servers")
weights = modal.Volume.from_name("weights")
base = modal.Image.from_registry("ghcr.io/ggml-org/llama.cpp:server-cuda", add_python="3.12").entrypoint([])
SNAPSHOT = {"gpu": "L40S", "enable_memory_snapshot": True, "experimental_options": {"enable_gpu_snapshot": True}}
MODE = os.environ.get("LOAD_MODE", "none")
MODEL = "/models/gemma.gguf"


def build(model, *flags, mapped=True):
    command = ["/app/llama-server", "--model", model, "-ngl", "999"]  # expect: SNAP301
    command.extend(flags)
    if not mapped:
        command += ["-lm", "none"]
    return command


@app.cls(image=base, **SNAPSHOT)
class FromAHelper:
    @modal.enter(snap=True)
    def start(self):
        self.server = subprocess.Popen(build(MODEL, "--port", "8080"))


@app.cls(image=base, **SNAPSHOT)
class SwitchedOffByTheHelper:
    @modal.enter(snap=True)
    def start(self):
        self.server = subprocess.Popen(build(MODEL, mapped=False))


@app.cls(image=base, **SNAPSHOT)
class ShellString:
    @modal.enter(snap=True)
    def start(self):
        command = f"/app/llama-server -m {MODEL} -ngl all --port 8080 > /tmp/server.log 2>&1 &"
        subprocess.Popen(command, shell=True)  # expect: SNAP301


@app.cls(image=base, **SNAPSHOT)
class ShellStringOff:
    @modal.enter(snap=True)
    def start(self):
        subprocess.Popen(shlex.split(f"/app/llama-server -m {MODEL} --load-mode {MODE}"))


@app.cls(image=base, **SNAPSHOT)
class MoreFlagsFromSomewhere:
    @modal.enter(snap=True)
    def start(self):
        self.server = subprocess.Popen(["/app/llama-server", "-m", MODEL, *shlex.split(os.environ["EXTRA"])])


@app.cls(image=base.env({"LLAMA_ARG_LOAD_MODE": "none"}), **SNAPSHOT)
class ByVariable:
    @modal.enter(snap=True)
    def start(self):
        self.server = subprocess.Popen(build(MODEL))


@app.cls(image=base.env({"LLAMA_ARG_LOAD_MODE": "mmap"}), volumes={"/models": weights}, **SNAPSHOT)
class MappedByVariable:
    @modal.enter(snap=True)
    def start(self):
        self.server = subprocess.Popen(["/app/llama-server", "-m", MODEL])  # expect: SNAP301


@app.cls(image=base, **SNAPSHOT)
class RouterHoldsNoModel:
    @modal.enter(snap=True)
    def start(self):
        self.server = subprocess.Popen(["/app/llama-server", "--models-dir", "/models", "--port", "8080"])


@app.cls(image=base, **SNAPSHOT)
class EndedBeforeTheCapture:
    @modal.enter(snap=True)
    def start(self):
        server = subprocess.Popen(build(MODEL))
        server.terminate()
        server.wait()


@app.cls(image=base, **SNAPSHOT)
class OneShot:
    @modal.enter(snap=True)
    def start(self):
        subprocess.run(["/app/llama-cli", "-m", MODEL, "-p", "hello"], check=True)


@app.cls(image=base, **SNAPSHOT)
class AfterTheSnapshot:
    @modal.enter(snap=False)
    def start(self):
        self.server = subprocess.Popen(build(MODEL))


@app.cls(image=base, **SNAPSHOT)
class UnderACondition:
    @modal.enter(snap=True)
    def start(self):
        flags = ["--load-mode", "none"] if os.environ["STANDALONE"] == "1" else []
        self.server = subprocess.Popen(build(MODEL, *flags))


@app.cls(**SNAPSHOT)
class PythonServer:
    @modal.enter(snap=True)
    def start(self):
        self.server = subprocess.Popen(["python", "-m", "llama_cpp.server", "--model", MODEL, "--use_mmap=false"])


@app.cls(**SNAPSHOT)
class PythonServerWithAFile:
    @modal.enter(snap=True)
    def start(self):
        self.server = subprocess.Popen(["python", "-m", "llama_cpp.server", "--config_file", "/etc/llama.json"])
