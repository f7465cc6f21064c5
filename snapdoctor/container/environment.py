"""What is kept of environments and command lines: what engines, CUDA and the runtime read, and nothing that looks like a secret."""

from __future__ import annotations

import re

KEPT = re.compile(
    r"^(CUDA_|NVIDIA_|NCCL_|TORCH|PYTORCH_|TRITON_|GGML_|LLAMA_|OLLAMA_|VLLM_|SGLANG_|CT2_|HF_HOME$|HF_HUB_|HUGGINGFACE_HUB_CACHE$|TRANSFORMERS_"
    r"|OMP_NUM_THREADS$|LD_PRELOAD$|LD_LIBRARY_PATH$|USE_MMAP$|CONFIG_FILE$|XFORMERS_ENABLE_TRITON$"
    r"|MODAL_(SERVER_URL|TASK_ID|IMAGE_ID|REGION|IS_REMOTE|SANDBOX_ID|ENABLE_SNAP_RESTORE|RESTORE_STATE_PATH)$)"
)
SECRET = re.compile(r"(?i)(key|token|secret|passw|credential|auth)")
HIDDEN = "***"
# `--api-key sk-...`, `--hf-token=hf_...`, `-hft hf_...`, and keys that stand alone.
SECRET_OPTION = re.compile(r"(?i)^--?[\w-]*(api[-_]?key|token|secret|password|passwd|credential)[\w-]*$|^-hft$")
SECRET_WORD = re.compile(r"^(sk-|hf_|ghp_|github_pat_|xox[abp]-|AKIA|ak-|as-)[\w-]{8,}$|^eyJ[\w-]{10,}\.")
IN_A_URL = re.compile(r"(?<=://)[^/@\s:]+:[^/@\s]+(?=@)")
SWITCHES = re.compile(r"(?i)(tokens|tokenizer|token[-_](ids?|limit|budget|healing)|max[-_]\w*token)")


def variables(text: bytes) -> dict[str, str]:
    """`/proc/PID/environ` as a dict."""
    found = {}
    for item in text.split(b"\0"):
        name, equals, value = item.decode("utf-8", "replace").partition("=")
        if equals:
            found[name] = value
    return found


def kept(environment: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """The variables that a snapshot's hazards depend on, by name; secrets are never among them."""
    return tuple(sorted((name, value) for name, value in environment.items() if KEPT.match(name) and not SECRET.search(name)))


def without_secrets(command: tuple[str, ...]) -> tuple[str, ...]:
    """The command with the values of keys and tokens hidden."""
    shown: list[str] = []
    hide_next = False
    for word in command:
        name, equals, value = word.partition("=")
        is_secret = SECRET_OPTION.match(name) is not None and SWITCHES.search(name) is None
        if hide_next and not word.startswith("--"):
            shown.append(HIDDEN)
        elif is_secret and equals:
            shown.append(f"{name}={HIDDEN if value else ''}")
        else:
            shown.append(HIDDEN if SECRET_WORD.match(word) else IN_A_URL.sub(HIDDEN, word))
        hide_next = is_secret and not equals
    return tuple(shown)
