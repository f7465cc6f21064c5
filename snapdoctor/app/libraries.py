"""Which imports are libraries whose calls are what their names say, as opposed to code that could do anything."""

from __future__ import annotations

import sys

# Installed packages seen in Modal apps. A top-level name that is neither here, nor in the standard library, nor in the
# project is treated as code that cannot be read: it may start, warm up, release or connect anything.
THIRD_PARTY = frozenset(
    """
    accelerate aiofiles aiohttp aiobotocore albumentations alembic anthropic anyio asyncpg attr attrs auto_gptq autoawq av awq
    azure backoff basicsr bitsandbytes bs4 boto3 botocore cachetools certifi cffi chatterbox chromadb click clip cohere
    comfy compel controlnet_aux cryptography ctranslate2 cupy cv2 dacite datasets deepspeed diffusers docker dotenv
    einops elasticsearch exllamav2 exllamav3 faiss fastapi fastembed faster_whisper ffmpeg flash_attn flask flax fsspec ftfy
    gguf google gradio grpc gymnasium h5py hf_transfer hf_xet httpx huggingface_hub hydra imageio insightface jax jaxlib
    jinja2 joblib jsonschema jwt kafka keras kokoro langchain langchain_core langchain_openai langfuse librosa lightning
    litellm llama_cpp llama_index lmdeploy loguru lxml markdown marshmallow matplotlib mediapipe mlflow modal modal_proto
    moviepy mpi4py msgpack msgspec multipart mysql nacl nemo neo4j nltk numba numpy nunchaku omegaconf onnx onnxruntime
    open_clip openai openpyxl opentelemetry orjson outlines pandas peft PIL pinecone pika pil plotly polars prometheus_client
    prometheus_fastapi_instrumentator psutil psycopg psycopg2 pyannote pyarrow pydantic pydantic_settings pydub pymongo
    pymysql pynvml pytest pytorch_lightning pytz qdrant_client qwen_asr qwen_vl_utils rapidfuzz ray redis regex rembg requests rich
    ruamel s3fs safetensors scipy segment_anything sentence_transformers sentencepiece sentry_sdk setuptools sgl_kernel sglang
    shapely simplejson skimage sklearn slowapi soundfile soxr spacy spaces sqlalchemy sqlmodel starlette statsd stripe structlog
    supabase sympy tabulate tenacity tensorflow tensorrt tensorrt_llm tiktoken timm tokenizers toml tomli torch torchaudio
    torchao torchvision tqdm transformers tritonclient triton trl TTS typer typing_extensions ujson ultralytics unsloth
    urllib3 uvicorn uvloop validators vllm wandb watchdog weaviate websocket websockets werkzeug whisper whisperx xformers
    yaml yt_dlp zmq zstandard ddtrace datadog newrelic logfire posthog
    """.split()  # noqa: SIM905 - a list this long reads better as words
)


def is_library(dotted: str) -> bool:
    """Whether the module belongs to the standard library or a known package."""
    top = dotted.partition(".")[0]
    return top in THIRD_PARTY or top in sys.stdlib_module_names


def is_standard(dotted: str) -> bool:
    """Whether the module belongs to the standard library."""
    return dotted.partition(".")[0] in sys.stdlib_module_names
