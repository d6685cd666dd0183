"""Options of a command or a study: declared once, light enough for the command line, checked as hyperparameters are.

From one line come the check with its message, the flag with its help, and the field of the object that is handed on.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, get_type_hints

from luthier.core.errors import raise_all

if TYPE_CHECKING:  # pydantic takes as long to import as all of `luthier --help`
    from luthier.core.declare import Declared

KEY = "option"


@dataclass(frozen=True)
class Option:
    """What is declared of an option beside its name, type and default.

    description: a clause, for messages and for the help. at_least, above: its lowest number, included or not.
    at_most: its highest. metavar: what stands for its value in the help.
    """

    description: str
    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    metavar: str | None = None


def option(
    default: Any, *, description: str, at_least: float | None = None, above: float | None = None,
    at_most: float | None = None, metavar: str | None = None,
) -> Any:  # fmt: skip
    """Declare one option: a field of a dataclass that extends `Options`."""
    return field(default=default, metadata={KEY: Option(description, at_least, above, at_most, metavar)})


@dataclass(frozen=True)
class Options:
    """Base of declared options.

    >>> @dataclass(frozen=True)
    ... class Cooking(Options):
    ...     max_minutes: int = option(5, at_least=1, description="how long an egg boils")
    >>> Cooking(max_minutes=0).check()
    Traceback (most recent call last):
    luthier.core.errors.BadInput: --max-minutes must be a whole number at least 1, but got 0; how long ... (default 5)
    """

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if getattr(value, "ndim", None) == 0:  # NumPy's numbers are numbers, but no file takes them
                object.__setattr__(self, one.name, value.item())

    def check(self) -> None:
        """Raise BadInput with everything that is wrong: with each option, and between those that are sound."""
        faults = dict(self._faults())
        defaults = {one.name: one.default for one in fields(self)}
        sound = replace(self, **{name: defaults[name] for name in faults})
        raise_all([*faults.values(), *sound.conflicts()])

    def conflicts(self) -> Iterator[str]:
        """Say which options do not go together, one line each."""
        yield from ()

    def _faults(self) -> Iterator[tuple[str, str]]:
        """Find the options that are wrong by themselves, each with what is said of it."""
        from pydantic import ValidationError

        from luthier.core.declare import explain

        model = make_checker(type(self))
        try:
            model.model_validate({name: getattr(self, name) for name in declared_options(type(self))})
        except ValidationError as error:
            for line in explain(model, error, ""):
                name, _, rule = line.partition(" ")
                yield name, f"{flag(name)} {rule}"


@dataclass(frozen=True)
class PoolOptions(Options):
    """Options of whatever trains in worker processes."""

    workers: int | None = option(
        None, at_least=1, at_most=1024, description="trainings at once; by default one for each core"
    )
    threads: int = option(
        1, at_least=1, at_most=1024, description="threads of each worker; they decide the last bits of results"
    )


def declared_options(cls: type[Options]) -> dict[str, Option]:
    """List the declarations of a class by name, in the order of the source; fields that are no options are left out."""
    return {one.name: one.metadata[KEY] for one in fields(cls) if KEY in one.metadata}


def flag(name: str) -> str:
    """Name an option as the command line does.

    >>> flag("race_seeds")
    '--race-seeds'
    """
    return f"--{name.replace('_', '-')}"


def make_checker(cls: type[Options]) -> "type[Declared]":
    """Make a class of hyperparameters of the same options, by which they are checked."""
    from pydantic import create_model

    from luthier.core.declare import Declared, Range, hyperparameter

    types, defaults = get_type_hints(cls), {one.name: one.default for one in fields(cls)}
    settings: dict[str, Any] = {}
    for name, one in declared_options(cls).items():
        low = one.at_least if one.above is None else one.above
        ends = (-math.inf if low is None else low, math.inf if one.at_most is None else one.at_most)
        bounds = Range(*ends, low_open=one.above is not None) if ends != (-math.inf, math.inf) else None
        settings[name] = (types[name], hyperparameter(defaults[name], description=one.description, bounds=bounds))
    return create_model(cls.__name__, __base__=Declared, **settings)
