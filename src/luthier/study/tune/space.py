"""The search space: settings, where each stands in a recipe, which values it may take, and when it is there at all."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import Trial

from luthier.core.declare import Declared, Hyperparameter, Registry
from luthier.recipe.read import read_recipe
from luthier.recipe.recipe import FAMILIES, PLAIN, TABLES, Recipe
from luthier.recipe.values import with_value

EDGE = 0.05
"""Share of a range, as it is searched, that counts as its boundary."""


@dataclass(frozen=True)
class Dimension:
    """One searched setting.

    path: of the setting in the recipe; where there are scales, a name of its own.
    low, high: the range, both ends included; None where there are choices. log: whether tries spread evenly over
    orders of magnitude. step: distance of whole numbers from low; None is every number. whole: whether it takes whole
    numbers. choices: the values, where there is no range.
    only: it is there where the recipe has one of these values at each of these paths.
    scales: settings that get the value times a factor, by their paths; none where the path itself is set.
    says: what it does, in a sentence.
    """

    path: str
    low: float | None = None
    high: float | None = None
    log: bool = False
    step: int | None = None
    whole: bool = False
    choices: tuple[Any, ...] = ()
    only: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    scales: Mapping[str, float] = field(default_factory=dict)
    says: str = ""

    @property
    def distribution(self) -> BaseDistribution:
        """The same as a distribution of Optuna."""
        if self.choices:
            return CategoricalDistribution(self.choices)
        low, high = self._ends
        if self.whole:
            return IntDistribution(int(low), int(high), log=self.log, step=self.step or 1)
        return FloatDistribution(low, high, log=self.log)

    @property
    def _ends(self) -> tuple[float, float]:
        assert self.low is not None and self.high is not None
        return self.low, self.high

    def suggest(self, trial: Trial) -> Any:
        """Let Optuna propose a value."""
        if self.choices:
            return trial.suggest_categorical(self.path, self.choices)
        low, high = self._ends
        if self.whole:
            return trial.suggest_int(self.path, int(low), int(high), log=self.log, step=self.step or 1)
        return trial.suggest_float(self.path, low, high, log=self.log)

    def contains(self, value: Any) -> bool:
        """Say whether a value may be tried.

        >>> Dimension("a", 1, 10).contains(11), Dimension("a", choices=("x", "y")).contains("x")
        (False, True)
        """
        if self.choices:
            return value in self.choices
        low, high = self._ends
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            return False
        return not self.whole or (isinstance(value, int) and (value - int(low)) % (self.step or 1) == 0)

    def value_at(self, share: float) -> Any:
        """Return the value at a share of the range, in [0, 1).

        >>> Dimension("rate", 0.001, 0.1, log=True).value_at(0.5)
        0.01
        """
        if self.choices:
            return self.choices[int(share * len(self.choices))]
        low, high = self._ends
        if self.whole:
            return self._whole_value_at(share, int(low), int(high))
        return min(high, max(low, _round(_between(low, high, share, self.log))))

    def _whole_value_at(self, share: float, low: int, high: int) -> int:
        step = self.step or 1
        if self.log:
            return min(high, max(low, round(_between(low - 0.5, high + 0.5, share, log=True))))
        return low + step * int(share * ((high - low) // step + 1))

    def share_below(self, value: Any) -> float:
        """Return the share of the range below a value, from 0 at low to 1 at high."""
        low, high = self._ends
        return float(math.log(value / low) / math.log(high / low) if self.log else (value - low) / (high - low))

    def find_edge(self, value: Any) -> str | None:
        """Return the boundary of the range that a value is at, low or high; None in its middle, or of choices."""
        if self.choices:
            return None
        share = self.share_below(value)
        return "low" if share <= EDGE else "high" if share >= 1 - EDGE else None

    def set_value(self, values: Mapping[str, Any], value: Any) -> dict[str, Any]:
        """Put a value into the nested values of a recipe."""
        if not self.scales:
            return with_value(values, self.path, value)
        for path, factor in self.scales.items():
            values = with_value(values, path, value * factor)
        return dict(values)

    def dump(self) -> dict[str, Any]:
        """Return plain values, from which `Dimension.of` makes it again."""
        found = asdict(self)
        return {**found, "choices": list(self.choices), "only": {key: list(one) for key, one in self.only.items()}}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Dimension":
        """Make a dimension from what `dump` gave."""
        only = {key: tuple(one) for key, one in values["only"].items()}
        return cls(**{**values, "choices": tuple(values["choices"]), "only": only})


def _between(low: float, high: float, share: float, log: bool) -> float:
    return float(low * (high / low) ** share) if log else low + (high - low) * share


def _round(value: float) -> float:
    """Round to six digits: more than a search can tell apart, and few enough to read."""
    return float(f"{value:.6g}")


Params = Mapping[str, Any]
"""Values by the path of their dimension."""


@dataclass(frozen=True)
class Space:
    """Dimensions around a recipe, those that others depend on first."""

    recipe: Recipe
    dimensions: tuple[Dimension, ...]

    def is_active(self, params: Params, dimension: Dimension) -> bool:
        """Say whether a setting is there beside these values; what they leave open is as in the recipe."""
        return all(
            (params[path] if path in params else self.own_value(path)) in allowed
            for path, allowed in dimension.only.items()
        )

    def own_value(self, path: str) -> Any:
        """Return what the recipe itself says at a path; None where it says nothing."""
        return _look_up(self._plain, path)

    @cached_property
    def _plain(self) -> dict[str, Any]:
        return self.recipe.dump()

    def default_values(self) -> dict[str, Any]:
        """Return the recipe's own values, as far as they lie in the space."""
        found: dict[str, Any] = {}
        for dimension in self.dimensions:
            value = _own_value_of(self._plain, dimension)
            if self.is_active(found, dimension) and value is not None and dimension.contains(value):
                found[dimension.path] = value
        return found

    def values_at(self, shares: Sequence[float]) -> dict[str, Any]:
        """Return the values at one share of each range, in the order of the dimensions."""
        found: dict[str, Any] = {}
        for one, share in zip(self.dimensions, shares, strict=True):
            if self.is_active(found, one):
                found[one.path] = one.value_at(share)
        return found

    def is_complete(self, params: Params) -> bool:
        """Say whether there is a value for every setting that is there."""
        return all(dimension.path in params for dimension in self.dimensions if self.is_active(params, dimension))

    def make_recipe(self, params: Params, seed: int) -> Recipe:
        """Make the recipe with these values under a seed.

        Raises BadInput where they do not go together.
        """
        values = self._plain
        for dimension in self.dimensions:
            if dimension.path in params and find_family(dimension.path):
                values = _choose_member(values, dimension.path.partition(".")[0], params[dimension.path])
        for dimension in self.dimensions:
            if dimension.path in params and not find_family(dimension.path):
                values = dimension.set_value(values, params[dimension.path])
        return read_recipe({**values, "seed": seed})


def _choose_member(values: dict[str, Any], section: str, name: str) -> dict[str, Any]:
    """Choose a member of a family; the settings of another one go with it."""
    return values if values[section]["name"] == name else {**values, section: {"name": name}}


def _own_value_of(plain: Mapping[str, Any], dimension: Dimension) -> Any:
    """Return what a recipe says where a dimension sets it; None where it says nothing. A missing part is off."""
    if dimension.scales:
        return 0.0 if dimension.low == 0 and not any(_look_up(plain, path) for path in dimension.scales) else None
    return _look_up(plain, dimension.path)


def _look_up(plain: Any, path: str) -> Any:
    for key in path.split("."):
        plain = plain.get(key) if isinstance(plain, Mapping) else None
    return plain


Choices = Mapping[str, Sequence[str]]
"""Names that a search may choose for a family, by section, such as those of optimizers."""


def find_declarations(path: str, recipe: Recipe, choices: Choices) -> dict[str, Hyperparameter]:
    """Find the declarations of a setting by the name of the part that has it; none where there is no such setting.

    path: such as training.batch_size, optimizer.momentum, augment.rotation.degrees.
    choices: what else than the recipe's own part may stand in a section; each may declare the setting otherwise.
    """
    classes = dict(_classes(path.split(".")[:-1], recipe, choices))
    name = path.rsplit(".", maxsplit=1)[-1]
    found = {part: one.hyperparameters() for part, one in classes.items()}
    return {part: setting for part, settings in found.items() for setting in settings if setting.name == name}


def _classes(section: Sequence[str], recipe: Recipe, choices: Choices) -> Iterator[tuple[str, type[Declared]]]:
    match section:
        case [name] if name in PLAIN:
            yield name, PLAIN[name]
        case [name] if name in FAMILIES:
            part = getattr(recipe, name)
            yield part.name, type(part)
            yield from ((one, FAMILIES[name].members[one]) for one in choices.get(name, ()))
        case [table, name] if table in TABLES and name in TABLES[table].members:
            yield name, TABLES[table].members[name]


def list_paths(recipe: Recipe, choices: Choices) -> list[str]:
    """List every path that can be searched, for a message that proposes the nearest."""
    sections = [*PLAIN, *FAMILIES, *(f"{table}.{name}" for table, family in TABLES.items() for name in family.members)]
    found = [
        f"{section}.{parameter.name}"
        for section in sections
        for _, cls in _classes(section.split("."), recipe, choices)
        for parameter in cls.hyperparameters()
    ]
    return sorted({*found, *(f"{name}.name" for name in FAMILIES)})


def find_family(path: str) -> Registry[Any] | None:
    """Find the family whose member a path chooses, such as optimizer.name; None of another path."""
    section, _, setting = path.partition(".")
    return FAMILIES.get(section) if setting == "name" else None
