"""Checkpoints: safetensors for tensors, JSON for the rest, checksums over both, no pickle anywhere.

A checkpoint is two files, step-N.safetensors and step-N.json; the second is the manifest, written last, and
without it the first does not count. The newest valid manifest is the state to resume from.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from luthier.core.errors import DamagedFile, Diverged
from luthier.core.files import TEMPORARY, read_sealed, sha256, sync_directory, write_atomic, write_sealed
from luthier.core.lock import check_held
from luthier.core.shape import (
    check_shape,
    is_count,
    is_flag,
    is_number,
    is_table,
    is_text,
    list_of,
    or_none,
    table_of,
    table_with,
)
from luthier.training.state import Trainer, TrainState

FORMAT = 1


KEPT = 2


MARK = "$tensor"


@dataclass(frozen=True)
class Checkpoint:
    """A valid checkpoint on disk: its manifest's path and content."""

    path: Path
    body: dict[str, Any]

    @property
    def step(self) -> int:
        return int(self.body["tree"]["state"]["step"])


def save(directory: Path, trainer: Trainer, run_state: TrainState, notes: dict[str, Any]) -> Path:
    """Write the state under its step's name and drop all but the two newest; return the manifest's path.

    notes: what the run wants to find again, plain values.
    Raises Diverged where a number is not finite: a good checkpoint is never followed by a bad one.
    """
    tensors: dict[str, Tensor] = {}
    tree = {
        "network": trainer.network.state_dict(),
        "optimizer": trainer.optimizer.state_dict()["state"],
        "state": run_state.tree(),
    }
    plain = separate(tree, "", tensors)
    _check_finite(tensors)
    name = f"step-{run_state.step:09d}"
    digest = write_atomic(directory / f"{name}.safetensors", save_tensors(tensors))
    manifest = directory / f"{name}.json"
    write_sealed(manifest, {"format": FORMAT, "sha256": digest, "tree": plain, "notes": notes})
    prune(directory, name)
    return manifest


def separate(value: Any, path: str, tensors: dict[str, Tensor]) -> Any:
    """Move the tensors of a nested value into a flat dict; what stays is plain, each tensor a mark with its name."""
    if isinstance(value, Tensor):
        tensors[path] = value.detach().to("cpu", copy=True).contiguous()
        return {MARK: path}
    if isinstance(value, dict):
        return {str(key): separate(one, _below(path, key), tensors) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [separate(one, f"{path}/{number}", tensors) for number, one in enumerate(value)]
    if isinstance(value, float) and not math.isfinite(value):  # JSON has no word for it
        raise _diverged("numbers", path)
    return value


def _below(path: str, key: object) -> str:
    """Write the path of a key; a slash within the key is escaped, so that no two paths are the same."""
    name = str(key).replace("%", "%25").replace("/", "%2F")
    return f"{path}/{name}" if path else name


def join(value: Any, tensors: dict[str, Tensor]) -> Any:
    """Put back what `separate` took apart; keys come back as texts, tuples as lists."""
    if isinstance(value, dict):
        if set(value) == {MARK}:
            return tensors[value[MARK]]
        return {key: join(one, tensors) for key, one in value.items()}
    return [join(one, tensors) for one in value] if isinstance(value, list) else value


def _check_finite(tensors: dict[str, Tensor]) -> None:
    states = {
        name: one
        for name, one in tensors.items()
        if name.startswith(("network/", "optimizer/")) and one.is_floating_point()
    }
    bad = [name for name, one in states.items() if not bool(one.isfinite().all())]
    if bad:
        raise _diverged("weights", bad[0])


def _diverged(what: str, which: str) -> Diverged:
    return Diverged(
        f"{what} must stay finite, but {which} is not; the last good checkpoint is kept; lower optimizer.learning_rate"
    )


def prune(directory: Path, last: str) -> None:
    """Keep the two newest checkpoints up to the one named last; drop all others, each manifest before its tensors.

    What is newer than the last good checkpoint was refused; left there, it would be taken for one of the two.
    """
    check_held(directory / last)
    manifests = [path.stem for path in list_files(directory, ".json")]
    keep = [name for name in manifests if count_steps(name) <= count_steps(last)][-KEPT:]
    for suffix in (".json", ".safetensors"):
        for path in list_files(directory, suffix):
            if path.stem not in keep:
                path.unlink()
    sync_directory(directory)


NAME = re.compile(r"step-([0-9]{9,18})")


def count_steps(name: str) -> int:
    """Return the steps before a checkpoint, from its name; -1 where it is not the name of one."""
    found = NAME.fullmatch(name)
    return int(found[1]) if found else -1


def list_files(directory: Path, suffix: str) -> list[Path]:
    """List the files of checkpoints in a directory that have a suffix, by their steps; files of others are none."""
    found = [path for path in directory.glob(f"step-*{suffix}") if count_steps(path.stem) >= 0]
    return sorted(found, key=lambda path: count_steps(path.stem))


def clean(directory: Path) -> None:
    """Remove temporary files that a killed process left; only the owner of the run may call this."""
    check_held(directory / TEMPORARY)
    for path in directory.glob(f".*{TEMPORARY}"):
        path.unlink(missing_ok=True)  # a process that is about to be refused removes its own


STATE = {
    "step": is_count,
    "epoch": is_count,
    "position": is_count,
    "scores": list_of(is_number),
    "stopped": is_flag,
    "memory": table_of(is_table),
    "losses": is_table,
    "order": or_none(is_table),
    "pending": or_none(is_table),
}
TREE = {"network": table_of(table_with({MARK: is_text})), "optimizer": table_of(is_table), "state": table_with(STATE)}
MANIFEST = {"sha256": is_text, "tree": table_with(TREE), "notes": is_table}
"""What a manifest must hold; in `tree` each tensor is a table with its mark."""


def open_checkpoint(path: Path) -> Checkpoint:
    """Read and check a manifest and its tensors' checksum; raise DamagedFile with the reason otherwise."""
    body = read_sealed(path)
    if body.get("format") != FORMAT:
        raise DamagedFile(
            f"{path} must have format {FORMAT}, but has {body.get('format')}; use the version of Luthier that wrote it"
        )
    check_shape(body, MANIFEST, path, "the manifest of a checkpoint")
    tensors = path.with_suffix(".safetensors")
    if not tensors.is_file() or sha256(tensors) != body.get("sha256"):
        raise DamagedFile(f"{tensors} is missing or does not match the checksum in its manifest")
    return Checkpoint(path, body)


def newest(directory: Path, check: Callable[[Checkpoint], None]) -> tuple[Checkpoint | None, list[str]]:
    """Find the newest valid checkpoint, and say what was wrong with each newer one.

    check: raises DamagedFile where what lies beside a checkpoint does not fit it.
    """
    problems: list[str] = []
    for path in reversed(list_files(directory, ".json")):
        try:
            checkpoint = open_checkpoint(path)
            check(checkpoint)
            return checkpoint, problems
        except (DamagedFile, OSError) as error:
            problems.append(str(error))
    return None, problems


def restore(checkpoint: Checkpoint, trainer: Trainer) -> TrainState:
    """Load a checkpoint into the network and the optimizer and return the state.

    Raises DamagedFile where its tensors are not those of this recipe's network, naming the first differences.
    """
    path = checkpoint.path.with_suffix(".safetensors")
    try:
        tensors = {name: one.to(trainer.device) for name, one in load_tensors(path.read_bytes()).items()}
        tree = join(checkpoint.body["tree"], tensors)
        network, optimizer, state = (
            tree["network"],
            tree["optimizer"],
            TrainState.from_tree(tree["state"], trainer.device),
        )
        _check_state(state, trainer)
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise DamagedFile(f"{path} and its manifest do not hold the state of this training ({error!r})") from None
    load_network(trainer.network, network, path)
    try:
        _load_optimizer(trainer.optimizer, optimizer)
    except (ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise DamagedFile(f"{path} and its manifest do not hold the state of this optimizer ({error!r})") from None
    return state


def _check_state(state: TrainState, trainer: Trainer) -> None:
    """Raise ValueError where a state cannot be that of a training of these examples."""
    n = len(trainer.training.examples.labels)
    if state.losses.shape != (n,) or not state.losses.is_floating_point():
        raise ValueError(f"the losses are not those of {n} examples")
    order = state.order
    if order is not None and (order.dtype != torch.int64 or order.ndim != 1 or not _within(order, n)):
        raise ValueError(f"the order is not one of {n} examples")
    if state.position > trainer.steps_per_epoch or state.memory.keys() != {trick.name for trick in trainer.tricks}:
        raise ValueError("the position in the epoch, or what the tricks remember, is of another training")


def _within(order: Tensor, n: int) -> bool:
    return len(order) > 0 and 0 <= int(order.min()) and int(order.max()) < n


def load_network(network: torch.nn.Module, tensors: dict[str, Tensor], path: Path) -> None:
    """Copy tensors into a network in place, so that its memory layout stays; names and shapes must be the same."""
    own = network.state_dict()
    differences = [
        f"{name}: file {_shape(tensors.get(name))}, network {_shape(own.get(name))}"
        for name in sorted(own.keys() | tensors.keys())
        if _shape(own.get(name)) != _shape(tensors.get(name))
    ]
    if differences:
        raise DamagedFile(
            f"{path} belongs to another network: {'; '.join(differences[:10])}; use the recipe it was written with"
        )
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(tensors[name])


def _shape(tensor: Tensor | None) -> str:
    return "absent" if tensor is None else f"{tuple(tensor.shape)}"


def _load_optimizer(optimizer: torch.optim.Optimizer, state: dict[str, dict[str, Any]]) -> None:
    """Restore the optimizer's tensors in the memory layout of their parameters, on which fused kernels rely."""
    full = optimizer.state_dict()
    full["state"] = {int(number): values for number, values in state.items()}
    optimizer.load_state_dict(full)
    for parameter, values in optimizer.state.items():
        for key, value in values.items():
            if isinstance(value, Tensor) and value.shape == parameter.shape:
                values[key] = torch.empty_like(parameter, dtype=value.dtype).copy_(value)
