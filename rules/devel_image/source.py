"""Find devel bases that no step of the recipe and no process of the app needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from snapdoctor.app import model
from snapdoctor.app.libraries import is_library
from snapdoctor.app.recipe import commands, cuda_base, is_settled, requirements
from snapdoctor.app.values import Mapping, is_likely
from snapdoctor.finding import Confidence, Severity
from snapdoctor.rule import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snapdoctor.app.model import Deployment, Event, Image
    from snapdoctor.app.recipe import CudaBase, Requirement

TOOLS = re.compile(
    r"(gcc|g\+\+|clang|cpp|llvm|gfortran)([-.\d].*)?|make|cmake|ninja-build|meson|bazel|cargo|rustc|build-essential|pkg-config|ccache"
    r"|autoconf|automake|libtool|swig|python3?(\.\d+)?-dev|libopenmpi-dev|cuda-.+|libcu.+|libnv.+|libnccl.+|nvidia-cuda-.+"
)
# Packages that ship no wheel, or none with their CUDA kernels, so that pip runs nvcc or a C compiler.
COMPILED = frozenset(
    """
    flash-attn flash-attn-3 apex xformers deepspeed causal-conv1d mamba-ssm auto-gptq autoawq autoawq-kernels gptqmodel exllamav2 exllamav3
    llama-cpp-python stable-diffusion-cpp-python ctransformers pytorch3d detectron2 nvdiffrast diff-gaussian-rasterization tinycudann
    tiny-cuda-nn gsplat torch-scatter torch-sparse torch-cluster torch-spline-conv pyg-lib sageattention spconv kaolin natten
    groundingdino-py minkowskiengine torchsparse fused-ssim simple-knn fast-hadamard-transform cupy pycuda megablocks grouped-gemm dgl
    transformer-engine transformer-engine-torch mmcv mmcv-full mmdet openmim insightface fasttext pycocotools dlib pyaudio webrtcvad
    pyworld horovod mpi4py monotonic-align warp-rnnt
    """.split()  # noqa: SIM905
)
# Packages that install from wheels, with all they depend on; what is not known may compile.
WHEELS = frozenset(
    """
    opencv-python opencv-python-headless opencv-contrib-python pillow scikit-learn scikit-image python-dotenv python-multipart pyyaml beautifulsoup4
    protobuf openai-whisper imageio-ffmpeg ffmpeg-python pyannote-audio pyannote-core pydub torchmetrics torchcodec optimum gputil hf-xet open-clip-torch
    grpcio pyjwt python-jose pymupdf pypdf pdfplumber pdf2image python-docx nest-asyncio websocket-client sse-starlette msgpack kokoro-onnx f5-tts
    boto3-stubs flashinfer-cubin flashinfer-jit-cache nvidia-ml-py sglang-router qwen-vl-utils qwen-tts compressed-tensors llmcompressor lm-eval
    mistral-common openai-harmony controlnet-aux insanely-fast-whisper python-json-logger tensorboard setuptools wheel pip uv packaging six
    typing-extensions filelock fsspec sympy networkx rouge-score sacrebleu evaluate jiwer unidecode inflect phonemizer num2words pysubs2 av decord
    """.split()  # noqa: SIM905
)
WHEEL_FAMILIES = (
    "nvidia-",
    "opentelemetry-",
    "google-cloud-",
    "azure-",
    "types-",
    "fastapi",
    "uvicorn",
    "langchain-",
    "llama-index-",
    "psycopg",
    "onnxruntime",
)
# Wheels that may still call nvcc, or need the toolkit's headers or libraries, when they run.
RUN_TIME = frozenset(
    """
    vllm vllm-omni sglang sgl-kernel sglang-kernel flashinfer-python flashinfer tensorrt-llm deep-gemm deepgemm tilelang numba numba-cuda
    cupy-cuda11x cupy-cuda12x cupy-cuda13x mlc-llm mlc-ai-nightly ktransformers
    """.split()  # noqa: SIM905
)
# Wheels that write Triton kernels: a C compiler when they run, never nvcc.
TRITON = frozenset("triton unsloth liger-kernel torchao flash-linear-attention fla-core".split())  # noqa: SIM905
PURE_REPOSITORIES = frozenset(
    "transformers diffusers accelerate peft trl datasets huggingface-hub sentence-transformers evaluate whisper clip".split()  # noqa: SIM905
)
COMPILES = re.compile(
    r"\b(cmake|nvcc|gcc|g\+\+|cc|clang|make|ninja|meson|bazel|cargo|setup\.py|CMAKE_ARGS|TORCH_CUDA_ARCH_LIST|MAX_JOBS|FORCE_CUDA|mim|conda)\b"
    r"|\.sh\b|\./|\bbash\s+/|install\s+(-\S+\s+)*(-e|--editable|\.|/)|build|compile"
)
BUILD_VARIABLES = frozenset(
    """
    CMAKE_ARGS FORCE_CMAKE TORCH_CUDA_ARCH_LIST CUDA_HOME CUDACXX CUDAHOSTCXX FORCE_CUDA MAX_JOBS NVCC_THREADS NVCC_APPEND_FLAGS CC CXX
    """.split()  # noqa: SIM905
)
BUILDERS = frozenset("nvcc gcc g++ cc clang cmake make ninja meson cargo pip pip3 uv".split())  # noqa: SIM905
QUIET_STEPS = frozenset(
    """
    from_registry from_dockerfile apt_install pip_install uv_pip_install run_commands RUN env entrypoint CMD ENTRYPOINT workdir shell cmd
    add_local_file add_local_dir add_local_python_source run_function imports pip_install_from_requirements dockerfile_commands debian_slim
    """.split()  # noqa: SIM905
)


def check(deployment: Deployment) -> Iterator[Hazard]:
    """A devel base under images that are wholly known and compile nothing, in any deployment that shares it."""
    base = cuda_base(deployment.image)
    if base is None or base.flavor != "devel":
        return
    sharing = [other for other in deployment.app.deployments if _stands_on(other.image, base)]
    if any(not is_settled(other.image) or _compiles(other) for other in sharing):
        return
    installed = {name for other in sharing for name, _ in other.image.packages()}
    lazy = sorted(installed & RUN_TIME)
    triton = bool(installed & TRITON) or any(event.kind == model.COMPILE for other in sharing for event in other.events)
    step = deployment.image.base
    likely = step is not None and is_likely(step.arguments.get("tag", 0))
    yield Hazard(
        base.site,
        _message(lazy, triton),
        _help(deployment, lazy, triton),
        severity=Severity.ADVICE if lazy or triton else Severity.WARNING,
        confidence=Confidence.LIKELY if likely or lazy or triton else Confidence.CERTAIN,
    )


def _message(lazy: list[str], triton: bool) -> str:
    plain = "This CUDA devel base carries a compiler toolchain, about 1.5 GB, and no step of the recipe compiles anything"
    if lazy:
        return f"{plain}. {_listed(lazy)} may still build kernels with it at run time, so try before you change it."
    if triton:
        return f"{plain}. torch.compile (Triton) needs a C compiler at run time, but no nvcc"
    return f"{plain}: every worker that has not seen the image yet pulls it before it can restore the snapshot."


def _help(deployment: Deployment, lazy: list[str], triton: bool) -> str:
    tag = deployment.image.tag or "nvidia/cuda:12.4.1-devel-ubuntu22.04"
    smaller = tag.replace("-devel", "-runtime").replace("\0", "…")
    if lazy:
        return (
            f'To check: build once on "{smaller}" with .apt_install("gcc", "libc6-dev"), send the requests you warm up with, and search '
            'the log for "nvcc" and "ninja". Neither there: keep the smaller base.'
        )
    if triton:
        return f'Use "{smaller}" and .apt_install("gcc", "libc6-dev") for Triton'
    return f'Use "{smaller}"; where only torch uses the GPU, modal.Image.debian_slim() will do: torch wheels bring their CUDA libraries.'


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _stands_on(image: Image, base: CudaBase) -> bool:
    other = cuda_base(image)
    return other is not None and other.site.node is base.site.node


def _compiles(deployment: Deployment) -> bool:
    image = deployment.image
    if any(step.method not in QUIET_STEPS or step.arguments.get("gpu") is not None for step in image.steps):
        return True
    if any(step.events is None or any(_runs_compiler(event) for event in step.events) for step in image.steps):
        return True
    if any(TOOLS.fullmatch(package) for package in image.apt()) or any(name in COMPILED for name, _ in image.packages()):
        return True
    if any(_builds(requirement) for requirement in requirements(image)) or not all(_is_wheel(name) for name, _ in image.packages()):
        return True
    if any(COMPILES.search(_without_pip(command)) for command, _ in commands(image)):
        return True
    return bool(_variables(image) & BUILD_VARIABLES) or any(_runs_compiler(event) for event in deployment.events)


def _is_wheel(name: str) -> bool:
    return name in WHEELS | RUN_TIME | TRITON or name.startswith(WHEEL_FAMILIES) or is_library(name.replace("-", "_"))


def _builds(requirement: Requirement) -> bool:
    if requirement.text.startswith("git+") or "@ git+" in requirement.text:
        return requirement.name not in PURE_REPOSITORIES
    source = requirement.text.startswith((".", "/", "\0")) or requirement.text.endswith(".tar.gz")
    return source or "--no-binary" in requirement.options or "--no-build-isolation" in requirement.options


def _without_pip(command: str) -> str:
    """A command without the packages that its `pip install` names: those are judged by name."""
    return re.sub(r"(pip3?\s+install\s+)(?!-e|--editable|\.|/)[^&|;]*", "", command)


def _variables(image: Image) -> set[object]:
    found: set[object] = set()
    for step in image.find("env"):
        value = step.arguments.get("vars", 0)
        if isinstance(value, Mapping):
            found |= set(value.entries)
    return found


def _runs_compiler(event: Event) -> bool:
    if event.kind == model.PROCESS:
        return event.launch is None or event.launch.program is None or event.launch.program in BUILDERS
    if event.kind == model.OPAQUE:
        return re.search(r"compil|build|kernel|nvcc|cmake", event.name, re.IGNORECASE) is not None
    return event.name.startswith(("torch.utils.cpp_extension", "pycuda", "numba.cuda", "cupy.RawKernel", "cupy.RawModule"))
