"""Writes the runs that later versions must reopen. In tests/faults: python -m rig.assets FOLDER

A folder is written once, when its format is new, and never again: what a later version writes proves nothing about
what an earlier one wrote. The runs are those of `rig.world`, whose data and recipe must not change either.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import torch

import luthier.run.write as engine
from luthier.core.errors import Interrupted
from luthier.core.lock import NAME
from luthier.run import Run, begin

from .world import dataset, prepared, recipe

INTERRUPTED_AT = 5
SOMEWHERE = {"python": "3.11", "torch": "2", "threads": 1, "platform": "Linux", "processor": "x86_64"}


def main(folder: Path) -> None:
    """Write a finished run, one that was interrupted in mid-epoch, and what the finished one predicts."""
    os.environ["XDG_STATE_HOME"] = str(folder.parent / "state")
    torch.set_num_threads(1)
    right = engine.environment
    engine.environment = lambda: {**right(), **SOMEWHERE}
    sys.argv = ["luthier"]
    begin(prepared(recipe()), folder / "finished", lambda state, rows: None)
    try:
        begin(prepared(recipe()), folder / "interrupted", interrupt)
    except Interrupted:
        pass
    for name in ("finished", "interrupted"):
        (folder / name / NAME).unlink()
    answers = Run(folder / "finished").predict_proba(dataset().inputs)
    (folder / "answers.json").write_text(json.dumps(answers.round(6).tolist()) + "\n")


def interrupt(state: Any, rows: list[Any]) -> None:
    """Send this process a signal in mid-epoch."""
    if state.step == INTERRUPTED_AT:
        os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
