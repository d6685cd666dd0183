"""What the tests of the contracts share: one thread, and the weights of a teacher."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from luthier.testing.training import prepared, start_training


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Networks this small are slower with several threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def teacher(tmp_path: Path) -> Callable[[dict[str, Any]], str]:
    """Train a small recipe with another seed and give the path of its weights."""

    def trained(sections: dict[str, Any]) -> str:
        path = tmp_path / "teacher.safetensors"
        done = start_training(lambda: prepared({"seed": 7, **sections}).trainer).advance()
        save_file({name: one.contiguous() for name, one in done.final().items()}, path)
        return str(path)

    return trained
