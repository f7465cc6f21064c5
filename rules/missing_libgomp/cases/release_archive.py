"""llama-server from a release archive on a bare base."""

import subprocess

import modal

RELEASE = "https://github.com/ggml-org/llama.cpp/releases/download/b8765"
image = (
    modal.Image.from_registry("nvidia/cuda:12.4.1-runtime-ubuntu22.04", add_python="3.12")
    .apt_install("curl", "unzip")
    .run_commands(
        f"curl -L -o /tmp/llama.zip {RELEASE}/llama-b8765-bin-ubuntu-x64.zip",  # expect: SNAP502
        "unzip /tmp/llama.zip -d /opt/llama",
    )
)
app = modal.App("archive", image=image)


@app.function(gpu="L4")
@modal.web_server(8080)
def serve():
    subprocess.Popen(["/opt/llama/build/bin/llama-server", "-m", "/models/gemma.gguf", "--host", "0.0.0.0"])
