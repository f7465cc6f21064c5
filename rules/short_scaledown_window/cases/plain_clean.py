import modal

app = modal.App("serve")


@app.cls(gpu="L40S", scaledown_window=300)
class Serve:
    @modal.method()
    def run(self):
        return 1


@app.function(gpu="L40S")
def job():
    return 1


@app.cls()
class NoGpu:
    @modal.method()
    def run(self):
        return 1
