"""Weights that a build step has fetched, or may have."""

import modal

MODEL = "BAAI/bge-m3"


def download():
    from sentence_transformers import SentenceTransformer

    SentenceTransformer(MODEL)


plain = modal.Image.debian_slim().pip_install("sentence-transformers==5.2.0")
by_function = plain.run_function(download)
by_command = plain.run_commands(f"python -c \"from sentence_transformers import SentenceTransformer; SentenceTransformer('{MODEL}')\"")
by_script = plain.add_local_file("fetch.sh", "/fetch.sh", copy=True).run_commands("sh /fetch.sh")
copied = plain.add_local_dir("models", "/root/models", copy=True)
from_elsewhere = modal.Image.from_registry("example/embeddings:with-weights")
app = modal.App("baked")


class Base:
    @modal.enter()
    def load(self):
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer(MODEL, device="cuda")

    @modal.method()
    def embed(self, text: str):
        return self.model.encode(text)


@app.cls(gpu="T4", image=by_function)
class One(Base):
    pass


@app.cls(gpu="T4", image=by_command)
class Two(Base):
    pass


@app.cls(gpu="T4", image=by_script)
class Three(Base):
    pass


@app.cls(gpu="T4", image=copied)
class Four(Base):
    pass


@app.cls(gpu="T4", image=from_elsewhere)
class Five(Base):
    pass


@app.cls(gpu="T4", image=plain)  # expect: SNAP505
class Six(Base):
    pass
