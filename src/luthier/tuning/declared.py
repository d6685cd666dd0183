"""Finds the declaration of a setting by its path in a recipe."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from luthier.core.declare import Declared, Hyperparameter, Registry
from luthier.recipe import FAMILIES, PLAIN, TABLES, Recipe

Choices = Mapping[str, Sequence[str]]
"""Names that a search may choose for a family, by section, such as those of optimizers."""


def look_up(path: str, recipe: Recipe, choices: Choices) -> dict[str, Hyperparameter]:
    """The declarations of a setting by the name of the part that has it; none where there is no such setting.

    path: such as training.batch_size, optimizer.momentum, augment.rotation.degrees.
    choices: what else than the recipe's own part may stand in a section; each may declare the setting otherwise.
    """
    classes = dict(_classes(path.split(".")[:-1], recipe, choices))
    name = path.rsplit(".", maxsplit=1)[-1]
    found = {part: one.hyperparameters() for part, one in classes.items()}
    return {part: one for part, settings in found.items() for one in settings if one.name == name}


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


def searchable_paths(recipe: Recipe, choices: Choices) -> list[str]:
    """Every path that can be searched, for a message that proposes the nearest."""
    sections = [*PLAIN, *FAMILIES, *(f"{table}.{name}" for table, family in TABLES.items() for name in family.members)]
    found = [
        f"{section}.{one.name}"
        for section in sections
        for _, cls in _classes(section.split("."), recipe, choices)
        for one in cls.hyperparameters()
    ]
    return sorted({*found, *(f"{name}.name" for name in FAMILIES)})


def family_of(path: str) -> Registry[Any] | None:
    """The family whose member a path chooses, such as optimizer.name; None of another path."""
    section, _, setting = path.partition(".")
    return FAMILIES.get(section) if setting == "name" else None
