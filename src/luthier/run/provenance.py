"""What a result depends on besides its recipe: versions, threads, processor; how often a test part was read."""

import json
import os
import platform
import warnings
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from luthier.core.errors import LuthierWarning


def environment() -> dict[str, Any]:
    """Describe this process: results are equal bit for bit only where these values are equal."""
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
    """Return the processor's own name where Linux knows it, else the machine type."""
    info = Path("/proc/cpuinfo")
    names = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return names[0].partition(":")[2].strip() if names else platform.machine()


def count_test_read(fingerprint: str, run: str) -> int | None:
    """Record one read of the test part and return how many there were, this one included.

    The notes lie in the user's state directory ($XDG_STATE_HOME, else ~/.local/state), one file per fingerprint.
    Where they cannot be written, a warning says so, and None is returned.
    """
    line = json.dumps({"run": run, "time": datetime.now(UTC).isoformat(timespec="seconds")})
    try:
        state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
        path = state / "luthier" / "test-reads" / f"{fingerprint}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+") as file:
            file.write(line + "\n")
            file.seek(0)
            return sum(1 for _ in file)
    except (OSError, RuntimeError) as error:  # RuntimeError: nobody knows the user's home
        message = f"reads of the test part are not counted: {error}; let XDG_STATE_HOME name a directory to write in"
        warnings.warn(message, LuthierWarning, stacklevel=2)
        return None
