"""Power loss at any change to the disk, with any part of what was not synced lost: the run goes on to the same end.

The log of a run's changes is played into a model of the disk; what the model finds after the cut is laid down as
files, and the run goes on from there.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .rig.client import Server
from .rig.disk import Event
from .rig.power import (
    Kept,
    Power,
    Trace,
    Tree,
    all_of_it,
    fingerprint,
    nothing_of_it,
    number_of,
    promised,
    read_tree,
    some_of_it,
    write_tree,
)
from .rig.state import digest, newest_step, torn
from .test_kill import KILLED, MORE, difference

CHANCES = 1
"""How many random subsets of the unsynced changes are tried at each change."""


def cuts(start: Tree, trace: Trace, chances: int) -> Iterator[tuple[str, Tree, int, bool]]:
    """All different things that power loss may leave: what survived, the tree, the step and the end that were safe."""
    power, seen = Power(start), set()
    for place in range(len(trace) + 1):
        ways: dict[str, Callable[[int], Kept]] = {"nothing": nothing_of_it, "all": all_of_it}
        ways |= {f"chance {n}": some_of_it(f"{place}/{n}") for n in range(chances)}
        past = trace[:place]
        ended = any(event.kind == "finished" for event in past)
        for name, survives in ways.items():
            tree = power.cut(survives)
            key = (fingerprint(tree), promised(past), ended)
            if key not in seen:
                seen.add(key)
                yield f"after change {place}, {name} of what was not synced", tree, promised(past), ended
        if place < len(trace):
            power.apply(trace[place])


def wrongs(
    server: Server, folder: Path, played: tuple[Tree, Trace], expected: dict[str, Any], chances: int, **job: Any
) -> Iterator[str]:
    """Cut the power everywhere, look at what is left, let the run go on; yield all that is not as it must be."""
    for where, tree, safe, ended in cuts(*played, chances):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        write_tree(tree, folder)
        root = folder / "run"
        if torn(root, checkpoints=2):
            yield f"{where}: torn: {torn(root, checkpoints=2)}"
        if newest_step(root) < safe:
            yield f"{where}: fell back to step {newest_step(root)}, but {safe} was safe"
        if ended and not (root / "result.json").exists():
            yield f"{where}: the result is lost"
        again = server.train(root, **job)
        if not again.is_clean:
            yield f"{where}: cannot go on: {again}"
        elif digest(root) != expected:
            yield f"{where}: ended differently: {difference(digest(root), expected)}"


def test_after_power_loss_at_any_change_a_run_ends_the_same(
    server: Server, trace: Trace, expected: dict[str, Any], tmp_path: Path
) -> None:
    assert sum(1 for _ in cuts({}, trace, CHANCES)) > 100
    assert list(wrongs(server, tmp_path / "home", ({}, trace), expected, CHANCES)) == []


def test_after_power_loss_in_a_resumed_run_it_ends_the_same(
    server: Server, trace: Trace, expected: dict[str, Any], tmp_path: Path
) -> None:
    """Here files are there that are older, newer and longer than what the resumed run writes."""
    root = tmp_path / "first" / "run"
    root.parent.mkdir()
    at = number_of(trace, "fsync", "step-000000004.json")
    assert server.train(root, fault={"kind": "kill", "at": at}).status == KILLED
    start = read_tree(root.parent)
    assert newest_step(root) == 3
    resumed = server.traced(root)
    assert list(wrongs(server, tmp_path / "home", (start, resumed), expected, CHANCES)) == []


@pytest.mark.slow
def test_after_power_loss_with_many_different_losses_a_run_ends_the_same(
    server: Server, trace: Trace, expected: dict[str, Any], tmp_path: Path
) -> None:
    assert list(wrongs(server, tmp_path / "home", ({}, trace), expected, chances=12)) == []


@pytest.mark.slow
def test_after_power_loss_while_a_finished_run_goes_on_to_more_epochs(
    server: Server, straight: Path, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(straight, tmp_path / "first" / "run"))
    start = read_tree(root.parent)
    longer = server.traced(root, epochs=MORE)
    assert list(wrongs(server, tmp_path / "home", (start, longer), digest(root), CHANCES, epochs=MORE)) == []


@pytest.mark.parametrize(
    ("missing", "symptom"), [("file-fsync", "torn: ['step-"), ("directory-fsync", "was safe"), ("rename", "torn: ")]
)
def test_the_model_sees_what_is_missing(
    server: Server, expected: dict[str, Any], tmp_path: Path, missing: str, symptom: str
) -> None:
    weak = server.traced(tmp_path / "straight" / "run", weak=[missing])
    found = wrongs(server, tmp_path / "home", ({}, weak), expected, CHANCES)
    assert any(symptom in one for one in found)


def test_the_model_knows_what_is_safe() -> None:
    """Content by fsync of the file, names by fsync of the directory, each alone not enough."""
    power = Power({"old": b"old", "d": None})
    for event in (
        Event("create", "d/new"),
        Event("open", "d/new", 1),
        Event("write", "d/new", 1, 0, b"content"),
        Event("fsync", "d/new", 1),
        Event("open", "old", 2),
        Event("write", "old", 2, 3, b"er"),
    ):
        power.apply(event)
    assert power.cut(nothing_of_it) == {"old": b"old", "d": None}
    assert power.cut(all_of_it) == {"old": b"older", "d": None, "d/new": b"content"}
    possible = {power.cut(some_of_it(str(seed)))["old"] for seed in range(500)}
    assert possible == {b"old", b"olde", b"older", b"old\0\0", b"olde\0"}
    power.apply(Event("open", "d", 3))
    power.apply(Event("fsync", "d", 3))
    power.apply(Event("replace", "d/new", target="d/newest"))
    assert power.cut(nothing_of_it) == {"old": b"old", "d": None, "d/new": b"content"}
    assert power.cut(all_of_it) == {"old": b"older", "d": None, "d/newest": b"content"}
