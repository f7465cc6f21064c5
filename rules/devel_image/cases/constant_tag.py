"""The tag in a constant, the image reassigned, nothing compiled."""

import modal

CUDA_TAG = "12.4.1-devel-ubuntu22.04"
image = modal.Image.from_registry(
    f"nvidia/cuda:{CUDA_TAG}",  # expect: SNAP501
    add_python="3.11",
)
image = image.apt_install("git", "ffmpeg")
image = image.pip_install("faster-whisper==1.2.0")
app = modal.App("whisper")


@app.cls(gpu="T4", image=image)
class Whisper:
    @modal.enter()
    def load(self):
        from faster_whisper import WhisperModel

        self.model = WhisperModel("large-v3", device="cuda")

    @modal.method()
    def transcribe(self, path: str):
        return list(self.model.transcribe(path)[0])
