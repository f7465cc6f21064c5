"""What can be said of any library that follows the Hub's `from_pretrained`."""

from __future__ import annotations

from snapdoctor.engines.engine import Engine

ENGINE = Engine(name="other", title="a model library", loads=("*.from_pretrained",), calls=("__call__", "generate"), samples=True)
