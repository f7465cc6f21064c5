import os

import modal

app = modal.App("shapes")
SNAPSHOT = {"gpu": "L4", "enable_memory_snapshot": True, "experimental_options": {"enable_gpu_snapshot": True}}
LOW_MEMORY = os.environ["LOW_MEMORY"] == "1"


def prepare(pipe, offload=False):
    if offload:
        pipe.enable_sequential_cpu_offload()  # expect: SNAP307
    else:
        pipe.to("cuda")
    return pipe


@app.cls(**SNAPSHOT)
class ThroughAHelper:
    @modal.enter(snap=True)
    def load(self):
        from diffusers import DiffusionPipeline

        self.pipe = prepare(DiffusionPipeline.from_pretrained("stabilityai/stable-diffusion-xl-base-1.0"), offload=True)

    @modal.method()
    def paint(self, prompt: str):
        return self.pipe(prompt).images[0]


@app.cls(**SNAPSHOT)
class NotThisTime:
    @modal.enter(snap=True)
    def load(self):
        from diffusers import DiffusionPipeline

        self.pipe = prepare(DiffusionPipeline.from_pretrained("stabilityai/stable-diffusion-xl-base-1.0"))

    @modal.method()
    def paint(self, prompt: str):
        return self.pipe(prompt).images[0]


@app.cls(**SNAPSHOT)
class AfterTheSnapshot:
    @modal.enter(snap=True)
    def load(self):
        from diffusers import DiffusionPipeline

        self.pipe = DiffusionPipeline.from_pretrained("stabilityai/stable-diffusion-xl-base-1.0")

    @modal.enter(snap=False)
    def hooks(self):
        self.pipe.enable_model_cpu_offload()  # expect: SNAP307

    @modal.method()
    def paint(self, prompt: str):
        return self.pipe(prompt).images[0]


@app.cls(**SNAPSHOT)
class Undecided:
    @modal.enter(snap=True)
    def load(self):
        from diffusers import DiffusionPipeline

        self.pipe = DiffusionPipeline.from_pretrained("stabilityai/stable-diffusion-xl-base-1.0")
        if LOW_MEMORY:
            self.pipe.enable_model_cpu_offload()
        else:
            self.pipe.to("cuda")

    @modal.method()
    def paint(self, prompt: str):
        return self.pipe(prompt).images[0]


@app.cls(**SNAPSHOT)
class Accelerated:
    @modal.enter(snap=True)
    def load(self):
        import accelerate
        from transformers import AutoModelForCausalLM

        self.model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen3-8B")
        accelerate.cpu_offload(self.model, execution_device=0)  # expect: SNAP307

    @modal.method()
    def ask(self, prompt: str):
        return self.model.generate(prompt)
