"""What every test gets: user directories of its own, and the machine's settings as they were."""

import itertools
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

# Before torch comes in: small networks gain nothing from a second thread, and test processes side by side lose much.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
import torch
from torch import nn

from luthier.core.files import read_sealed, sha256, write_sealed

# A shell lets what it starts in the background ignore interrupts, nohup lets it ignore hang-ups, and children inherit
# that: the signals that tests send to their children must arrive however the tests were started.
for number, handler in {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL}.items():
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)

NUMBERS = itertools.count()
LUTHIER_DATA = os.environ.get("LUTHIER_DATA")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the slow tests first: the longest, begun last, would leave the other processes idle beside it."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(autouse=True)
def own_directories(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the user's own state, cache and data out of the tests, and the network too.

    The folders are there once something is written.
    """
    home = tmp_path_factory.getbasetemp() / "users" / str(next(NUMBERS))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.delenv("LUTHIER_DATA", raising=False)
    monkeypatch.setenv("LUTHIER_OFFLINE", "1")


@pytest.fixture(autouse=True)
def one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let studies train in this process where a test does not ask for workers, which take a while to start."""
    monkeypatch.setattr("luthier.study.worker_pool.count_processors", lambda: 1)


@pytest.fixture(autouse=True)
def same_threads() -> Iterator[None]:
    """Bits depend on the number of threads: a test that changes it must put it back."""
    before = torch.get_num_threads()
    yield
    assert torch.get_num_threads() == before


@pytest.fixture
def mnist_dir(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder with the four files of MNIST, which `load("mnist")` then finds through $LUTHIER_DATA."""
    folder = Path(LUTHIER_DATA or "unset") / "mnist"
    if not folder.is_dir():
        pytest.skip("LUTHIER_DATA names no folder that holds mnist/")
    monkeypatch.setenv("LUTHIER_DATA", str(folder.parent))
    return folder


class TimmStandIn(ModuleType):
    """Answers as timm does, which need not be there: it knows two networks, and keeps what it was asked for."""

    def __init__(self) -> None:
        super().__init__("timm")
        self.asked: list[tuple[str, int, int]] = []

    def list_models(self) -> list[str]:
        return ["resnet18", "convnext_atto"]

    def create_model(self, name: str, num_classes: int, in_chans: int) -> nn.Module:
        self.asked.append((name, num_classes, in_chans))
        maps = nn.Sequential(nn.Conv2d(in_chans, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU())
        return nn.Sequential(maps, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, num_classes))


@pytest.fixture
def timm(monkeypatch: pytest.MonkeyPatch) -> TimmStandIn:
    """A stand-in for timm that can be imported."""
    module = TimmStandIn()
    monkeypatch.setitem(sys.modules, "timm", module)
    return module


@pytest.fixture(scope="session")
def rewrite_history() -> Callable[[Path, Callable[[dict[str, Any]], dict[str, Any]]], None]:
    """Change each row of a finished run's history, and the checksum in its result with it."""

    def rewrite(run: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        history, result = run / "history.jsonl", run / "result.json"
        rows = [json.dumps(change(json.loads(line))) + "\n" for line in history.read_text().splitlines()]
        history.write_text("".join(rows))
        values = read_sealed(result)
        write_sealed(result, {**values, "sha256": {**values["sha256"], history.name: sha256(history)}})

    return rewrite
