"""`PYTHONPATH=tests python -m engines`: fetch and build whatever is absent, so that no test has to. Says nothing when all is there."""

from __future__ import annotations

from engines import environment, llama_cpp, model_files, sglang_parser


def main() -> None:
    """In the order in which one needs the other."""
    for build in llama_cpp.OLDER:
        llama_cpp.llama_server(build)
    llama_cpp.newest()
    environment.python()
    model_files.gguf()
    model_files.gguf(768)
    model_files.flux2_klein()
    model_files.safetensors()
    for version in (*sglang_parser.OLDER, sglang_parser.VERSION):
        sglang_parser.source(version)


if __name__ == "__main__":
    main()
