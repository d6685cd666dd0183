"""A full disk or a failing one, at any change: one clear line, the last checkpoint whole, nothing left behind."""

import errno
import shutil
from pathlib import Path
from typing import Any

import pytest

from .rig.client import Server
from .rig.power import Trace, counted, promised
from .rig.state import digest, manifests, newest_step, temporaries, torn
from .test_kill import difference

FAILURE, BAD_INPUT = 1, 2
"""Exit statuses: BAD_INPUT where the directory turns out to be unusable before any work is done."""


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param({"errno": errno.ENOSPC, "sticky": True}, id="full"),
        pytest.param({"errno": errno.EIO, "sticky": False}, id="broken once", marks=pytest.mark.slow),
        pytest.param({"errno": errno.ENOSPC, "sticky": False}, id="full once", marks=pytest.mark.slow),
        pytest.param({"errno": errno.EDQUOT, "sticky": True}, id="quota", marks=pytest.mark.slow),
    ],
)
def test_when_a_change_fails_the_run_stops_and_can_go_on(
    server: Server, trace: Trace, expected: dict[str, Any], tmp_path: Path, failure: dict[str, Any]
) -> None:
    for at, place in enumerate(counted(trace)):
        event, safe = trace[place], promised(trace[:place])
        if not event.path.startswith("run"):
            continue  # the count of test reads, outside of the run: see below
        root = tmp_path / str(at) / "run"
        root.parent.mkdir()
        stopped = server.train(root, fault={"kind": "fail", "at": at, **failure})
        where = (at, event.kind, event.path, stopped)
        assert stopped.status in (FAILURE, BAD_INPUT), where
        assert stopped.status == FAILURE or (root / "recipe.toml").exists() is False, where
        assert stopped.message.count("\n") == 0, where
        assert event.path in stopped.message or str(root) in stopped.message, where
        assert torn(root) == [], where
        assert temporaries(root) == [] or event.kind == "unlink", where
        assert newest_step(root) >= safe, where
        again = server.train(root)
        assert again.is_clean, (where, again)
        assert digest(root) == expected, (where, difference(digest(root), expected))
        shutil.rmtree(root.parent)


def test_when_reads_of_the_test_part_cannot_be_counted_the_run_says_so_and_ends_well(
    server: Server, trace: Trace, expected: dict[str, Any], tmp_path: Path
) -> None:
    places = [(at, trace[place]) for at, place in enumerate(counted(trace))]
    chosen = [at for at, event in places if event.path.startswith("state")]
    assert len(chosen) >= 4
    for at in chosen:
        root = tmp_path / str(at) / "run"
        root.parent.mkdir()
        ended = server.train(root, fault={"kind": "fail", "at": at, "errno": errno.EROFS})
        assert (ended.status, ended.problems, len(ended.warnings)) == (0, [], 1), ended
        assert ended.warnings[0].startswith("reads of the test part are not counted: ")
        assert digest(root) == expected


def test_when_the_kernel_refuses_to_write_on_the_run_stops_and_can_go_on(
    server: Server, expected: dict[str, Any], tmp_path: Path
) -> None:
    """The same without a rig between: no file may grow past a limit, and the write that meets it is cut short."""
    assert server.train(tmp_path / "whole").is_clean
    largest = max(path.stat().st_size for path in manifests(tmp_path / "whole"))
    reached = {}
    for limit in (0, 100, 400, 2000, *range(largest - 200, largest, 20)):
        root = tmp_path / f"{limit:06}"  # the length of a path is part of what is written
        stopped = server.train(root, file_size=limit, watched=False)
        if stopped.status == 0:
            continue
        assert stopped.status == (BAD_INPUT if limit == 0 else FAILURE), stopped
        assert "File too large" in stopped.message
        assert str(root) in stopped.message
        assert (torn(root), temporaries(root)) == ([], [])
        reached[limit] = newest_step(root)
        assert server.train(root).is_clean
        assert digest(root) == expected
    assert list(reached.values())[:4] == [0, 0, 0, 0]
    assert len(set(reached.values())) >= 3, reached
