"""Finds what `inspect` describes: an architecture by name, a recipe file, or a run."""

import re
from pathlib import Path
from typing import Any

import torch
from torch import nn

from luthier.core.errors import BadInput, raise_all, show, suggest_nearest
from luthier.core.rng import fork_rng
from luthier.models import ARCHITECTURES, Architecture, OwnModule
from luthier.models.architecture import check_outputs
from luthier.models.inspect import Unfilled, inspect
from luthier.recipe.read import read_recipe
from luthier.recipe.values import read_toml
from luthier.run import Run

ROW_FEATURES = 30


CLASSES, MOST_CLASSES = 10, 100_000


def describe_network(
    what: str, shape: str | None = None, classes: int | None = None, memory: str | None = None
) -> dict[str, Any]:
    """Describe the network that a name, a recipe file or a run stands for.

    shape: of one example, as in 1x28x28, 100x3 or 30; by default the run's own, or one channel of the size that the
        recipe or the architecture names, or the shape of its publication.
    classes: number of outputs, by default 10; a run has its own.
    memory: that a training step may take, as in 4GB; adds the key `largest_batch`.
    Raises BadInput where nothing is found or the shape cannot be used.
    """
    if classes is not None and not 2 <= classes <= MOST_CLASSES:
        raise BadInput(f"classes must be from 2 to {MOST_CLASSES}, but got {show(classes)}; set it with --classes 10")
    path = Path(what)
    if path.is_dir():
        return _run(Run(path), parse_shape(shape), classes, parse_memory(memory))
    architecture, side = _from_recipe(path) if path.is_file() else (_named(what), None)
    size = parse_shape(shape) or _native(architecture, side)
    network = _built(architecture, size, classes or CLASSES)
    return inspect(network, size, parse_memory(memory))


def read_health(what: str) -> dict[str, Any]:
    """Return the health of a run's layers in training: `epochs`, each with `epoch` from 1, `step` and `layers`.

    Raises BadInput where there is no run, or its history says nothing of layers.
    """
    if not Path(what).is_dir():
        raise BadInput(f"--health needs the directory of a run, but got {what!r}; give the one that luthier printed")
    rows = [row for row in Run(what).history if "health" in row]
    if not rows:
        raise BadInput(
            f"--health needs a history with the health of layers, but {what} has none: no epoch was finished, or an "
            f"older Luthier wrote it; go on with: luthier resume {what}"
        )
    epochs = [{"epoch": row["epoch"] + 1, "step": row["step"], "layers": row["health"]} for row in rows]
    return {"run": what, "epochs": epochs}


def _built(architecture: Architecture, shape: tuple[int, ...], classes: int) -> nn.Module:
    try:
        with fork_rng(torch.device("cpu")), Unfilled():
            return architecture.build(shape, classes)
    except BadInput as error:
        if len(shape) != 2:
            raise
        hint = f"; where pictures are meant, name their channels too, as in --input 1x{shape[0]}x{shape[1]}"
        raise BadInput(*(problem + hint for problem in error.problems)) from None


def _run(run: Run, shape: tuple[int, ...] | None, classes: int | None, memory: int | None) -> dict[str, Any]:
    if classes not in (None, run.outputs):
        raise BadInput(f"a run keeps its own {run.outputs} classes, but got {classes}; leave --classes out")
    size = shape or tuple(run.metadata["shape"])
    check_outputs(run.network, size, run.outputs)
    return inspect(run.network, size, memory)


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
            f"{suggest_nearest(name, ARCHITECTURES.members)}"
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
    """Parse a shape written as 1x28x28, 100x3 or 30.

    >>> parse_shape("1x28x28")
    (1, 28, 28)
    """
    if text is None:
        return None
    parts = text.lower().split("x")
    if len(parts) > 3 or not all(re.fullmatch("[1-9][0-9]{0,4}", part) for part in parts):
        raise BadInput(
            f"an input shape must be CxHxW, TxF or F in whole numbers from 1 to 99999, but got {text!r}; "
            "write for example --input 1x28x28"
        )
    return tuple(map(int, parts))


UNITS = {
    "": 1,
    "k": 10**3,
    "m": 10**6,
    "g": 10**9,
    "t": 10**12,
    "ki": 2**10,
    "mi": 2**20,
    "gi": 2**30,
    "ti": 2**40,
    "p": 10**15,
    "e": 10**18,
    "pi": 2**50,
    "ei": 2**60,
}


def parse_memory(text: str | None) -> int | None:
    """Parse an amount of memory, written as 4GB, 1.5GiB or 300 MB, in bytes.

    >>> parse_memory("1.5GiB")
    1610612736
    """
    if text is None:
        return None
    match = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]+)?) ?(|[kmgtpe]i?)b", text.strip().lower())
    if not match:
        raise BadInput(f"memory must be a number with its unit, but got {text!r}; write for example --memory 4GB")
    return int(float(match[1]) * UNITS[match[2]])
