"""From nested plain values to a recipe: each section is read once, and all that is wrong is said at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from luthier.core.declare import Part, Registry, read
from luthier.core.errors import raise_all, show, suggest_nearest
from luthier.data.config import DataConfig
from luthier.models import ARCHITECTURES, OwnModule
from luthier.recipe.compatibility import check_recipe
from luthier.recipe.recipe import DEFAULTS, FAMILIES, PLAIN, TABLES, Recipe
from luthier.training.trick import sort_tricks

LARGEST_SEED = (1 << 63) - 1


def read_recipe(values: Mapping[str, Any], own: Sequence[type[Part]] = ()) -> Recipe:
    """Build a recipe from nested plain values, with objects where the user has parts of their own.

    own: classes of such parts, so that plain values may name them.
    Raises BadInput with every broken rule, one line each.
    """
    recipe = _read_sections({"model": DEFAULTS["model"], **values}, own)
    return _in_order(recipe)


@dataclass(frozen=True)
class Draft:
    """A recipe as it was given: every section is read and checked once, and what only the data can decide is None.

    recipe: what was given, with the defaults of all that was left out.
    open: which of model, loss and monitor nobody named; they are None in recipe. A loss that the named architecture
        suggests stands there, but is for classes alone.
    values: as they were given, for the settings of an architecture that nobody named. own: classes of own parts.
    """

    recipe: Recipe
    open: frozenset[str]
    values: Mapping[str, Any]
    own: tuple[type[Part], ...]

    @property
    def data(self) -> DataConfig:
        """How the data are to be read: to the size of the architecture that is named, unless the values say another."""
        data = self.recipe.data
        size = data.size or (None if "model" in self.open else self.recipe.model.card.native_size)
        return data.model_copy(update={"size": size})


def read_draft(values: Mapping[str, Any], own: Sequence[type[Part]] = ()) -> Draft:
    """Read what a user gives, before the data are there; the arguments are those of `read_recipe`.

    Raises BadInput with everything that is wrong and does not depend on the data, as to read these may take long.
    """
    model = values.get("model", {})
    named = not isinstance(model, Mapping) or "name" in model
    recipe = _read_sections(values if named else {key: one for key, one in values.items() if key != "model"}, own)
    training, parts = recipe.training, dict[str, Any]()
    silent = {"model": not named, "loss": "loss" not in values, "monitor": "monitor" not in training.model_fields_set}
    if silent["loss"] and not (named and "loss" in recipe.model.card.suggests):
        parts["loss"] = None
    if silent["monitor"]:
        parts["training"] = training.model_copy(update={"monitor": None})
    left = frozenset(name for name, one in silent.items() if one)
    return Draft(_in_order(recipe, **parts), left, dict(values), tuple(own))


def _in_order(recipe: Recipe, **parts: Any) -> Recipe:
    return recipe.model_copy(update={**parts, "tricks": sort_tricks(recipe.tricks)})


def _read_sections(values: Mapping[str, Any], own: Sequence[type[Part]]) -> Recipe:
    """Read each section; without a model there is none, and the defaults stand for all else that is left out."""
    problems: list[str] = []
    known = {"seed", *PLAIN, *FAMILIES, *TABLES}
    problems += [
        f"{key} is not a section that exists; {suggest_nearest(key, known)}"
        for key in map(str, values)
        if key not in known
    ]
    model = values.get("model")
    if (model.get("name") if isinstance(model, Mapping) else model) == OwnModule.name:
        own = (*own, OwnModule)  # not otherwise: no one can choose it by name
    architecture = ARCHITECTURES.read(model, "model", problems, own) if "model" in values else None
    layered = _lay_over_suggested(architecture.card.suggests if architecture else {}, values)
    parts: dict[str, Any] = {"model": architecture, "seed": _seed(values.get("seed", 0), problems)}
    parts |= {name: read(cls, layered.get(name, {}), name, problems) for name, cls in PLAIN.items()}
    families = {name: family for name, family in FAMILIES.items() if name != "model"}
    parts |= {name: family.read(layered[name], name, problems, own) for name, family in families.items()}
    parts |= {name: _table(family, values.get(name, {}), name, problems, own) for name, family in TABLES.items()}
    recipe = Recipe.model_construct(**parts)
    raise_all([*problems, *check_recipe(recipe)])
    return recipe


def _lay_over_suggested(suggests: Mapping[str, object], values: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the user's values over what the architecture suggests, and that over the defaults."""
    below: dict[str, Any] = {**DEFAULTS, **suggests}
    return {**below, **{key: _lay_over(below.get(key, {}), value) for key, value in values.items()}}


def _lay_over(below: Any, value: Any) -> Any:
    """A table extends the one below it, unless it names another member of the family."""
    base = {"name": below} if isinstance(below, str) else below
    if not isinstance(value, Mapping) or value.get("name", base.get("name")) != base.get("name"):
        return value
    return {**base, **value}


def _seed(value: object, problems: list[str]) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_SEED:
        return value
    problems.append(
        f"seed must be a whole number from 0 to {LARGEST_SEED}, but got {show(value)}; set it with --seed 0"
    )
    return 0


def _table(
    family: Registry[Any], values: Any, where: str, problems: list[str], own: Sequence[type[Part]]
) -> tuple[Any, ...]:
    """Read a table of parts by name, or a sequence of names and objects."""
    if isinstance(values, Mapping):
        specs: Iterable[Any] = [
            {"name": name, **one} if isinstance(one, Mapping) else (name, one) for name, one in values.items()
        ]
    elif isinstance(values, list | tuple):
        specs = values
    else:
        problems.append(f"{where} must be a table of parts, but got {show(values)}; write [{where}.NAME]")
        return ()
    return tuple(part for spec in specs if (part := _member(family, spec, where, problems, own)) is not None)


def _member(family: Registry[Any], spec: Any, where: str, problems: list[str], own: Sequence[type[Part]]) -> Any:
    if isinstance(spec, tuple):
        problems.append(
            f"{where}.{spec[0]} must be a table of settings, but got {show(spec[1])}; "
            f"write [{where}.{spec[0]}] and its keys"
        )
        return None
    name = spec.get("name") if isinstance(spec, Mapping) else spec
    return family.read(spec, f"{where}.{name}" if isinstance(name, str) else where, problems, own)
