import modal

app = modal.App("serve")


@app.cls(gpu="L4")
class Serve:
    @modal.batched(max_batch_size=8, wait_ms=100)
    def run(self, texts: list[str]) -> list[str]:
        return texts
