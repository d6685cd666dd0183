"""Reads a search space from what a TOML file says, and the declarations."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, TypeGuard

from luthier.core.declare import WORDS, Hyperparameter
from luthier.core.errors import BadInput, raise_all, suggest_nearest
from luthier.data import Dataset
from luthier.recipe.recipe import FAMILIES, Recipe
from luthier.study.tune.space import Choices, Dimension, Space, find_declarations, find_family, list_paths

INSIDE = 1e-6
RANGE = ("low", "high", "log", "step")
KEYS = {*RANGE, "choices", "only"}
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
    Raises BadInput with everything that is wrong: first with the form of the tables, then with what they say.

    >>> from luthier.recipe.read import read_recipe
    >>> recipe = read_recipe({"model": "mlp"})
    >>> space = read_space({"model": {"width": {}}, "optimizer": {"learning_rate": {"high": 0.1}}}, recipe)
    >>> [(one.path, one.low, one.high) for one in space.dimensions]
    [('model.width', 16, 1024), ('optimizer.learning_rate', 0.0001, 0.1)]
    """
    tables = dict(_list_tables(values))
    raise_all(fault for path, table in tables.items() for fault in _find_malformed(path, table))
    choices = {
        path.partition(".")[0]: [member for member in table.get("choices", family.members) if member in family.members]
        for path, table in tables.items()
        if (family := find_family(path))
    }
    problems: list[str] = []
    found = [_read_dimension(path, table, recipe, choices, problems) for path, table in tables.items()]
    if not tables:
        problems.append("a search space must have a setting at least, but got none; write for example [model.width]")
    raise_all(problems)
    space = Space(recipe, sort_dimensions([one for one in found if one is not None]))
    raise_all(_find_unreachable(space))
    return space


def sort_dimensions(dimensions: Sequence[Dimension]) -> tuple[Dimension, ...]:
    """Put first what others depend on, which chooses parts; for the rest, the order stays.

    Raises BadInput where they depend on each other in a circle.
    """
    waiting, found = sorted(dimensions, key=lambda one: find_family(one.path) is None), list[Dimension]()
    while waiting:
        paths = {one.path for one in waiting}
        ready = next((one for one in waiting if not paths & one.only.keys()), None)
        if ready is None:
            raise BadInput(f"settings must not depend on each other in a circle, as {', '.join(sorted(paths))} do")
        waiting.remove(ready)
        found.append(ready)
    return tuple(found)


def _find_unreachable(space: Space) -> Iterator[str]:
    """Find settings that no recipe of the space has."""
    searched = {dimension.path: dimension for dimension in space.dimensions}
    for dimension in space.dimensions:
        for path, allowed in dimension.only.items():
            if not any(
                searched[path].contains(value) if path in searched else value == space.own_value(path)
                for value in allowed
            ):
                yield (
                    f"{dimension.path} is there where {path} is one of {list(allowed)}, which it never is; "
                    f"search {path} among these values, or mend only"
                )


def _list_tables(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """List the tables by path: those that are empty or say nothing but what a table may say."""
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
            yield from _list_tables(value, path)


def _find_malformed(path: str, table: Mapping[str, Any]) -> Iterator[str]:
    """Find what is wrong with a table before one asks what it means."""
    unknown = table.keys() - KEYS
    yield from (
        f"{path}.{key} is nothing that a search space knows; {suggest_nearest(key, KEYS)}" for key in sorted(unknown)
    )
    if "choices" in table and not _is_list(table["choices"]):
        yield f"{path}.choices must be a list of plain values, but got {table['choices']!r}; write them in brackets"
    if "choices" in table and table.keys() & RANGE:
        yield f"{path} must have choices or a range, but got both; leave out choices or {', '.join(RANGE)}"
    if not isinstance(table.get("log", False), bool):
        yield f"{path}.log must be true or false, but got {table['log']!r}; write it without quotes"
    step = table.get("step", 1)
    if isinstance(step, bool) or not isinstance(step, int) or step < 1:
        yield f"{path}.step must be a whole number of at least 1, but got {step!r}; mend it or leave it out"
    if table.get("log") and "step" in table:
        yield f"{path} must have log or step, but got both; orders of magnitude have no equal steps, leave one out"
    only = table.get("only", {})
    if not isinstance(only, Mapping) or not all(map(_is_list, only.values())):
        yield (
            f"{path}.only must be a table of lists of values by path, but got {only!r}; write for example "
            '{ "optimizer.name" = ["momentum"] }'
        )


def _is_list(value: object) -> bool:
    """Say whether a value is a list, not empty, of what a recipe can say in a word."""
    return isinstance(value, list | tuple) and value != [] and all(isinstance(one, str | int | float) for one in value)


def _read_dimension(
    path: str, table: dict[str, Any], recipe: Recipe, choices: Choices, problems: list[str]
) -> Dimension | None:
    before = len(problems)
    why = next((why for fixed, why in FIXED.items() if path == fixed or path.startswith(f"{fixed}.")), None)
    if why:
        problems.append(f"{path} cannot be searched: it is {why}")
    if path.startswith("loss.") and recipe.training.monitor == "loss":
        problems.append(
            f"{path} cannot be searched where the loss decides: each trial would be scored by a loss of its own; "
            "set training.monitor to another metric, such as log-loss or accuracy"
        )
    if len(problems) > before:
        return None
    only = {key: tuple(one) for key, one in table.get("only", {}).items()}
    made = (
        _read_family(path, table, problems)
        if find_family(path)
        else _read_setting(path, table, recipe, choices, problems)
    )
    if len(problems) > before or made is None:
        return None
    one = replace(made, only={**made.only, **only})
    faults = list(_find_faults(one)) or list(_find_illegal(one, one.choices or _ends(one, table), recipe))
    problems += faults
    return None if faults else one


def _ends(one: Dimension, table: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return both ends of a range; a declared one just inside, as it may be open to another part than declares it."""
    low, high = one.value_at(INSIDE), one.value_at(1 - INSIDE)
    return table.get("low", low), high if "high" not in table else one.high


def _find_illegal(one: Dimension, values: Sequence[Any], recipe: Recipe) -> Iterator[str]:
    """Find what a recipe refuses of some values, where the setting is there."""
    space = Space(recipe, (*(Dimension(path, choices=allowed) for path, allowed in one.only.items()), one))
    found: dict[str, None] = {}  # each line once, in order
    for value, *others in product(values, *one.only.values()):
        try:
            space.make_recipe({**dict(zip(one.only, others, strict=True)), one.path: value}, recipe.seed)
        except BadInput as error:
            found.update(dict.fromkeys(error.problems))
    yield from (f"the search space goes too far: {line}" for line in found)


def _read_family(path: str, table: Mapping[str, Any], problems: list[str]) -> Dimension:
    family = find_family(path)
    assert family is not None
    return _read_choices(path, family.members, table, f"which {family.title}", problems)


def _read_choices(
    path: str, offered: Iterable[Any], table: Mapping[str, Any], says: str, problems: list[str]
) -> Dimension:
    if table.keys() & RANGE:
        problems.append(f"{path} has no range, but got {', '.join(sorted(table.keys() & RANGE))}; give choices instead")
    return Dimension(path, choices=tuple(table.get("choices", offered)), says=says)


def _read_setting(
    path: str, table: Mapping[str, Any], recipe: Recipe, choices: Choices, problems: list[str]
) -> Dimension | None:
    settings = find_declarations(path, recipe, choices)
    if not settings:
        problems.append(f"{path} is not a setting that exists; {_suggest_path(path, recipe, choices)}")
        return None
    kinds = {part: one.kind for part, one in settings.items()}
    if len(set(kinds.values())) > 1:
        means = ", ".join(f"{WORDS.get(kind, kind)} in {part}" for part, kind in kinds.items())
        problems.append(f"{path} must mean the same in every part that may be chosen, but is {means}; leave it out")
        return None
    section = path.partition(".")[0]
    only = {f"{section}.name": tuple(settings)} if section in FAMILIES and choices.get(section) else {}
    return replace(merge_declarations(path, list(settings.values()), table, problems), only=only)


def _suggest_path(path: str, recipe: Recipe, choices: Choices) -> str:
    known = list_paths(recipe, choices)
    return suggest_nearest(path, [one for one in known if one.split(".")[0] == path.split(".", maxsplit=1)[0]] or known)


def merge_declarations(
    path: str, settings: Sequence[Hyperparameter], table: Mapping[str, Any], problems: list[str]
) -> Dimension:
    """Lay a table over what parts declare of a setting; where several do, their ranges are taken together."""
    first, searches = settings[0], [setting.search for setting in settings if setting.search]
    offered = first.choices or ((False, True) if first.kind == "bool" else ())
    if offered or "choices" in table:
        return _read_choices(path, offered, table, first.description, problems)
    low = table.get("low", min((one.low for one in searches), default=None))
    high = table.get("high", max((one.high for one in searches), default=None))
    if low is None or high is None:
        problems.append(f"{path} declares no range to search; give it low and high, or choices")
    log = table.get("log", "step" not in table and any(one.log for one in searches))
    step = None if log else table.get("step", next((one.step for one in searches if one.step), None))
    return Dimension(path, low, _last_step(low, high, step), log, step, first.kind == "int", says=first.description)


def _last_step(low: Any, high: Any, step: int | None) -> Any:
    """Return the highest value that steps from low come to."""
    whole = step and isinstance(low, int) and isinstance(high, int) and low < high
    return low + (high - low) // step * step if whole else high


def _find_faults(one: Dimension) -> Iterator[str]:
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
    elif one.step and not one.whole:
        yield f"{one.path} takes any number, but got step {one.step}; leave it out, or give choices"


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")


SIX = ("optimizer.learning_rate", "optimizer.weight_decay", "training.batch_size", "model.dropout", "model.width")
"""The sixth is the strength of augmentation."""
STRENGTH = "augmentation-strength"
AT_FULL = {"augment.rotation.degrees": 20.0, "augment.random-scale.share": 0.2, "augment.translation.share": 0.1}
"""Strength 1: what handwriting and most photographs bear; none of them makes another sign of one."""
STEPS_PER_EPOCH = 4
"""An epoch of fewer steps is no training."""


def default_space(recipe: Recipe, dataset: Dataset, examples: int) -> Space:
    """Make the default space: learning rate, weight decay, batch size, dropout, network size and augmentation strength.

    examples: how many are trained on; a batch is at most a quarter of them.
    """
    return Space(
        recipe, sort_dimensions([*_declared_dimensions(recipe, examples), *_augmentation_strength(recipe, dataset)])
    )


def _declared_dimensions(recipe: Recipe, examples: int) -> Iterator[Dimension]:
    for path in SIX:
        settings = [setting for setting in find_declarations(path, recipe, {}).values() if setting.search]
        if not settings:
            continue
        one = merge_declarations(path, settings, {}, [])
        if path == "training.batch_size":
            one = replace(one, high=min(int(one.high or 0), examples // STEPS_PER_EPOCH))
        if one.low is not None and one.high is not None and one.low < one.high:
            yield one


def _augmentation_strength(recipe: Recipe, dataset: Dataset) -> Iterator[Dimension]:
    """Search how strongly images are changed; augmentations of the recipe are left as somebody chose them."""
    if dataset.is_picture and not recipe.augment:
        says = "how strongly pictures are turned, scaled and moved; 0 not at all, 1 by 20 degrees, a fifth and a tenth"
        yield Dimension(STRENGTH, 0.0, 1.0, scales=AT_FULL, says=says)
