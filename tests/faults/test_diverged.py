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
from .rig.state import checkpoint, manifests, newest_step, temporaries, torn
from .rig.world import STEPS

FAILURE = 1


def not_finite(root: Path) -> Iterator[str]:
    """Places of a run directory where a number is not finite.

    state/losses is infinite by design where an example was not seen yet; state/pending holds measurements of steps,
    which are read at the next look at them: a bad one closes the gate again when the run goes on.
    """
    for path in sorted(root.rglob("*.safetensors")):
        for name, tensor in load_file(path).items():
            by_design = name in ("state/losses", "state/pending")
            if tensor.is_floating_point() and not by_design and not bool(torch.isfinite(tensor).all()):
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


def must_be_good(root: Path, saved: int) -> None:
    """What is left is whole, finite, and of the last step that was saved."""
    assert (torn(root), temporaries(root), list(not_finite(root))) == ([], [], [])
    assert newest_step(root) == saved
    assert not (root / "result.json").exists()
    assert all(path.with_suffix(".safetensors").exists() for path in manifests(root))


@pytest.mark.parametrize("every", [2, 1000], ids=["saves in mid-epoch", "saves between epochs"])
@pytest.mark.parametrize("where", ["loss", "gradient"])
@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_at_any_step_it_stops(server: Server, tmp_path: Path, where: str, value: str, every: int) -> None:
    for step in range(STEPS):
        root = tmp_path / str(step) / "run"
        root.parent.mkdir()
        poison = {"step": step, "where": where, "value": value}
        stopped = server.train(root, every=every, poison=poison)
        assert (stopped.status, stopped.error) == (FAILURE, "Diverged"), stopped
        assert f"step {step} (from 0) met non-finite values in the {where}" in stopped.message
        assert "last good checkpoint is kept" in stopped.message
        assert stopped.message.count("\n") == 0
        saved = {2: (2, 4), 1000: (0, 3)}[every][step // 3]
        must_be_good(root, saved)
        again = server.train(root, every=every, poison=poison)
        assert (again.error, again.message) == ("Diverged", stopped.message)
        must_be_good(root, saved)


@pytest.mark.parametrize("value", ["nan", "inf"])
@pytest.mark.parametrize(
    ("where", "named"), [("weights", "non-finite values in the weights"), ("memory", "memory/poison/number is not")]
)
def test_what_is_not_finite_is_not_saved(server: Server, tmp_path: Path, where: str, named: str, value: str) -> None:
    """A trick did it after the step, where nothing else looks before the save."""
    root = tmp_path / "run"
    stopped = server.train(root, poison={"step": 2, "where": where, "value": value})
    assert (stopped.status, stopped.error) == (FAILURE, "Diverged"), stopped
    assert named in stopped.message
    must_be_good(root, saved=2)


def test_a_signal_after_a_step_that_diverged_saves_nothing_of_it(server: Server, tmp_path: Path) -> None:
    """The step was not applied, and what comes after it is not either: not now, and not when the run goes on."""
    root = tmp_path / "run"
    poison = {"step": 3, "where": "loss", "value": "nan"}
    assert server.train(root, every=1000, poison=poison, signal_at=3, signal=15).status == 128 + 15
    before = checkpoint(manifests(root)[-1])["tensors"]
    for step in (4, 5):
        assert server.train(root, every=1000, poison=poison, signal_at=step, signal=15).status == 128 + 15
    must_be_good(root, saved=5)
    after = checkpoint(manifests(root)[-1])["tensors"]
    learned = {name: one for name, one in before.items() if name.startswith("network/")}
    assert learned
    assert {name: after[name] for name in learned} == learned
    stopped = server.train(root, every=1000, poison=poison)
    assert (stopped.status, stopped.error) == (FAILURE, "Diverged"), stopped
    assert "step 3 (from 0) met non-finite values in the loss" in stopped.message


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
