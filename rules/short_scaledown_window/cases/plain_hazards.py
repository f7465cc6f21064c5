import modal

app = modal.App("serve")


@app.cls(gpu="L40S")  # expect: SNAP701
class Serve:
    @modal.method()
    def run(self):
        return 1
