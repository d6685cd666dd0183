"""What a result depends on beside its recipe: versions, threads, processor."""

import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch


def environment() -> dict[str, Any]:
    """Describe this process; equality bit for bit is promised only where these agree."""
    return {**_fixed(), "threads": torch.get_num_threads()}


@cache
def _fixed() -> dict[str, str]:
    return {
        "luthier": version("luthier"),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "platform": platform.platform(),
        "processor": _processor(),
    }


def _processor() -> str:
    """The processor's own name where Linux tells it, else the machine type."""
    info = Path("/proc/cpuinfo")
    names = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return names[0].partition(":")[2].strip() if names else platform.machine()
