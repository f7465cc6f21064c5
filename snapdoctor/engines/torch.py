"""PyTorch itself and the many model libraries that are thin over it."""

from __future__ import annotations

from snapdoctor.engines.engine import Engine

COMPILE_THREADS = "TORCHINDUCTOR_COMPILE_THREADS"
COMPILE_WORKER = "compile worker"
ENGINE = Engine(
    name="torch",
    title="PyTorch",
    package="torch",
    marks=(("torch/_inductor/compile_worker", COMPILE_WORKER),),
    libraries=("libtorch_cpu.so",),
    underlies=True,
    loads=(
        "torch.load",
        "torch.hub.load",
        "torch.jit.load",
        "timm.create_model",
        "open_clip.create_model_and_transforms",
        "open_clip.create_model",
        "ultralytics.YOLO",
        "TTS.api.TTS",
        "kokoro.KPipeline",
        "insightface.app.FaceAnalysis",
        "clip.load",
        "sam2.build_sam.build_sam2",
        "segment_anything.sam_model_registry[]",
        "torchvision.models.*",
        "audiocraft.models.*.get_pretrained",
        "easyocr.Reader",
        "paddleocr.PaddleOCR",
        "gfpgan.GFPGANer",
        "realesrgan.RealESRGANer",
    ),
    calls=("__call__", "forward", "predict", "tts", "tts_to_file", "get"),
    samples=True,
)
