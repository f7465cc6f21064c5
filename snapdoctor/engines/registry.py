"""The engines, in the order in which they are asked whether a command or call is theirs."""

from __future__ import annotations

from snapdoctor.engines.engine import Engine

CHAT = ("/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/messages", "/v1/embeddings")
HEALTH = ("/health", "/v1/models")

LLAMA_SERVER = Engine(
    "llama-server", "llama-server", None,
    ("llama-server", "llama-cli", "llama-completion", "llama", "llama.cpp-server"), (),
    default_host="127.0.0.1", default_port=8080, health_paths=("/health", "/v1/health"),
    warmup_paths=(*CHAT, "/completion", "/completions", "/infill", "/embedding", "/embeddings", "/rerank"),
)  # fmt: skip
LLAMA_CPP_PYTHON = Engine(
    "llama-cpp-python", "llama-cpp-python", "llama-cpp-python", ("-m llama_cpp.server",),
    ("llama_cpp.Llama", "llama_cpp.Llama.from_pretrained", "llama_cpp.llama.Llama", "llama_cpp.llama.Llama.from_pretrained"),
    calls=("__call__", "create_completion", "create_chat_completion", "create_embedding", "embed", "generate", "eval"),
    modules=("llama_cpp",), default_host="localhost", default_port=8000, health_paths=("/v1/models",), warmup_paths=CHAT,
)  # fmt: skip
SGLANG = Engine(
    "sglang", "SGLang", "sglang", ("-m sglang.launch_server", "sglang"), ("sglang.Engine", "sglang.srt.entrypoints.engine.Engine"),
    calls=("generate", "async_generate", "encode"), modules=("sglang", "sgl_kernel"), default_host="127.0.0.1", default_port=30000,
    health_paths=("/health", "/health_generate", "/ping", "/get_model_info", "/model_info", "/v1/models"), warmup_paths=("/generate", *CHAT),
    sleep_paths=("/release_memory_occupation",), wake_paths=("/resume_memory_occupation",), snapshot_protocol=True,
)  # fmt: skip
VLLM = Engine(
    "vllm", "vLLM", "vllm", ("vllm", "-m vllm.entrypoints.openai.api_server", "-m vllm.entrypoints.api_server", "-m vllm"),
    ("vllm.LLM", "vllm.entrypoints.llm.LLM", "vllm.AsyncLLMEngine.from_engine_args", "vllm.engine.async_llm_engine.AsyncLLMEngine.from_engine_args",
     "vllm.v1.engine.async_llm.AsyncLLM.from_engine_args", "vllm.v1.engine.async_llm.AsyncLLM.from_vllm_config", "vllm.LLMEngine.from_engine_args"),
    calls=("generate", "chat", "encode", "embed", "classify", "score"), modules=("vllm",), default_host="0.0.0.0", default_port=8000,
    health_paths=("/health", "/ping", "/v1/models"), warmup_paths=CHAT, sleep_paths=("/sleep",), wake_paths=("/wake_up",), snapshot_protocol=True,
)  # fmt: skip
OLLAMA = Engine(
    "ollama", "Ollama", None, ("ollama",), (), modules=("ollama",), default_host="127.0.0.1", default_port=11434,
    health_paths=("/", "/api/tags", "/api/version", "/api/ps"), warmup_paths=("/api/generate", "/api/chat", "/api/embed", *CHAT), lazy_child=True,
)  # fmt: skip
COMFYUI = Engine(
    "comfyui", "ComfyUI", None, ("comfy", "ComfyUI/main.py", "comfyui/main.py"), (), default_host="127.0.0.1", default_port=8188,
    health_paths=("/system_stats", "/queue", "/object_info"), warmup_paths=("/prompt",),
)  # fmt: skip
TGI = Engine(
    "tgi", "Text Generation Inference", None, ("text-generation-launcher", "text-embeddings-router", "text-generation-server"), (),
    default_host="0.0.0.0", default_port=3000, health_paths=("/health", "/info"), warmup_paths=("/generate", "/embed", *CHAT),
)  # fmt: skip
TRITON = Engine(
    "triton-server", "Triton Inference Server", None, ("tritonserver",), (), default_host="0.0.0.0", default_port=8000,
    health_paths=("/v2/health/ready", "/v2/health/live"), warmup_paths=("/v2/models",),
)  # fmt: skip
TENSORRT_LLM = Engine(
    "tensorrt-llm", "TensorRT-LLM", "tensorrt-llm", ("trtllm-serve", "trtllm-llmapi-launch"), ("tensorrt_llm.LLM", "tensorrt_llm.llmapi.LLM", "tensorrt_llm._tensorrt_engine.LLM"),
    calls=("generate", "generate_async"), modules=("tensorrt_llm",), default_host="localhost", default_port=8000, health_paths=HEALTH, warmup_paths=CHAT,
)  # fmt: skip
LMDEPLOY = Engine(
    "lmdeploy", "LMDeploy", "lmdeploy", ("lmdeploy",), ("lmdeploy.pipeline",), calls=("__call__", "chat", "stream_infer"), modules=("lmdeploy",),
    default_host="0.0.0.0", default_port=23333, health_paths=HEALTH, warmup_paths=("/generate", *CHAT), sleep_paths=("/sleep",), wake_paths=("/wakeup",),
    snapshot_protocol=True,
)  # fmt: skip
DIFFUSERS = Engine(
    "diffusers", "diffusers", "diffusers", (), ("diffusers.*.from_pretrained", "diffusers.*.from_single_file", "diffusers.*.from_pipe"),
    calls=("__call__",), modules=("diffusers",),
)  # fmt: skip
SENTENCE_TRANSFORMERS = Engine(
    "sentence-transformers", "sentence-transformers", "sentence-transformers", (),
    ("sentence_transformers.SentenceTransformer", "sentence_transformers.CrossEncoder", "sentence_transformers.SparseEncoder"),
    calls=("encode", "encode_query", "encode_document", "predict", "rank"), modules=("sentence_transformers",),
)  # fmt: skip
TRANSFORMERS = Engine(
    "transformers", "transformers", "transformers", (), ("transformers.pipeline", "transformers.pipelines.pipeline", "transformers.*.from_pretrained"),
    calls=("__call__", "generate", "forward"), modules=("transformers",),
)  # fmt: skip
FASTER_WHISPER = Engine(
    "faster-whisper", "faster-whisper (CTranslate2)", "faster-whisper", (),
    ("faster_whisper.WhisperModel", "faster_whisper.BatchedInferencePipeline", "ctranslate2.Generator", "ctranslate2.Translator", "ctranslate2.Encoder",
     "ctranslate2.models.Whisper", "whisperx.load_model"),
    calls=("transcribe", "translate_batch", "generate_batch", "generate"), modules=("faster_whisper", "ctranslate2"),
)  # fmt: skip
NEMO = Engine(
    "nemo", "NeMo", "nemo-toolkit", (), ("nemo.*.from_pretrained", "nemo.*.restore_from"), calls=("transcribe", "generate", "forward"), modules=("nemo",),
)  # fmt: skip
ONNX = Engine(
    "onnxruntime", "ONNX Runtime", "onnxruntime-gpu", (), ("onnxruntime.InferenceSession",), calls=("run",), modules=("onnxruntime",)
)
WHISPER = Engine("whisper", "openai-whisper", "openai-whisper", (), ("whisper.load_model",), calls=("transcribe",), modules=("whisper",))
FASTEMBED = Engine(
    "fastembed", "fastembed", "fastembed", (), ("fastembed.TextEmbedding", "fastembed.SparseTextEmbedding", "fastembed.*.TextCrossEncoder"),
    calls=("embed", "query_embed", "rerank"), modules=("fastembed",), gpu=False,
)  # fmt: skip
TORCH = Engine(
    "torch", "PyTorch", "torch", (),
    ("torch.load", "torch.hub.load", "torch.jit.load", "timm.create_model", "open_clip.create_model_and_transforms", "open_clip.create_model", "ultralytics.YOLO",
     "TTS.api.TTS", "kokoro.KPipeline", "insightface.app.FaceAnalysis", "clip.load", "sam2.build_sam.build_sam2", "segment_anything.sam_model_registry[]",
     "torchvision.models.*", "audiocraft.models.*.get_pretrained", "easyocr.Reader", "paddleocr.PaddleOCR", "gfpgan.GFPGANer", "realesrgan.RealESRGANer"),
    calls=("__call__", "forward", "predict", "tts", "tts_to_file", "get"), modules=("torch", "torchvision", "torchaudio"),
)  # fmt: skip
OTHER = Engine("other", "a model library", None, (), ("*.from_pretrained",), calls=("__call__", "generate"))

ENGINES = (
    LLAMA_SERVER, LLAMA_CPP_PYTHON, SGLANG, VLLM, OLLAMA, COMFYUI, TGI, TRITON, TENSORRT_LLM, LMDEPLOY, DIFFUSERS, SENTENCE_TRANSFORMERS,
    TRANSFORMERS, FASTER_WHISPER, NEMO, ONNX, WHISPER, FASTEMBED, TORCH, OTHER,
)  # fmt: skip
BY_NAME = {engine.name: engine for engine in ENGINES}
