"""The command line in this process: what it prints, where, and with which status it leaves."""

import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from luthier.cli import main
from luthier.testing.material import pictures, rows


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one object on stdout."""
        assert self.status in (0, 1), self.err
        (line,) = self.out.splitlines()
        return json.loads(line)

    @property
    def problems(self) -> list[str]:
        """What a refused command said, line by line."""
        assert (self.status, self.out) == (2, "")
        lines = self.err.splitlines()
        assert all(line.startswith("luthier: ") for line in lines)
        return [line.removeprefix("luthier: ") for line in lines]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with small data: rows.npz, and pictures.npz of 9 pixels a side."""
    for name, data in {"rows": rows(53), "pictures": pictures(61, side=9)}.items():
        np.savez(tmp_path / f"{name}.npz", X=data.inputs, y=data.labels)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def luthier(here: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run a command as the shell would, without a new process."""

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        with warnings.catch_warnings(), pytest.raises(SystemExit) as caught:
            main([str(one) for one in arguments])
        assert isinstance(caught.value.code, int)
        return Outcome(caught.value.code, *capsys.readouterr())

    return run


@pytest.fixture
def run(luthier: Callable[..., Outcome]) -> Path:
    """A finished run on rows.npz: two epochs of three steps."""
    settings = ["--set", "model.width=5", "--set", "training.batch_size=16"]
    assert luthier("train", "rows.npz", "--epochs", 2, *settings, "--out", "run", "--quiet").status == 0
    return Path("run")
