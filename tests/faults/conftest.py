"""The fork server and the uninterrupted run that every other one must equal."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .rig.client import Server
from .rig.power import Trace, read_trace
from .rig.state import digest


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.close()


@pytest.fixture(scope="session")
def straight(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a run that nothing happened to; beside it lies the log of its changes to the disk."""
    root = tmp_path_factory.mktemp("straight") / "run"
    outcome = server.train(root, log=str(root.parent / "log.json"))
    assert outcome.status == 0, outcome
    return root


@pytest.fixture(scope="session")
def expected(straight: Path) -> dict[str, Any]:
    """What the run must hold in the end, whatever happens to it."""
    return digest(straight)


@pytest.fixture(scope="session")
def trace(straight: Path) -> Trace:
    """All changes to the disk of the uninterrupted run, in order."""
    return read_trace(straight.parent / "log.json")
