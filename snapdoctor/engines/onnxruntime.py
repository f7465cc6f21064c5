"""ONNX Runtime: a session in process; where it runs is in its providers."""

from __future__ import annotations

from snapdoctor.engines.engine import Engine

ENGINE = Engine(
    name="onnxruntime",
    title="ONNX Runtime",
    package="onnxruntime-gpu",
    repositories=("microsoft/onnxruntime",),
    loads=("onnxruntime.InferenceSession",),
    libraries=("onnxruntime_pybind11_state",),
    calls=("run",),
)
