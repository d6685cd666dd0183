"""What a result depends on besides its recipe: the processes that worked on it; how often a test part was read."""

import json
import os
import platform
import sys
import warnings
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from luthier.core.errors import DamagedFile, LuthierWarning
from luthier.core.files import read_json, write_json
from luthier.core.secrets import hide_password
from luthier.core.shape import check_format, find_misfit, is_table, is_text, list_of

FORMAT = 1
"""Of run directories: to be raised where earlier versions could not read what is written, or would read it wrongly."""


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


def note_session(path: Path) -> None:
    """Add this process to those that worked on a run, in a file that also names the format of the run's directory."""
    before = read_sessions(path) if path.exists() else []
    command = [hide_password(one) for one in sys.argv]
    session = {**environment(), "started": datetime.now(UTC).isoformat(timespec="seconds"), "command": command}
    write_json(path, {"format": FORMAT, "sessions": [*before, session]})


def read_sessions(path: Path) -> list[dict[str, Any]]:
    """Read which processes worked on a run; raise DamagedFile where the file does not tell."""
    content = read_json(path)
    known = isinstance(content, dict) and find_misfit(content, {"sessions": list_of(is_table)}) is None
    if not known or not all(list_of(is_text)(one.get("command", [])) for one in content["sessions"]):
        raise DamagedFile(f"{path} does not list the sessions of a run; restore it, or remove it and go on without")
    return list(content["sessions"])


def check_run_format(path: Path) -> None:
    """Raise BadInput where the file of the sessions says that a newer Luthier wrote the run; pass where it is silent.

    That it is damaged is told by those who need what stands in it.
    """
    try:
        content = read_json(path)
    except (DamagedFile, OSError):
        return
    check_format(content, FORMAT, path)


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
