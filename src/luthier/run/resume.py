"""What must agree before a run goes on, and what is said where it does not."""

import warnings
from typing import Any

from luthier.core.errors import BadInput, LuthierWarning
from luthier.environment import environment
from luthier.recipe import Recipe, read_recipe

SHOWN = 10
FOUND = ("extra", "pseudo_labels", "source", "task", "unlabelled")
"""How the data are found, which the fingerprint makes good."""


def check_same_recipe(before: dict[str, Any], now: Recipe) -> None:
    """Refuse a checkpoint of another recipe, naming the first differences; the number of epochs may change."""
    differing = [line for key, line in differences(before, now).items() if key != "training.epochs"]
    if differing:
        shown = "; ".join(differing[:SHOWN])
        raise BadInput(f"a run must go on with its own recipe, but {shown}; restore recipe.toml or start a new run")


def differences(before: dict[str, Any], now: Recipe) -> dict[str, str]:
    """Say by path what differs between a recipe as it was dumped and one of today, all but how the data were found."""
    old, new = flat(_complete(before)), flat(now.dump())
    keys = sorted((old.keys() | new.keys()) - {f"data.{name}" for name in FOUND})
    return {key: f"{key} was {old.get(key)!r}, is {new.get(key)!r}" for key in keys if old.get(key) != new.get(key)}


def _complete(before: dict[str, Any]) -> dict[str, Any]:
    """A recipe with the defaults of what was no setting yet when it was written."""
    try:
        return read_recipe(before).dump()
    except BadInput:  # parts of the user's own, which no name finds: they are compared as they were written
        return before


def flat(values: Any, path: str = "") -> dict[str, Any]:
    """Nested settings by their path.

    >>> flat({"seed": 1, "model": {"name": "mlp"}})
    {'seed': 1, 'model.name': 'mlp'}
    """
    if not isinstance(values, dict):
        return {path: list(values) if isinstance(values, tuple) else values}
    return {
        key: one for name, below in values.items() for key, one in flat(below, f"{path}.{name}".lstrip(".")).items()
    }


def warn_of_changes(before: dict[str, Any]) -> None:
    """Say where bit-for-bit equality with the uninterrupted run ends."""
    now = environment()
    changed = [
        f"{key} was {before[key]}, is {now[key]}"
        for key in ("torch", "threads", "processor")
        if before[key] != now[key]
    ]
    if changed:
        warnings.warn(
            f"the result may differ in its last bits from the uninterrupted run: {', '.join(changed)}",
            LuthierWarning,
            stacklevel=3,
        )
