"""What `inspect` looks at: an architecture by name, a recipe file, or a run."""

import re
from pathlib import Path
from typing import Any

import torch

from luthier.core.errors import BadInput, nearest, raise_all
from luthier.models import ARCHITECTURES, Architecture, OwnModule
from luthier.models.architecture import probe
from luthier.models.inspect import inspect
from luthier.recipe import read_recipe, read_toml
from luthier.run import Run

ROW_FEATURES = 30
CLASSES = 10


def inspection(what: str, shape: str | None = None, classes: int | None = None) -> dict[str, Any]:
    """Describe the network that a name, a recipe file or a run stands for.

    shape: of one example, as in 1x28x28; by default the run's own, or one channel of the size that the recipe or the
        architecture names, or the publication's shape.
    classes: number of outputs, by default 10; a run has its own.
    Raises BadInput where nothing is found or the shape cannot be used.
    """
    if classes is not None and classes < 2:
        raise BadInput(f"classes must be at least 2, but got {classes}; set it with --classes 10")
    path = Path(what)
    if path.is_dir():
        return _run(Run(path), parse_shape(shape), classes)
    architecture, side = _from_recipe(path) if path.is_file() else (_named(what), None)
    size = parse_shape(shape) or _native(architecture, side)
    with torch.random.fork_rng(devices=[]):
        return inspect(architecture.build(size, classes or CLASSES), size)


def _run(run: Run, shape: tuple[int, ...] | None, classes: int | None) -> dict[str, Any]:
    if classes not in (None, len(run.classes)):
        raise BadInput(f"a run keeps its own {len(run.classes)} classes, but got {classes}; leave --classes out")
    size = shape or tuple(run.metadata["shape"])
    probe(run.network, size, len(run.classes))
    return inspect(run.network, size)


def _from_recipe(path: Path) -> tuple[Architecture, int | None]:
    recipe = read_recipe(read_toml(path))
    if isinstance(recipe.model, OwnModule):
        raise BadInput(f"inspect takes architectures of the catalogue, but {path} names a module passed from Python; "
                       "give luthier.models.inspect.inspect the module")  # fmt: skip
    return recipe.model, recipe.data.size


def _named(name: str) -> Architecture:
    if name.partition(":")[0] not in ARCHITECTURES.members:
        raise BadInput(
            f"inspect takes an architecture, a recipe file or a run, but got {name!r}; "
            f"{nearest(name, ARCHITECTURES.members)}"
        )
    problems: list[str] = []
    architecture = ARCHITECTURES.read(name, "model", problems)
    raise_all(problems)
    assert architecture is not None
    return architecture


def _native(architecture: Architecture, side: int | None) -> tuple[int, ...]:
    side = side or architecture.card.native_size
    return (1, side, side) if side else architecture.card.paper_shape or (ROW_FEATURES,)


def parse_shape(text: str | None) -> tuple[int, ...] | None:
    """Read a shape written as 1x28x28 or 30.

    >>> parse_shape("1x28x28")
    (1, 28, 28)
    """
    if text is None:
        return None
    parts = text.lower().split("x")
    if len(parts) not in (1, 3) or not all(re.fullmatch("[1-9][0-9]{0,4}", part) for part in parts):
        raise BadInput(
            f"an input shape must be CxHxW or F in whole numbers, but got {text!r}; write for example --input 1x28x28"
        )
    return tuple(map(int, parts))
