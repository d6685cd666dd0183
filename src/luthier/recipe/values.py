"""Nested plain values of a recipe: read from a file, set at a path, and laid over one another."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from luthier.core.declare import Declared
from luthier.core.errors import BadInput, raise_all, show
from luthier.recipe.recipe import FAMILIES, PLAIN, Recipe

LARGEST_FILE = 1 << 20

SHORT = {
    "epochs": ("training", "epochs"),
    "batch_size": ("training", "batch_size"),
    "learning_rate": ("optimizer", "learning_rate"),
    "monitor": ("training", "monitor"),
    "weight_decay": ("optimizer", "weight_decay"),
}
"""Keyword arguments of `train` for the settings that everybody changes."""

RecipeLike = Recipe | Mapping[str, Any] | Path | str | None
"""A recipe in any of the forms that a caller may give it in."""


def recipe_values(recipe: RecipeLike) -> dict[str, Any]:
    """Return the nested values of a recipe in any of its forms; none of None."""
    if recipe is None:
        return {}
    if isinstance(recipe, Recipe):
        return objects(recipe)
    if isinstance(recipe, Mapping):
        return dict(recipe)
    if not isinstance(recipe, str | Path):
        raise BadInput(
            f"recipe must be a Recipe, a dict or the path of a TOML file, but got {show(recipe)}; pass one of these"
        )
    return read_toml(Path(recipe))


def objects(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe's values, its parts as objects, so that a user's own parts survive."""
    plain = recipe.dump()
    parts = {name: getattr(recipe, name) for name in plain if name not in ("seed", "data", "training")}
    return {**plain, **parts}


def lay_over(values: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Lay what was passed beside a recipe over its values: short names of settings, and whole sections.

    >>> lay_over({"model": "mlp"}, {"epochs": 3, "seed": 1})
    {'model': 'mlp', 'training': {'epochs': 3}, 'seed': 1}
    """
    values = dict(values)
    for name, given in overrides.items():
        value = given.item() if isinstance(given, np.generic) else given
        if name in SHORT:
            section, key = SHORT[name]
            below = values.get(section, {})
            values[section] = below.dump() if isinstance(below, Declared) else below
            values = with_value(values, f"{section}.{key}", value)
        else:
            values[name] = value
    return values


def read_toml(path: Path, what: str = "a recipe") -> dict[str, Any]:
    """Read a recipe file into nested plain values; nothing in it can run. what: the file is, where it is another.

    Raises BadInput where it is missing, too large or not TOML.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)  # never all of it: a device has no end
        values = tomllib.loads(content.decode()) if len(content) <= LARGEST_FILE else {}
    except (OSError, ValueError, RecursionError) as error:
        known = isinstance(error, OSError | UnicodeDecodeError | tomllib.TOMLDecodeError | RecursionError)
        reason = error if known else "it holds a whole number of more than 4,300 digits"
        raise BadInput(f"{what} must be a readable TOML file, but {path} is not ({reason}); mend it") from None
    if len(content) > LARGEST_FILE:
        raise BadInput(f"{what} must be at most {LARGEST_FILE} bytes, but {path} is larger; is it {what}?")
    raise_all(
        f"whole numbers in {what} must have at most 64 bits, but {path} holds {setting} = {show(number)}; mend it"
        for setting, number in flatten(values).items()
        if isinstance(number, int) and abs(number) >> 63
    )
    return values


def with_setting(values: Mapping[str, Any], assignment: str) -> dict[str, Any]:
    """Apply one PATH=VALUE to nested values; VALUE is TOML, or else a text, as it is where the setting is one.

    >>> with_setting({}, "optimizer.learning_rate=0.1")
    {'optimizer': {'learning_rate': 0.1}}
    >>> with_setting({}, "data.target=2020")
    {'data': {'target': '2020'}}
    """
    path, equals, text = assignment.partition("=")
    if not equals or not all(path.strip().split(".")):
        raise BadInput(
            f"--set needs PATH=VALUE, but got {show(assignment)}; write for example --set optimizer.learning_rate=0.01"
        )
    value = toml_value(text.strip())
    return with_value(
        values, path.strip(), text.strip() if _is_text(path.strip()) and not isinstance(value, str) else value
    )


def _is_text(path: str) -> bool:
    """Return whether a setting is a text, so that a column called 2020 needs no quotes."""
    section, _, name = path.partition(".")
    settings = PLAIN[section].hyperparameters() if section in PLAIN else ()
    return any(one.name == name and one.kind == "str" and not one.choices for one in settings)


def with_value(values: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Put a value at a dotted path of nested values.

    >>> with_value({"model": "mlp"}, "model.depth", 3)
    {'model': {'name': 'mlp', 'depth': 3}}
    >>> with_value({"model": {"activation": {"slope": 0.2}}}, "model.activation", "leaky-relu")
    {'model': {'activation': {'name': 'leaky-relu', 'slope': 0.2}}}
    """
    keys = path.split(".")
    return _place_value(values, keys, value, path, named=keys[0] in FAMILIES)


def _place_value(values: Mapping[str, Any], keys: list[str], value: Any, path: str, named: bool) -> dict[str, Any]:
    """named: whether a text on the way is the name of a part, which stands for a table with that name."""
    below = values.get(keys[0], {})
    if len(keys) == 1:
        nameless = named and isinstance(value, str) and isinstance(below, Mapping) and below and "name" not in below
        return {**values, keys[0]: {"name": value, **below} if nameless else value}
    if named and isinstance(below, str):
        below = {"name": below}
    if not isinstance(below, Mapping):
        raise BadInput(f"{path} must lead through tables, but {keys[0]} is {show(below)}; set that first")
    return {**values, keys[0]: _place_value(below, keys[1:], value, path, named)}


def toml_value(text: str) -> Any:
    """Read a value as TOML does, or as a text where it is not TOML."""
    try:
        found = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):  # ValueError itself is of a whole number of more than 4,300 digits
        return text
    return found["value"] if len(found) == 1 else text


def flatten(values: Any, path: str = "") -> dict[str, Any]:
    """Return nested settings by their path, as `--set` takes them; a table without settings is none.

    >>> flatten({"seed": 1, "model": {"name": "mlp"}})
    {'seed': 1, 'model.name': 'mlp'}
    """
    if not isinstance(values, dict):
        return {path: list(values) if isinstance(values, tuple) else values}
    return {
        key: value
        for name, below in values.items()
        for key, value in flatten(below, f"{path}.{name}".lstrip(".")).items()
    }
