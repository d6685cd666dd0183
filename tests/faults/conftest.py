"""The fork server and the uninterrupted run that every other one must equal."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .rig.client import Server
from .rig.power import Trace
from .rig.state import digest


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.close()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the uninterrupted run lies."""
    return tmp_path_factory.mktemp("straight")


@pytest.fixture(scope="session")
def trace(server: Server, home: Path) -> Trace:
    """All changes to the disk of the uninterrupted run, in order."""
    return server.traced(home / "run")


@pytest.fixture(scope="session")
def straight(trace: Trace, home: Path) -> Path:
    """The directory of a run that nothing happened to."""
    return home / "run"


@pytest.fixture(scope="session")
def expected(straight: Path) -> dict[str, Any]:
    """What the run must hold in the end, whatever happens to it."""
    return digest(straight)
