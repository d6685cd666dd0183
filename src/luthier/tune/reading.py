"""Reads a search space from what a TOML file says, and the declarations."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeGuard

from luthier.core.declare import Hyperparameter
from luthier.core.errors import BadInput, nearest, raise_all
from luthier.recipe import FAMILIES, Recipe
from luthier.tune.declared import Choices, declared, family_of, paths
from luthier.tune.dimension import Dimension
from luthier.tune.space import Space

KEYS = {"low", "high", "log", "step", "choices", "only"}
FIXED = {
    "training.epochs": "how long a trial may take at most; set it with --epochs",
    "training.monitor": "what trials are compared by; set it with --monitor",
    "split": "what trials are compared on; set it with --set",
    "data": "what trials are compared on; set it with --set",
}
"""What cannot be searched, and why."""


def read_space(values: Mapping[str, Any], recipe: Recipe) -> Space:
    """Make a space of what a TOML file says: a table for each path, empty for the declared range.

    values: nested by path, such as {"optimizer": {"learning_rate": {"low": 0.001, "high": 0.1}}}. A table may have low,
        high, log, step; or choices; and only, a table of lists by path.
    Raises BadInput with everything that is wrong.

    >>> from luthier.recipe import read_recipe
    >>> recipe = read_recipe({"model": "mlp"})
    >>> space = read_space({"model": {"width": {}}, "optimizer": {"learning_rate": {"high": 0.1}}}, recipe)
    >>> [(one.path, one.low, one.high) for one in space.dimensions]
    [('model.width', 16, 1024), ('optimizer.learning_rate', 0.0001, 0.1)]
    """
    tables = dict(_tables(values))
    choices = {
        path.partition(".")[0]: [one for one in table.get("choices", family.members) if one in family.members]
        for path, table in tables.items()
        if (family := family_of(path))
    }
    problems: list[str] = []
    found = [_dimension(path, table, recipe, choices, problems) for path, table in tables.items()]
    if not tables:
        problems.append("a search space must have a setting at least, but got none; write for example [model.width]")
    raise_all(problems)
    return Space(recipe, in_order([one for one in found if one is not None]))


def in_order(dimensions: Sequence[Dimension]) -> tuple[Dimension, ...]:
    """Those first that others depend on; for the rest, the order stays."""
    return tuple(sorted(dimensions, key=lambda one: family_of(one.path) is None))


def _tables(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """The tables by path: those that are empty or say nothing but what a table may say."""
    for key, value in values.items():
        path = f"{above}.{key}".lstrip(".")
        if not isinstance(value, Mapping):
            raise BadInput(
                f"a search space must hold a table for each setting, but {path} is {value!r}; "
                f"write [{path}] and low and high, or choices, or nothing for the declared range"
            )
        if not value or any(not isinstance(one, Mapping) for one in value.values()) or "only" in value:
            yield path, dict(value)
        else:
            yield from _tables(value, path)


def _dimension(
    path: str, table: dict[str, Any], recipe: Recipe, choices: Choices, problems: list[str]
) -> Dimension | None:
    before = len(problems)
    problems += [
        f"{path}.{key} is nothing that a search space knows; {nearest(key, KEYS)}"
        for key in sorted(table.keys() - KEYS)
    ]
    why = next((why for fixed, why in FIXED.items() if path == fixed or path.startswith(f"{fixed}.")), None)
    if why:
        problems.append(f"{path} cannot be searched: it is {why}")
    only = {key: tuple(one) for key, one in table.get("only", {}).items()}
    made = _of_family(path, table) if family_of(path) else _of_setting(path, table, recipe, choices, problems)
    if len(problems) > before or made is None:
        return None
    one = replace(made, only={**made.only, **only})
    faults = list(_faults(one)) or list(_illegal(one, recipe))
    problems += faults
    return None if faults else one


def _illegal(one: Dimension, recipe: Recipe) -> Iterator[str]:
    """What a recipe refuses at the ends of a range, or of the choices, where the setting is there."""
    base = {path: allowed[0] for path, allowed in one.only.items()}
    space = Space(recipe, (*(Dimension(path, choices=(value,)) for path, value in base.items()), one))
    for value in one.choices or (one.low, one.high):
        try:
            space.recipe_of({**base, one.path: value}, recipe.seed)
        except BadInput as error:
            yield from (f"the search space goes too far: {line}" for line in error.problems)


def _of_family(path: str, table: Mapping[str, Any]) -> Dimension:
    family = family_of(path)
    assert family is not None
    return Dimension(path, choices=tuple(table.get("choices", family.members)), says=f"which {family.title}")


def _of_setting(
    path: str, table: Mapping[str, Any], recipe: Recipe, choices: Choices, problems: list[str]
) -> Dimension | None:
    settings = declared(path, recipe, choices)
    if not settings:
        problems.append(f"{path} is not a setting that exists; {_near(path, recipe, choices)}")
        return None
    section = path.partition(".")[0]
    only = {f"{section}.name": tuple(settings)} if section in FAMILIES and choices.get(section) else {}
    return replace(from_declarations(path, list(settings.values()), table, problems), only=only)


def _near(path: str, recipe: Recipe, choices: Choices) -> str:
    known = paths(recipe, choices)
    return nearest(path, [one for one in known if one.split(".")[0] == path.split(".", maxsplit=1)[0]] or known)


def from_declarations(
    path: str, settings: Sequence[Hyperparameter], table: Mapping[str, Any], problems: list[str]
) -> Dimension:
    """Lay a table over what parts declare of a setting; where several do, their ranges are taken together."""
    first, searches = settings[0], [one.search for one in settings if one.search]
    offered = table.get("choices", first.choices or ((False, True) if first.kind == "bool" else ()))
    if offered:
        return Dimension(path, choices=tuple(offered), says=first.says)
    low = table.get("low", min((one.low for one in searches), default=None))
    high = table.get("high", max((one.high for one in searches), default=None))
    if low is None or high is None:
        problems.append(f"{path} declares no range to search; give it low and high, or choices")
    log, step = table.get("log", any(one.log for one in searches)), table.get("step", _step(searches))
    return Dimension(path, low, high, log, step, first.kind == "int", says=first.says)


def _step(searches: Sequence[Any]) -> int | None:
    return next((one.step for one in searches if one.step), None)


def _faults(one: Dimension) -> Iterator[str]:
    if one.choices:
        if len(set(one.choices)) < 2:
            yield f"{one.path} must have at least two choices, but got {list(one.choices)}; add one, or leave it out"
        return
    if not (_is_number(one.low) and _is_number(one.high)):
        yield f"{one.path} must range between two numbers, but got {one.low!r} to {one.high!r}; mend low and high"
    elif not one.low < one.high:
        yield f"{one.path} must have low below high, but got {one.low} to {one.high}; a single point is no search"
    elif one.log and one.low <= 0:
        yield f"{one.path} has orders of magnitude above 0 alone, but low is {one.low}; raise it or set log = false"
    elif one.whole and not (isinstance(one.low, int) and isinstance(one.high, int)):
        yield f"{one.path} takes whole numbers, but got {one.low!r} to {one.high!r}; round low and high"


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")
