"""A number that is not finite ends training at once; nothing of it reaches the disk, the last checkpoint stays good."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from .rig.client import Server
from .rig.state import manifests, newest_step, temporaries, torn
from .rig.world import STEPS

FAILURE = 1


def not_finite(root: Path) -> Iterator[str]:
    """Places of a run directory where a number is not finite.

    state/losses is infinite by design where an example was not seen yet.
    """
    for path in sorted(root.rglob("*.safetensors")):
        for name, tensor in load_file(path).items():
            if tensor.is_floating_point() and name != "state/losses" and not bool(torch.isfinite(tensor).all()):
                yield f"{path.name}: {name}"
    for path in sorted([*root.rglob("*.json"), root / "history.jsonl"]):
        for line in path.read_text().splitlines() if path.suffix == ".jsonl" else [path.read_text()]:
            yield from (f"{path.name}: {one}" for one in numbers(json.loads(line)) if not math.isfinite(one))


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from numbers(one)
    elif isinstance(value, float):
        yield value


def must_be_good(server: Server, root: Path, saved: int) -> None:
    """What is left is whole, finite, and of the last step that was saved."""
    assert (torn(root), temporaries(root), list(not_finite(root))) == ([], [], [])
    assert newest_step(root) == saved
    assert not (root / "result.json").exists()
    assert all(path.with_suffix(".safetensors").exists() for path in manifests(root))


@pytest.mark.parametrize("where", ["loss", "gradient"])
@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
@pytest.mark.parametrize("step", range(STEPS))
def test_at_any_step_it_stops_before_the_next_save(
    server: Server, tmp_path: Path, where: str, value: str, step: int
) -> None:
    root = tmp_path / "run"
    poison = {"step": step, "where": where, "value": value}
    stopped = server.train(root, poison=poison)
    assert (stopped.status, stopped.error) == (FAILURE, "Diverged"), stopped
    assert f"the {where} of step {step} (from 0) was not" in stopped.message
    assert "last good checkpoint is kept" in stopped.message
    assert stopped.message.count("\n") == 0
    saved = max(one for one in (0, 2, 3, 4) if one <= step)
    must_be_good(server, root, saved)
    again = server.train(root, poison=poison)
    assert (again.error, again.message) == ("Diverged", stopped.message)
    must_be_good(server, root, saved)


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_trick_that_remembers_what_is_not_finite_is_not_saved(server: Server, tmp_path: Path, value: str) -> None:
    root = tmp_path / "run"
    stopped = server.train(root, poison={"step": 2, "where": "memory", "value": value})
    assert (stopped.status, stopped.error) == (FAILURE, "Diverged"), stopped
    assert "poison" in stopped.message
    must_be_good(server, root, saved=2)


def test_a_signal_after_a_step_that_diverged_saves_nothing_of_it(server: Server, tmp_path: Path) -> None:
    root = tmp_path / "run"
    stopped = server.train(root, every=1000, poison={"step": 3}, signal_at=4, signal=15)
    assert (stopped.status, stopped.error) == (FAILURE, "Diverged"), stopped
    assert "the loss of step 3 (from 0)" in stopped.message
    must_be_good(server, root, saved=3)


@pytest.mark.parametrize("monitor", ["loss", "accuracy"])
@pytest.mark.parametrize("rate", [1e10, 1e20, 1e30, 1e38])
def test_a_learning_rate_that_is_far_too_large_ends_clearly(
    server: Server, tmp_path: Path, rate: float, monitor: str
) -> None:
    """One step an epoch: the weights may be finite, and so was the loss, but not the loss on the validation part."""
    root = tmp_path / "run"
    fitting = {"epochs": 3, "batch_size": 100, "monitor": monitor}
    changes = {"training": fitting, "optimizer": {"name": "sgd", "learning_rate": rate}}
    ended = server.train(root, recipe=changes)
    assert (ended.status, ended.error) in ((0, None), (FAILURE, "Diverged")), ended
    assert torn(root) == []
    assert list(not_finite(root)) == []
