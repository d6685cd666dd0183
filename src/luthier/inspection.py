"""What `inspect` looks at: an architecture by name, a recipe file, or a run."""

from pathlib import Path
from typing import Any

import torch

from luthier.core.errors import BadInput, nearest, raise_all
from luthier.models import ARCHITECTURES, Architecture
from luthier.models.inspect import inspect
from luthier.recipe import read_recipe, read_toml
from luthier.run import Run

ROW_FEATURES = 30


def inspection(what: str, shape: str | None, classes: int) -> dict[str, Any]:
    """Describe the network that a name, a recipe file or a run stands for.

    shape: of one example, as in 1x28x28; by default the run's own, or one channel of the architecture's native size.
    classes: number of outputs, where no run says it.
    Raises BadInput where nothing is found or the shape cannot be used.
    """
    if classes < 2:
        raise BadInput(f"classes must be at least 2, but got {classes}; set it with --classes 10")
    path = Path(what)
    if path.is_dir():
        run = Run(path)
        return inspect(run.network, parse_shape(shape) or tuple(run.metadata["shape"]))
    architecture = read_recipe(read_toml(path)).model if path.is_file() else _named(what)
    size = parse_shape(shape) or _native(architecture)
    with torch.random.fork_rng(devices=[]):
        return inspect(architecture.build(size, classes), size)


def _named(name: str) -> Architecture:
    if name not in ARCHITECTURES.members:
        raise BadInput(
            f"inspect takes an architecture, a recipe file or a run, but got {name!r}; "
            f"{nearest(name, ARCHITECTURES.members)}"
        )
    problems: list[str] = []
    architecture = ARCHITECTURES.read(name, "model", problems)
    raise_all(problems)
    assert architecture is not None
    return architecture


def _native(architecture: Architecture) -> tuple[int, ...]:
    side = architecture.card.native_size
    return (1, side, side) if side else (ROW_FEATURES,)


def parse_shape(text: str | None) -> tuple[int, ...] | None:
    """Read a shape written as 1x28x28 or 30.

    >>> parse_shape("1x28x28")
    (1, 28, 28)
    """
    if text is None:
        return None
    parts = text.lower().split("x")
    if len(parts) not in (1, 3) or not all(part.isdigit() and 0 < int(part) < 100_000 for part in parts):
        raise BadInput(
            f"an input shape must be CxHxW or F in whole numbers, but got {text!r}; write for example --input 1x28x28"
        )
    return tuple(map(int, parts))
