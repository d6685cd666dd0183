"""The search space: settings around a recipe, and the recipes that it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from luthier.recipe import Recipe, read_recipe
from luthier.tuning.declared import family_of
from luthier.tuning.dimension import Dimension

Params = Mapping[str, Any]
"""Values by the path of their dimension."""


@dataclass(frozen=True)
class Space:
    """Dimensions around a recipe, those that others depend on first."""

    recipe: Recipe
    dimensions: tuple[Dimension, ...]

    def active(self, params: Params, dimension: Dimension) -> bool:
        """Whether a setting is there beside these values; what they leave open is as in the recipe."""
        return all(
            (params[path] if path in params else self.own(path)) in allowed for path, allowed in dimension.only.items()
        )

    def own(self, path: str) -> Any:
        """What the recipe itself says at a path; None where it says nothing."""
        return _at(self._plain, path)

    @cached_property
    def _plain(self) -> dict[str, Any]:
        return self.recipe.dump()

    def default(self) -> dict[str, Any]:
        """The recipe's own values, as far as they lie in the space."""
        found: dict[str, Any] = {}
        for one in self.dimensions:
            value = _value_of(self._plain, one)
            if self.active(found, one) and value is not None and one.has(value):
                found[one.path] = value
        return found

    def at(self, shares: Sequence[float]) -> dict[str, Any]:
        """The values at one share of each range, in the order of the dimensions."""
        found: dict[str, Any] = {}
        for one, share in zip(self.dimensions, shares, strict=True):
            if self.active(found, one):
                found[one.path] = one.at(share)
        return found

    def complete(self, params: Params) -> bool:
        """Whether there is a value for every setting that is there."""
        return all(one.path in params for one in self.dimensions if self.active(params, one))

    def recipe_of(self, params: Params, seed: int) -> Recipe:
        """The recipe with these values under a seed.

        Raises BadInput where they do not go together.
        """
        values = self._plain
        for one in self.dimensions:
            if one.path in params and family_of(one.path):
                values = _with_member(values, one.path.partition(".")[0], params[one.path])
        for one in self.dimensions:
            if one.path in params and not family_of(one.path):
                values = one.set(values, params[one.path])
        return read_recipe({**values, "seed": seed})


def _with_member(values: dict[str, Any], section: str, name: str) -> dict[str, Any]:
    """Choose a member of a family; the settings of another one go with it."""
    return values if values[section]["name"] == name else {**values, section: {"name": name}}


def _value_of(plain: Mapping[str, Any], dimension: Dimension) -> Any:
    """What a recipe says where a dimension sets it; None where it says nothing. A part that is not there is off."""
    if dimension.scales:
        return 0.0 if dimension.low == 0 and not any(_at(plain, path) for path in dimension.scales) else None
    return _at(plain, dimension.path)


def _at(plain: Any, path: str) -> Any:
    for key in path.split("."):
        plain = plain.get(key) if isinstance(plain, Mapping) else None
    return plain
