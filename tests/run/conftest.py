"""A small run that ends in no time."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from luthier.api import train
from luthier.run import Run
from luthier.testing.material import pictures, rows


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Run]:
    """Train on small rows, or on small pictures where `side` is given."""

    def make(name: str = "run", side: int | None = None, **settings: Any) -> Run:
        data = pictures(61, side=side) if side else rows(53)
        given = {"model": {"name": "mlp", "depth": 1, "width": 5}, "epochs": 2, "batch_size": 16, **settings}
        return train(data, given.pop("model"), out=tmp_path / name, quiet=True, **given)

    return make


@pytest.fixture
def finished(make_run: Callable[..., Run]) -> Run:
    return make_run()
