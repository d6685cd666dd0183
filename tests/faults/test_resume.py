"""A run that goes on, at any step and in any process, is the run that was never interrupted."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from .rig.client import Server, alone
from .rig.state import digest, final, newest_step
from .rig.world import STEPS

ONLY_WHEN_ASKED = 1000
STOPPED = 128 + signal.SIGTERM


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_at_any_step_of_an_epoch(server: Server, expected: dict[str, Any], tmp_path: Path, step: int) -> None:
    root = tmp_path / "run"
    stopped = server.train(root, every=ONLY_WHEN_ASKED, signal_at=step, signal=signal.SIGTERM)
    assert (stopped.status, newest_step(root)) == (STOPPED, step)
    again = server.train(root, every=ONLY_WHEN_ASKED)
    assert again.is_clean
    assert again.steps == STEPS - step
    assert final(digest(root)) == final(expected)


def test_after_every_single_step(server: Server, expected: dict[str, Any], tmp_path: Path) -> None:
    root = tmp_path / "run"
    for step in range(1, STEPS + 1):
        stopped = server.train(root, every=ONLY_WHEN_ASKED, signal_at=step, signal=signal.SIGTERM)
        assert (stopped.status, stopped.steps, newest_step(root)) == (STOPPED, 1, step)
    again = server.train(root, every=ONLY_WHEN_ASKED)
    assert (again.is_clean, again.steps) == (True, 0)
    assert final(digest(root)) == final(expected)


def test_in_a_process_that_was_never_the_first_ones_fork(
    server: Server, expected: dict[str, Any], tmp_path: Path
) -> None:
    """What hides in the memory of the warm parent of all other tests cannot help here."""
    root = tmp_path / "run"
    assert server.train(root, signal_at=5, signal=signal.SIGTERM).status == STOPPED
    with alone(root) as process:
        told = json.loads(process.communicate(timeout=60)[0].splitlines()[-1])
    assert (process.returncode, told["warnings"], told["problems"]) == (0, [], [])
    assert final(digest(root)) == final(expected)


def test_with_another_number_of_threads_it_says_that_bits_may_differ(server: Server, tmp_path: Path) -> None:
    root = tmp_path / "run"
    assert server.train(root, signal_at=5, signal=signal.SIGTERM).status == STOPPED
    again = server.train(root, threads=2)
    assert (again.status, again.problems) == (0, [])
    (warning,) = again.warnings
    assert warning.startswith("the result may differ in its last bits from the uninterrupted run: ")
    assert warning.endswith(": threads was 1, is 2")


def test_a_finished_run_is_left_as_it_is(server: Server, straight: Path, expected: dict[str, Any]) -> None:
    again = server.train(straight)
    assert (again.is_clean, again.steps) == (True, 0)
    assert digest(straight) == expected


def test_two_equal_runs_have_equal_files(server: Server, expected: dict[str, Any], tmp_path: Path) -> None:
    """The model's checksum is in the result: the file must not hold anything that chance put in order."""
    with alone(tmp_path / "run") as process:
        assert process.wait(timeout=60) == 0
    assert digest(tmp_path / "run") == expected
