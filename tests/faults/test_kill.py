"""SIGKILL at any change to the disk: the run goes on to the same end, from where the last save left it."""

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .rig.client import Server
from .rig.power import Trace, counted, promised
from .rig.state import digest, newest_step, torn

KILL, KILLED = 9, -9
MANY = 200
MORE = 3
"""Epochs of a finished run that is told to go on."""

Points = list[tuple[int, bool]]


def points(trace: Trace) -> Points:
    """Every change as (number, half): die before it, and for a write also with its first half done."""
    kinds = [trace[place].kind for place in counted(trace)]
    return [(n, half) for n, kind in enumerate(kinds) for half in (False, True) if not half or kind == "write"]


def wrongs(
    server: Server, folder: Path, trace: Trace, expected: dict[str, Any], chosen: Points, **job: Any
) -> Iterator[str]:
    """Kill a run at each point, look at what it left, let it go on; yield all that is not as it must be."""
    places = counted(trace)
    for number, half in chosen:
        root = folder / f"{number}-{half}" / "run"
        root.parent.mkdir()
        where = (
            f"change {number}{' half done' if half else ''} ({trace[places[number]].kind} {trace[places[number]].path})"
        )
        died = server.train(root, fault={"kind": "kill", "at": number, "half": half}, **job)
        if died.status != KILLED:
            yield f"{where}: not killed: {died}"
        if torn(root):
            yield f"{where}: torn: {torn(root)}"
        if newest_step(root) < promised(trace[: places[number]]):
            yield f"{where}: fell back to step {newest_step(root)}, but {promised(trace[: places[number]])} was safe"
        again = server.train(root, **job)
        if not again.is_clean:
            yield f"{where}: cannot go on: {again}"
        elif digest(root) != expected:
            yield f"{where}: ended differently: {difference(digest(root), expected)}"


def difference(one: Any, other: Any, path: str = "") -> str:
    """The first place where two nested values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = [key for key in sorted(one.keys() | other.keys()) if one.get(key) != other.get(key)]
        return difference(one.get(keys[0]), other.get(keys[0]), f"{path}/{keys[0]}") if keys else "nothing"
    return f"{path}: {one!r} is not {other!r}"


def test_killed_at_any_change_a_run_ends_the_same(
    server: Server, trace: Trace, expected: dict[str, Any], tmp_path: Path
) -> None:
    chosen = points(trace)
    assert len(chosen) > 100
    assert list(wrongs(server, tmp_path, trace, expected, chosen)) == []


def test_the_kill_loop_sees_that_the_rename_is_missing(
    server: Server, trace: Trace, expected: dict[str, Any], tmp_path: Path
) -> None:
    weak = server.traced(tmp_path / "straight" / "run", weak=["rename"])
    writes = [point for point in points(weak) if point[1]]
    found = list(wrongs(server, tmp_path, weak, expected, writes, weak=["rename"]))
    assert any("torn: ['step-" in one for one in found)
    assert any("cannot go on" in one for one in found)


def test_the_final_weights_rest_on_what_a_trick_remembers(expected: dict[str, Any]) -> None:
    """Otherwise a resume that forgets the tricks' memory would pass these tests."""
    last = expected["checkpoints"]["step-000000006"]["tensors"]
    first = {name: one for name, one in last.items() if name.startswith("state/memory/early-stopping/weights/")}
    assert first
    for name, one in expected["model"].items():
        assert first[f"state/memory/early-stopping/weights/{name}"] == one
    assert any(last[f"network/{name}"] != one for name, one in expected["model"].items())


def test_killed_again_and_again_a_run_still_arrives(
    server: Server, trace: Trace, expected: dict[str, Any], tmp_path: Path
) -> None:
    """Each life ends some changes after it began, enough for a save now and then."""
    for seed in range(6):
        chance = random.Random(seed)
        root = tmp_path / str(seed) / "run"
        root.parent.mkdir()
        assert deaths(server, root, lambda chance=chance: {"fault": {"kind": "kill", "at": chance.randint(1, 60)}}) > 1
        assert digest(root) == expected


def deaths(server: Server, root: Path, end: Callable[[], dict[str, Any]]) -> int:
    """Let a run live again and again until it comes to its end; return how often it died before."""
    for times in range(MANY):
        if server.train(root, **end()).status == 0:
            return times
        assert not torn(root)
    raise AssertionError("the run never came to its end")


def test_killed_while_a_finished_run_goes_on_to_more_epochs(server: Server, straight: Path, tmp_path: Path) -> None:
    unharmed = Path(shutil.copytree(straight, tmp_path / "straight" / "run"))
    longer, expected = server.traced(unharmed, epochs=MORE), digest(unharmed)
    assert expected["result"]["epochs"] == MORE
    for number, half in points(longer):
        root = Path(shutil.copytree(straight, tmp_path / f"{number}-{half}" / "run"))
        assert server.train(root, epochs=MORE, fault={"kind": "kill", "at": number, "half": half}).status == KILLED
        assert not torn(root)
        again = server.train(root, epochs=MORE)
        assert again.is_clean, (number, half, again)
        assert digest(root) == expected, (number, half, difference(digest(root), expected))


@pytest.mark.slow
def test_killed_at_random_moments_a_run_ends_the_same(server: Server, expected: dict[str, Any], tmp_path: Path) -> None:
    """Here the kernel decides where the process is: in a step, in a save, in the evaluation, in the interpreter."""
    chance = random.Random(0)
    length = server.train(tmp_path / "measured").seconds
    times = 0
    for number in range(60):
        root = tmp_path / str(number) / "run"
        root.parent.mkdir()
        times += deaths(server, root, lambda: {"signals": [[chance.uniform(0, length), KILL]]})
        assert digest(root) == expected
    assert times > 20
