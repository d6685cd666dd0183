"""A signal at any moment: the step is ended, the state saved, the status says which signal; a second ends at once."""

import random
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from .rig.client import Server, alone
from .rig.power import Trace, counted, number_of, promised
from .rig.state import digest, final, newest_step, temporaries, torn
from .rig.world import STEPS
from .test_kill import MANY, difference

ALL = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
names = pytest.mark.parametrize("number", ALL, ids=lambda number: number.name)


def status(number: int) -> int:
    return 128 + number


@names
@pytest.mark.parametrize("moment", ["step", "evaluation"])
def test_in_a_step_and_in_the_evaluation(
    server: Server, expected: dict[str, Any], tmp_path: Path, number: int, moment: str
) -> None:
    root = tmp_path / "run"
    stopped = server.train(root, signal=number, signal_in=moment)
    assert (stopped.status, stopped.error) == (status(number), "Interrupted")
    assert stopped.steps == {"step": 2, "evaluation": 6}[moment]
    assert newest_step(root) == stopped.steps
    assert stopped.message.startswith(f"interrupted at step {stopped.steps}; the state is saved")
    assert stopped.message.endswith(f"luthier resume {root}")
    assert server.train(root).is_clean
    assert final(digest(root)) == final(expected)


def test_before_any_change_to_the_disk(server: Server, trace: Trace, expected: dict[str, Any], tmp_path: Path) -> None:
    first, last = number_of(trace, "create", "recipe.toml"), number_of(trace, "create", "model.safetensors")
    after_training = number_of(trace, "mkdir", "state")
    places = counted(trace)
    for at in range(first, last):
        root = tmp_path / str(at) / "run"
        root.parent.mkdir()
        stopped = server.train(root, fault={"kind": "interrupt", "at": at, "number": signal.SIGTERM})
        where = (at, trace[places[at]], stopped)
        assert stopped.status == (status(signal.SIGTERM) if at < after_training else 0), where
        assert newest_step(root) == stopped.steps, where
        assert (torn(root), temporaries(root)) == ([], []), where
        again = server.train(root)
        assert again.is_clean, (where, again)
        assert final(digest(root)) == final(expected), (where, difference(digest(root), expected))


def test_a_second_signal_before_any_change_to_the_disk(
    server: Server, trace: Trace, expected: dict[str, Any], tmp_path: Path
) -> None:
    places = counted(trace)
    for at in range(number_of(trace, "create", "recipe.toml") + 1, number_of(trace, "mkdir", "state"), 3):
        root = tmp_path / str(at) / "run"
        root.parent.mkdir()
        fault = {"kind": "interrupt", "at": at - 1, "again": at, "number": signal.SIGINT}
        ended = server.train(root, fault=fault)
        where = (at, trace[places[at]], ended)
        assert ended.status == status(signal.SIGINT), where
        assert ended.error is None, where  # it did not come to an end of its own
        assert torn(root) == [], where
        assert newest_step(root) >= promised(trace[: places[at]]), where
        again = server.train(root)
        assert again.is_clean, (where, again)
        assert final(digest(root)) == final(expected), where


def test_at_every_line_of_the_session_what_is_said_to_be_saved_is_saved(server: Server, tmp_path: Path) -> None:
    """Saves at the ends of epochs only, so that elsewhere the signal alone is the reason to save."""
    for lines in range(MANY):
        root = tmp_path / str(lines) / "run"
        root.parent.mkdir()
        stopped = server.train(root, every=1000, signal=signal.SIGTERM, signal_at_line=lines, watched=False)
        if stopped.status == 0:
            break
        assert stopped.status == status(signal.SIGTERM), (lines, stopped)
        told = re.match(r"interrupted at step (\d+); the state is saved", stopped.message)
        assert told, (lines, stopped)
        assert newest_step(root) == int(told[1]) == stopped.steps, (lines, stopped)
    assert stopped.status == 0
    assert lines > 5 * STEPS


@names
def test_a_process_of_its_own(server: Server, expected: dict[str, Any], tmp_path: Path, number: signal.Signals) -> None:
    root = tmp_path / "run"
    with alone(root, wait_at=5) as process:
        assert process.stdout
        assert [process.stdout.readline() for _ in range(2)] == ["ready\n", "waiting\n"]
        process.send_signal(number)
        assert process.wait(timeout=60) == status(number)
    assert newest_step(root) == 5
    assert server.train(root).is_clean
    assert final(digest(root)) == final(expected)


@names
def test_what_the_caller_ignores_stays_ignored(
    server: Server, expected: dict[str, Any], tmp_path: Path, number: int
) -> None:
    """As after nohup, which asks that a hang-up does not end the run."""
    root = tmp_path / "run"
    assert server.train(root, signal_at=2, signal=number, ignored=[number]).is_clean
    assert final(digest(root)) == final(expected)


def storm(server: Server, root: Path, chance: random.Random, length: float) -> int:
    """Interrupt a run at random moments until it ends well; return how often."""
    for times in range(MANY):
        number = chance.choice(ALL)
        moments = sorted(chance.uniform(0, length) for _ in range(chance.choice((1, 1, 2))))
        ended = server.train(root, signals=[[moment, number] for moment in moments])
        assert torn(root) == []
        if ended.status == 0:
            return times
        # Minus the number: it came when the signals were no longer caught, as all was saved or done.
        assert ended.status in (status(number), -number), ended
    raise AssertionError("the run never ended")


@pytest.mark.parametrize("runs", [10, pytest.param(100, marks=pytest.mark.slow)])
def test_at_random_moments(server: Server, expected: dict[str, Any], tmp_path: Path, runs: int) -> None:
    length = server.train(tmp_path / "measured").seconds
    times = 0
    for run in range(runs):
        root = tmp_path / str(run) / "run"
        root.parent.mkdir()
        times += storm(server, root, random.Random(run), length)
        assert final(digest(root)) == final(expected)
    assert times > runs // 3
