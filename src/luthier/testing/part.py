"""Checks every part of a recipe: frozen, described, written to a file and read back, closed to bad values."""

import math
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import tomli_w

from luthier.core.card import TrickCard
from luthier.core.declare import Hyperparameter, Part, Range, read, rule
from luthier.testing.compare import require

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def check_part(part: Part) -> None:
    """Check what all families have in common; the other batteries of this package begin with it.

    Raises AssertionError with what is wrong.
    """
    require(part.model_config.get("frozen") is True, f"{part.name} must be frozen; leave model_config as it is")
    _check_card(part)
    for hyperparameter in part.hyperparameters():
        _check_declaration(part, hyperparameter)
    _check_round_trip(part)
    for hyperparameter in part.hyperparameters():
        for value in list_bad_values(hyperparameter):
            _check_refused(part, hyperparameter, value)
    _check_unknown_refused(part)


def _check_card(part: Part) -> None:
    name = getattr(type(part), "name", None)
    require(
        isinstance(name, str) and NAME.fullmatch(name) is not None,
        f"the name of {type(part).__name__} must be lower-case words joined by dashes, but is {name!r}",
    )
    card = getattr(type(part), "card", None)
    require(card is not None, f"{name} must have a card")
    assert card is not None
    require(
        card.summary[:1].isupper() and card.summary.endswith(".") and "\n" not in card.summary,
        f"the card of {name} must sum it up in one sentence with a full stop, but says {card.summary!r}",
    )
    require(bool(card.source.strip()), f"the card of {name} must name its source, but is silent")
    if isinstance(card, TrickCard):
        require(name not in card.after, f"the card of {name} must not put it after itself")
        mute = [other for other, why in card.conflicts.items() if not why.strip()]
        require(not mute, f"the card of {name} must say why it conflicts with {', '.join(mute)}")


def _check_round_trip(part: Part) -> None:
    values = part.dump()
    require(values.pop("name", None) == part.name, f"{part.name} must dump its name")
    try:
        text = tomli_w.dumps(values)
    except TypeError as error:
        rule = "must hold only plain values, so that a recipe file can hold it"
        raise AssertionError(f"{part.name} {rule}, but {error}") from None
    problems: list[str] = []
    again = read(type(part), tomllib.loads(text), part.name, problems)
    require(again == part, f"{part.name} must read back what it dumps, but {part!r} became {again!r} {problems}")


def _check_declaration(part: Part, hyperparameter: Hyperparameter) -> None:
    where = f"{part.name}.{hyperparameter.name}"
    require(bool(hyperparameter.description.strip()), f"{where} must say what it does")
    if hyperparameter.bounds and hyperparameter.default is not None:
        require(
            is_inside(hyperparameter.default, hyperparameter.bounds),
            f"{where} must be legal by default, but {hyperparameter.default} is not {hyperparameter.bounds}",
        )
    if hyperparameter.search:
        ends = (hyperparameter.search.low, hyperparameter.search.high)
        require(ends[0] < ends[1], f"{where} must be searched from low to high, but from {ends[0]} to {ends[1]}")
        require(not hyperparameter.search.log or ends[0] > 0, f"{where} must be searched above 0 on a log scale")
        legal = hyperparameter.bounds or Range()
        require(all(is_inside(end, legal) for end in ends), f"{where} must be searched where it is legal, {legal}")


def is_inside(value: float, legal: Range) -> bool:
    """Return whether a number lies in a range.

    >>> is_inside(1, Range(0, 1, high_open=True))
    False
    """
    above = value > legal.low if legal.low_open else value >= legal.low
    below = value < legal.high if legal.high_open else value <= legal.high
    return above and below


def list_bad_values(hyperparameter: Hyperparameter) -> Iterator[Any]:
    """List values that a hyperparameter must refuse, from its declaration alone.

    >>> from luthier.optim.optimizers import SGD
    >>> list(list_bad_values(SGD.hyperparameters()[0]))
    ['no such value', None, nan, inf, True, -1.0]
    """
    yield 7 if hyperparameter.kind == "str" else "no such value"
    if hyperparameter.default is not None:
        yield None
    if hyperparameter.kind in ("int", "float"):
        yield from (math.nan, math.inf, True)
        yield from _outside(hyperparameter.bounds or Range(), whole=hyperparameter.kind == "int")
    if hyperparameter.kind == "int":
        yield 0.5


def _outside(legal: Range, whole: bool) -> Iterator[float]:
    """List the nearest whole numbers beyond each end, and an end itself where it is excluded."""
    number = int if whole else float
    if legal.low > -math.inf:
        yield number(math.floor(legal.low) if legal.low_open else math.ceil(legal.low) - 1)
    if legal.high < math.inf:
        yield number(math.ceil(legal.high) if legal.high_open else math.floor(legal.high) + 1)


def _check_refused(part: Part, hyperparameter: Hyperparameter, value: Any) -> None:
    problems: list[str] = []
    values = {**part.dump(), hyperparameter.name: value}
    values.pop("name")
    made = read(type(part), values, part.name, problems)
    expected = f"{part.name}.{hyperparameter.name} must be {rule(hyperparameter)}, but got {value!r}; "
    require(
        made is None and len(problems) == 1 and problems[0].startswith(expected),
        f"{part.name} must refuse {hyperparameter.name} = {value!r} with one line that begins {expected!r}, "
        f"but said {problems}",
    )


def _check_unknown_refused(part: Part) -> None:
    problems: list[str] = []
    read(type(part), {"no_such_setting": 1}, part.name, problems)
    expected = f"{part.name}.no_such_setting is not a setting that exists; "
    require(
        any(line.startswith(expected) for line in problems),
        f"{part.name} must refuse a setting that does not exist, but said {problems}",
    )
