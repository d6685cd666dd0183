"""Tells which names of the catalogue no case trains with, so that the list of cases cannot fall behind."""

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from case import Case, Command

SECTIONS = {
    "activations": "activation",
    "architectures": "model",
    "augmentations": "augment",
    "data": "source",
    "initialisers": "initialiser",
    "layers": "layer",
    "losses": "loss",
    "metrics": "monitor",
    "optimizers": "optimizer",
    "sampling": "sampling",
    "schedules": "schedule",
    "splits": "split",
    "tricks": "tricks",
}
"""Each kind that `luthier list` knows, and where a recipe names its members."""

EXCEPTIONS = {
    **{("data", name): "needs files or a download" for name in ("cifar10", "fashion-mnist", "kmnist", "mnist")},
    ("architectures", "timm"): "needs a package that need not be there",
}

CATALOGUE = Case("", tuple(Command(f"list {kind} --json") for kind in SECTIONS))


def find_uncovered(listed: Path, cases: Iterable[Case]) -> list[str]:
    """Compare the lists that the catalogue's case left with what the recipes name."""
    covered = {place for case in cases for place in _named(tomllib.loads(case.recipe))}
    uncovered = []
    for number, (kind, section) in enumerate(SECTIONS.items(), start=1):
        items = json.loads((listed / f"stdout-{number}-list.json").read_text())["items"]
        for item in items:
            where = tuple(item.get("where", f"{section}.{item['name']}").split("."))
            if where not in covered and (kind, item["name"]) not in EXCEPTIONS:
                uncovered.append(f"{kind}: {item['name']}")
    return uncovered


def _named(recipe: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Walk through the names in a recipe, each with the section that it stands in."""
    for section, values in recipe.items():
        if isinstance(values, Mapping):
            yield from ((section, key) for key in (*values, values.get("name", "")))
    yield "source", recipe.get("data", {}).get("source", "")
    yield "monitor", recipe.get("training", {}).get("monitor", "")
    model = recipe.get("model", {})
    functions = [model.get("activation")]
    for layer in model.get("layers", []):
        yield "layer", layer["name"]
        functions.append(layer.get("function"))
    for function in functions:
        yield "activation", function["name"] if isinstance(function, Mapping) else str(function)
