"""Baked through a build function, one file of many, and sums below the mark."""

import modal


def download(repo: str = "Qwen/Qwen3-32B"):
    from huggingface_hub import snapshot_download

    snapshot_download(repo)  # expect: SNAP504


def download_nothing():
    print("compiled")


base = modal.Image.debian_slim().pip_install("huggingface_hub[cli]")
by_function = base.run_function(download)
one_file = base.run_commands(
    "hf download unsloth/GLM-4.7-Flash-GGUF GLM-4.7-Flash-UD-Q4_K_XL.gguf --local-dir /models",
    "huggingface-cli download unsloth/gemma-4-26B-A4B-it-GGUF --include 'gemma-4-26B-A4B-it-UD-Q4_K_XL.gguf' --local-dir /models",
)
several = base.run_commands(
    "hf download Qwen/Qwen3-8B && hf download Qwen/Qwen3-Reranker-8B --local-dir /reranker",  # expect: SNAP504
)
from_address = base.run_commands(
    "wget https://huggingface.co/org/Model-70B-GGUF/resolve/main/Model-70B-Q4_K_M.gguf",  # expect: SNAP504
)
data = base.run_commands("hf download org/corpus-40B --repo-type dataset --local-dir /data")
other = base.run_function(download_nothing)
unknown = base.run_commands("hf download org/model-without-a-size")
app = modal.App("shapes")


@app.function(image=by_function)
def one():
    pass


@app.function(image=one_file)
def two():
    pass


@app.function(image=several)
def three():
    pass


@app.function(image=from_address)
def four():
    pass


@app.function(image=data)
def five():
    pass


@app.function(image=other)
def six():
    pass


@app.function(image=unknown)
def seven():
    pass
