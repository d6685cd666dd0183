"""What a child process does: train in a directory, under the circumstances that a test describes in plain values."""

import itertools
import json
import os
import resource
import signal
import sys
import time
import traceback
import warnings
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any

import torch

import luthier.run.write as engine
from luthier.core.errors import LuthierError
from luthier.core.signals import SIGNALS, Caught
from luthier.recipe.recipe import Recipe
from luthier.run import begin, proceed, read_stored_recipe
from luthier.study.verify import fsck
from luthier.training import TrainState, loop

from .disk import Disk
from .faults import fault
from .weak import weaken
from .world import SAVE_EVERY, poisoned, prepared, recipe

BUG = 70
"""Exit status where an error comes out that is not meant for a person."""

CALL = 2
"""Which call of a function is met by a signal, where the test names a function."""

CAUGHT: list[Caught] = []
"""What the engine holds in hand to hear of signals."""

Tell = Callable[[str], None]


def perform(job: dict[str, Any], tell: Tell) -> int:
    """Do a job, tell a line of JSON about it, and return the exit status.

    An error ends a process as the command line ends it: LuthierError with its own status, OSError with 1.
    """
    told: dict[str, Any] = {"steps": 0}
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            told |= train(job, told, tell)
        told["warnings"] = [str(one.message) for one in caught]
        status = 0
    except (LuthierError, OSError) as error:
        told |= {"error": type(error).__name__, "message": str(error)}
        status = getattr(error, "exit_code", 1)
    except Exception as error:
        traceback.print_exc()
        told |= {"error": type(error).__name__, "message": str(error)}
        status = BUG
    tell(json.dumps(told))
    return status


def train(job: dict[str, Any], told: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Begin a run, or go on with it where there is one to go on with."""
    root = Path(job["root"])
    os.environ["XDG_STATE_HOME"] = str(root.parent / "state")
    os.umask(job.get("umask", 0o022))
    torch.set_num_threads(job.get("threads", 1))
    engine.CHECKPOINT_EVERY = job.get("every", SAVE_EVERY)
    resuming = not job.get("anew") and os.path.exists(root / "recipe.toml")
    if resuming and _finished(root, job):
        return {"problems": fsck(root)}
    ready = prepared(_recipe(job, root, resuming))
    audited = _audit(root.parent) if "audit" in job else []
    disk = Disk(root.parent, fault(job.get("fault")))
    if job.get("watched", True):
        disk.install()
    weaken(job.get("weak", []))
    _set_traps(job)
    if "file_size" in job:
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["file_size"], resource.RLIM_INFINITY))
    _note_saves(disk)
    engine.catch_signals = _telling(engine.catch_signals, tell)
    told["seconds"] = -time.monotonic()
    try:
        (proceed if resuming else begin)(ready, root, _watch(job, told, tell))
    finally:
        told["seconds"] += time.monotonic()
    disk.note("finished")
    if "audit" in job:
        Path(job["audit"]).write_text(json.dumps(sorted(set(audited))))
    if "log" in job:
        _write_log(Path(job["log"]), disk)
    return {"count": disk.count, "problems": fsck(root)}


def _finished(root: Path, job: dict[str, Any]) -> bool:
    """Whether nothing is left to do, as the commands decide it."""
    if not (root / "result.json").exists():
        return False
    return bool(job.get("epochs") in (None, read_stored_recipe(root).training.epochs))


def _recipe(job: dict[str, Any], root: Path, resuming: bool) -> Recipe:
    """The recipe of the test, else the one in the directory, else the tiny one; with the epochs of the test."""
    if "poison" in job:
        return poisoned(**job["poison"])
    if resuming and "recipe" not in job:
        chosen = read_stored_recipe(root)
    else:
        chosen = recipe(**job.get("recipe", {}))
    fitting = chosen.training.model_copy(update={"epochs": job.get("epochs", chosen.training.epochs)})
    return chosen.model_copy(update={"training": fitting})


def _watch(job: dict[str, Any], told: dict[str, Any], tell: Tell) -> engine.Watch:
    """Count the steps; after the one that the test names, wait for a signal or send one to this process."""

    def watch(state: TrainState, rows: list[Any]) -> None:
        told["steps"] += 1
        if state.step == job.get("wait_at"):
            tell("waiting")
            while CAUGHT[-1].number is None:
                time.sleep(0.005)
        if state.step == job.get("signal_at"):
            os.kill(os.getpid(), job["signal"])

    return watch


def _set_traps(job: dict[str, Any]) -> None:
    """Send this process a signal at the moment that the test names: a call of a function, a line of the engine."""
    for number in SIGNALS:  # as in a fresh process, whatever the tests were started from
        signal.signal(number, signal.SIG_IGN if number in job.get("ignored", []) else signal.SIG_DFL)
    if "signal_in" in job:
        module, name = {"step": (loop, "train_step"), "evaluation": (loop, "evaluate")}[job["signal_in"]]
        setattr(module, name, _signalling(getattr(module, name), job["signal"]))
    if "signal_at_line" in job:
        sys.settrace(_tracing(job["signal_at_line"], job["signal"]))


def _signalling(right: Callable[..., Any], number: int) -> Callable[..., Any]:
    """A function whose second call is met by a signal."""
    calls = itertools.count(1)

    def function(*arguments: Any, **named: Any) -> Any:
        if next(calls) == CALL:
            os.kill(os.getpid(), number)
        return right(*arguments, **named)

    return function


def _tracing(line: int, number: int) -> Callable[..., Any]:
    """A tracer that sends a signal before the line of the engine's session that is the given one in time."""
    passed = itertools.count()

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        if not isinstance(frame.f_locals.get("self"), engine.Session):
            return None
        if event == "line" and next(passed) == line:
            os.kill(os.getpid(), number)
        return trace

    return trace


def _note_saves(disk: Disk) -> None:
    """Note each step whose checkpoint the engine was told to be safe."""
    right = engine.save

    def save(directory: Path, a: Any, run_state: TrainState, notes: dict[str, Any]) -> Path:
        path = right(directory, a, run_state, notes)
        disk.note("saved", run_state.step)
        return path

    engine.save = save


def _telling(right: Any, tell: Tell) -> Any:
    """Tell when signals are caught from now on; afterwards ignore them: a late one is none of the test's business."""

    @contextmanager
    def caught() -> Iterator[Any]:
        try:
            with right() as signals:
                CAUGHT.append(signals)
                tell("ready")
                yield signals
        finally:
            for number in SIGNALS:
                signal.signal(number, signal.SIG_IGN)

    return caught


def _audit(home: Path) -> list[str]:
    """Collect the paths below a directory that Python itself says it opens for writing, makes, renames or removes."""
    found: list[str] = []

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        changes = event.startswith("os.") and event[3:] in (
            "link",
            "mkdir",
            "remove",
            "rename",
            "rmdir",
            "symlink",
            "truncate",
        )
        if changes or (event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR)):
            texts = [one for one in map(_text, arguments) if one]
            found.extend(one[len(str(home)) + 1 :] for one in texts if one.startswith(f"{home}{os.sep}"))

    sys.addaudithook(hook)
    return found


def _text(value: Any) -> str:
    return os.fsdecode(value) if isinstance(value, str | bytes | os.PathLike) else ""


def _write_log(path: Path, disk: Disk) -> None:
    events = [{**asdict(event), "data": b64encode(event.data).decode()} for event in disk.log]
    path.write_text(json.dumps(events))


if __name__ == "__main__":

    def say(line: str) -> None:
        print(line, flush=True)

    torch.set_num_threads(1)
    sys.exit(perform(json.loads(sys.argv[1]), say))
