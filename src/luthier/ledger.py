"""How often the test part of some data was read on this machine: every read makes later choices less honest."""

import json
import os
import warnings
from datetime import UTC, datetime
from pathlib import Path

from luthier.core.errors import LuthierWarning


def count_test_read(fingerprint: str, run: str) -> int | None:
    """Note one read of the test part and return how many there were, this one included.

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
