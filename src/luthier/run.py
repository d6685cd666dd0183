"""The run directory: what one recipe leaves behind, and how it is written so that nothing is lost."""

import json
import os
import resource
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from safetensors.torch import save as save_tensors

from luthier.build import Prepared
from luthier.core.errors import BadInput, DamagedFile, Interrupted, LuthierWarning
from luthier.core.files import TEMPORARY, make_directory, read_json, sync_directory, write_atomic, write_json
from luthier.core.lock import NAME as LOCK
from luthier.core.lock import owned
from luthier.core.signals import Caught, caught
from luthier.environment import environment
from luthier.ledger import count_test_read
from luthier.models.metrics import Metrics
from luthier.recipe import Recipe, read_recipe, read_toml
from luthier.stats import share_interval
from luthier.train import TrainState, evaluate, final_network, start, train
from luthier.train.checkpoint import clean, newest, restore, save

FORMAT = 1
CHECKPOINT_EVERY = 1000
SHOWN = 10

Row = dict[str, Any]
Watch = Callable[[TrainState, list[Row]], None]


@dataclass(frozen=True)
class Paths:
    """Where things lie in a run directory."""

    root: Path

    @property
    def recipe(self) -> Path:
        return self.root / "recipe.toml"

    @property
    def environment(self) -> Path:
        return self.root / "environment.json"

    @property
    def history(self) -> Path:
        return self.root / "history.jsonl"

    @property
    def checkpoints(self) -> Path:
        return self.root / "checkpoints"

    @property
    def model(self) -> Path:
        return self.root / "model.safetensors"

    @property
    def result(self) -> Path:
        return self.root / "result.json"


class History:
    """Appends rows to history.jsonl, and cuts off what a lost process wrote after its last checkpoint."""

    def __init__(self, path: Path, size: int) -> None:
        self.path = path
        self.size = size
        with path.open("ab") as file:
            if file.tell() < size:
                raise DamagedFile(
                    f"{path} must hold the {size} bytes its checkpoint counts on, but holds {file.tell()}; restore it or start anew"
                )
            file.truncate(size)

    def append(self, rows: list[Row]) -> None:
        """Add rows, one JSON object a line."""
        lines = b"".join(json.dumps(row, allow_nan=False).encode() + b"\n" for row in rows)
        with self.path.open("ab") as file:
            file.write(lines)
        self.size += len(lines)

    def sync(self) -> None:
        """Make what was added survive a loss of power."""
        descriptor = os.open(self.path, os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_directory(self.path.parent)


def unused(root: Path) -> bool:
    """Whether a directory holds nothing but, perhaps, a lock and temporary files."""
    return not root.exists() or all(one.name == LOCK or one.name.endswith(TEMPORARY) for one in root.iterdir())


def begin(prepared: Prepared, root: Path, watch: Watch) -> Metrics:
    """Train a prepared recipe in a new directory; return the result that was written there.

    watch: called after every step with the state and the rows it brought.
    Raises BadInput where the directory cannot be used, Interrupted after a signal, Diverged where training does.
    """
    if root.exists() and not root.is_dir():
        raise BadInput(f"the output directory must be a directory, but {root} is a file; choose another with --out")
    _require_unused(root)
    make_directory(root)
    with owned(root), caught() as signals:
        _require_unused(root)
        paths = Paths(root)
        write_atomic(paths.recipe, prepared.recipe.to_toml().encode())
        return _go_on(prepared, paths, start(prepared.assembly), History(paths.history, 0), 0.0, watch, signals)


def _require_unused(root: Path) -> None:
    if not unused(root):
        raise BadInput(
            f"the output directory must be new or empty, but {root} is not; choose another with --out, or go on with luthier resume"
        )


def proceed(prepared: Prepared, root: Path, watch: Watch) -> Metrics:
    """Go on from the newest valid checkpoint of a run, or from step 0 where there is none.

    Raises as `begin`, and DamagedFile or BadInput where the checkpoint is of another recipe or network.
    """
    paths = Paths(root)
    make_directory(root)
    with owned(root), caught() as signals:
        clean(root)
        clean(paths.checkpoints)
        checkpoint, problems = newest(paths.checkpoints)
        for problem in problems:
            warnings.warn(f"{problem}; going on from an older checkpoint", LuthierWarning, stacklevel=2)
        if checkpoint is None and problems:
            raise DamagedFile(
                f"no checkpoint of {root} is whole: {'; '.join(problems)}; start the run anew in another directory"
            )
        notes = checkpoint.body["notes"] if checkpoint else {"history_bytes": 0, "seconds": 0.0}
        if checkpoint:
            check_same_recipe(notes["recipe"], prepared.recipe)
            _warn_of_changes(notes["environment"])
        state = restore(checkpoint, prepared.assembly) if checkpoint else start(prepared.assembly)
        state.stopped = state.stopped and notes["recipe"]["training"]["epochs"] >= prepared.recipe.training.epochs
        write_atomic(paths.recipe, prepared.recipe.to_toml().encode())
        history = History(paths.history, notes["history_bytes"])
        return _go_on(prepared, paths, state, history, notes["seconds"], watch, signals)


def check_same_recipe(before: dict[str, Any], now: Recipe) -> None:
    """Refuse a checkpoint of another recipe, naming the first differences; the number of epochs may change."""
    old, new = _flat(before), _flat(now.dump())
    free = {"training.epochs", "data.source"}
    differing = [key for key in sorted(old.keys() | new.keys()) if key not in free and old.get(key) != new.get(key)]
    if differing:
        shown = "; ".join(f"{key} was {old.get(key)!r}, is {new.get(key)!r}" for key in differing[:SHOWN])
        raise BadInput(f"a run must go on with its own recipe, but {shown}; restore recipe.toml or start a new run")


def _flat(values: Any, path: str = "") -> dict[str, Any]:
    if not isinstance(values, dict):
        return {path: list(values) if isinstance(values, tuple) else values}
    return {
        key: one for name, below in values.items() for key, one in _flat(below, f"{path}.{name}".lstrip(".")).items()
    }


def _warn_of_changes(before: dict[str, Any]) -> None:
    """Say where bit-for-bit equality with the uninterrupted run ends."""
    now = environment()
    changed = [
        f"{key} was {before[key]}, is {now[key]}"
        for key in ("torch", "threads", "processor")
        if before[key] != now[key]
    ]
    if changed:
        warnings.warn(
            f"the result may differ in its last bits from the uninterrupted run: {', '.join(changed)}",
            LuthierWarning,
            stacklevel=3,
        )


def _go_on(
    prepared: Prepared, paths: Paths, state: TrainState, history: History, before: float, watch: Watch, signals: Caught
) -> Metrics:
    """Train to the end, writing history and checkpoints, then the result."""
    paths.checkpoints.mkdir(exist_ok=True)
    _note_session(paths.environment)
    began = time.monotonic()
    a = prepared.assembly

    def save_state() -> None:
        history.sync()
        seconds = before + time.monotonic() - began
        notes = {
            "history_bytes": history.size,
            "seconds": seconds,
            "recipe": prepared.recipe.dump(),
            "environment": environment(),
        }
        save(paths.checkpoints, a, state, notes)

    for rows in train(a, state):
        clock = {"seconds": round(before + time.monotonic() - began, 3)}
        history.append([{**row, **clock} for row in rows])
        watch(state, rows)
        if signals.number or state.order is None or state.step % CHECKPOINT_EVERY == 0:
            save_state()
        if signals.number:
            raise Interrupted(
                signals.number,
                f"interrupted at step {state.step}; the state is saved; go on with: luthier resume {paths.root}",
            )
    return _finish(prepared, paths, state, before + time.monotonic() - began)


def _note_session(path: Path) -> None:
    """Add this process to the list of those that worked on the run."""
    sessions = read_json(path)["sessions"] if path.exists() else []
    session = {**environment(), "started": datetime.now(UTC).isoformat(timespec="seconds"), "command": sys.argv}
    write_json(path, {"sessions": [*sessions, session]})


def _finish(prepared: Prepared, paths: Paths, state: TrainState, seconds: float) -> Metrics:
    """Choose the final network, read the test part once, write the model and then the result."""
    a = prepared.assembly
    network = final_network(a, state)
    validation = with_interval(evaluate(network, a.validation, a.loss).metrics) if len(a.validation) else None
    reads = count_test_read(prepared.dataset.fingerprint, str(paths.root))
    test = with_interval(evaluate(network, prepared.test, a.loss).metrics)
    tensors = {name: one.detach().cpu().contiguous() for name, one in network.state_dict().items()}
    digest = write_atomic(paths.model, save_tensors(tensors, metadata=_metadata(prepared)))
    examples = state.step * len(a.training.examples) / a.steps_per_epoch
    result = {
        "format": FORMAT,
        "recipe_hash": prepared.recipe.hash(),
        "recipe_hash_without_seed": prepared.recipe.hash(with_seed=False),
        "fingerprint": prepared.dataset.fingerprint,
        "seed": prepared.recipe.seed,
        "parameters": sum(one.numel() for one in network.parameters()),
        "epochs": state.epoch,
        "steps": state.step,
        "stopped_early": state.stopped,
        "seconds": round(seconds, 3),
        "examples_per_second": round(examples / seconds, 1),
        "peak_memory_bytes": peak_memory(),
        "validation": validation,
        "test": test,
        "test_reads": reads,
        "model_sha256": digest,
    }
    write_json(paths.result, result)
    return result


def _metadata(prepared: Prepared) -> dict[str, str]:
    """What a model file must know to be used without the data: kept as texts in the safetensors header."""
    values = {
        "classes": list(prepared.dataset.classes),
        "shape": list(prepared.shape),
        "recipe_hash": prepared.recipe.hash(),
    }
    return {"format": f"luthier-{FORMAT}", **{name: json.dumps(value) for name, value in values.items()}}


def with_interval(metrics: Metrics) -> Metrics:
    """Add the 95% interval of the accuracy over examples."""
    found = share_interval(round(metrics["accuracy"] * metrics["n"]), metrics["n"])
    return {**metrics, "interval": [found.low, found.high]}


def peak_memory() -> int:
    """Largest resident size of this process so far, in bytes (POSIX)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def stored_recipe(root: Path) -> Recipe:
    """Read the recipe of a run directory."""
    if not Paths(root).recipe.is_file():
        raise BadInput(
            f"a run is a directory with a recipe.toml, but {root} has none; give the directory that luthier train printed"
        )
    return read_recipe(read_toml(Paths(root).recipe))
