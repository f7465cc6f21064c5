import modal

app = modal.App("in-process")
SNAPSHOT = {"gpu": "L40S", "enable_memory_snapshot": True, "experimental_options": {"enable_gpu_snapshot": True}}
OPTIONS = {"n_gpu_layers": -1, "use_mmap": False}


@app.cls(**SNAPSHOT)
class FromTheHub:
    @modal.enter(snap=True)
    def load(self):
        from llama_cpp import Llama

        self.llm = Llama.from_pretrained(  # expect: SNAP301
            repo_id="unsloth/GLM-4.7-Flash-GGUF", filename="*Q4_K_XL.gguf", n_gpu_layers=-1
        )


@app.cls(**SNAPSHOT)
class FromADict:
    @modal.enter(snap=True)
    def load(self):
        from llama_cpp import Llama

        self.llm = Llama("/models/a.gguf", **OPTIONS)


@app.cls(**SNAPSHOT)
class FromUnknownOptions:
    @modal.enter(snap=True)
    def load(self):
        from llama_cpp import Llama

        self.llm = Llama("/models/a.gguf", **load_options())  # noqa: F821


@app.cls(**SNAPSHOT)
class WithALora:
    @modal.enter(snap=True)
    def load(self):
        from llama_cpp import Llama

        self.llm = Llama("/models/a.gguf", n_gpu_layers=-1, lora_path="/models/lora.gguf")


@app.cls(gpu="L40S", enable_memory_snapshot=True)
class CpuSnapshot:
    @modal.enter(snap=True)
    def load(self):
        from llama_cpp import Llama

        self.llm = Llama("/models/a.gguf")  # expect: SNAP301


@app.cls(**SNAPSHOT)
class ToTheGpuTooLate:
    @modal.enter(snap=True)
    def load(self):
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained("Qwen/Qwen3-8B")
        self.model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen3-8B", dtype=torch.bfloat16)  # expect: SNAP301

    @modal.enter(snap=False)
    def move(self):
        self.model.to("cuda")


@app.cls(gpu="L40S", enable_memory_snapshot=True)
class DocumentedCpuPattern:
    @modal.enter(snap=True)
    def load(self):
        from transformers import AutoModelForCausalLM

        self.model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen3-8B")

    @modal.enter(snap=False)
    def move(self):
        self.model.to("cuda")


@app.cls(**SNAPSHOT)
class MovedWithItsPipeline:
    @modal.enter(snap=True)
    def load(self):
        from diffusers import AutoencoderKL, DiffusionPipeline

        vae = AutoencoderKL.from_pretrained("madebyollin/sdxl-vae-fp16-fix")
        self.pipe = DiffusionPipeline.from_pretrained("stabilityai/stable-diffusion-xl-base-1.0", vae=vae).to("cuda")


@app.cls(**SNAPSHOT)
class StaysOnTheCpu:
    @modal.enter(snap=True)
    def load(self):
        from transformers import AutoModel

        self.detector = AutoModel.from_pretrained("org/voice-activity", device_map="cpu")
