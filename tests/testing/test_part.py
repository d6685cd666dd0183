"""What all parts have in common, over the whole catalogue, and parts that break one rule each."""

import math
from typing import Literal

import pytest
from pydantic import ConfigDict, field_validator
from torch import nn

from luthier.core.card import Card, TrickCard
from luthier.core.declare import Part, Range, Search, hyperparameter
from luthier.recipe.catalogue import FAMILIES
from luthier.testing import check_part
from luthier.testing.part import list_bad_values

MEMBERS = [member for family in FAMILIES.values() for member in family]


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_catalogue(member):
    check_part(member())


class Good(Part):
    """Has one hyperparameter of each kind."""

    name = "good"
    card = Card(summary="Does.", source="tests")

    share: float = hyperparameter(0.5, bounds=Range(0, 1, high_open=True), search=Search(0.1, 0.9), description="share")
    count: int = hyperparameter(3, bounds=Range(0, low_open=True), description="count")
    free: float = hyperparameter(-2.5, description="anything")
    kind: Literal["a", "b"] = hyperparameter("a", description="kind")
    text: str = hyperparameter("x", description="text")
    flag: bool = hyperparameter(True, description="flag")
    sizes: tuple[int, ...] = hyperparameter((1, 2), description="sizes")
    maybe: int | None = hyperparameter(None, bounds=Range(1, 9), description="maybe")


def test_a_good_part():
    check_part(Good())
    check_part(Good(share=0.0, count=7, kind="b", sizes=(), maybe=4))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("share", ["no such value", None, math.nan, math.inf, True, -1.0, 1.0]),
        ("count", ["no such value", None, math.nan, math.inf, True, 0, 0.5]),
        ("free", ["no such value", None, math.nan, math.inf, True]),
        ("kind", ["no such value", None]),
        ("text", [7, None]),
        ("flag", ["no such value", None]),
        ("sizes", ["no such value", None]),
        ("maybe", ["no such value", math.nan, math.inf, True, 0, 10, 0.5]),
    ],
)
def test_bad_values_from_the_declaration(name, values):
    one = next(each for each in Good.hyperparameters() if each.name == name)
    assert list(map(repr, list_bad_values(one))) == list(map(repr, values))


class Thawed(Good):
    """Can be changed."""

    model_config = ConfigDict(frozen=False)


class Nameless(Good):
    """Has a name that no file could hold well."""

    name = "Not Good"


class Terse(Good):
    """Has a card without a sentence."""

    card = Card(summary="does", source="tests")


class Unsourced(Good):
    """Has a card without a source."""

    card = Card(summary="Does.", source=" ")


class Selfish(Good):
    """Waits for itself."""

    card = TrickCard(summary="Does.", source="tests", after=("good",))


class Mute(Good):
    """Conflicts without a reason."""

    card = TrickCard(summary="Does.", source="tests", conflicts={"other": ""})


class Holding(Good):
    """Holds what no file can hold."""

    module: nn.Module = hyperparameter(nn.ReLU(), description="module")


class Forgetful(Good):
    """Does not dump one of its values."""

    def dump(self):
        return {key: value for key, value in super().dump().items() if key != "count"}


class Anonymous(Good):
    """Does not dump its name."""

    def dump(self):
        return {key: value for key, value in super().dump().items() if key != "name"}


class Silent(Good):
    """Says nothing of a hyperparameter."""

    more: int = hyperparameter(1, description="")


class Outside(Good):
    """Is illegal by default."""

    more: float = hyperparameter(2.0, bounds=Range(0, 1), description="more")


class Backwards(Good):
    """Is searched from high to low."""

    more: float = hyperparameter(0.5, search=Search(1.0, 0.1), description="more")


class Logarithm(Good):
    """Is searched from 0 on a log scale."""

    more: float = hyperparameter(0.5, search=Search(0.0, 1.0, log=True), description="more")


class Beyond(Good):
    """Is searched where it is not legal."""

    more: float = hyperparameter(0.5, bounds=Range(0, 1), search=Search(0.1, 2.0), description="more")


class Lax(Good):
    """Takes texts for numbers."""

    @field_validator("free", mode="before")
    @classmethod
    def _forgiving(cls, value):
        return 0.0 if isinstance(value, str) else value


class Open(Good):
    """Takes settings that do not exist."""

    model_config = ConfigDict(extra="ignore")


RED = {
    Thawed: "good must be frozen; leave model_config as it is",
    Nameless: "the name of Nameless must be lower-case words joined by dashes, but is 'Not Good'",
    Terse: "the card of good must sum it up in one sentence with a full stop, but says 'does'",
    Unsourced: "the card of good must name its source, but is silent",
    Selfish: "the card of good must not put it after itself",
    Mute: "the card of good must say why it conflicts with other",
    Holding: "good must hold only plain values, so that a recipe file can hold it, but ",
    Forgetful: "good must read back what it dumps, but ",
    Anonymous: "good must dump its name",
    Silent: "good.more must say what it does",
    Outside: "good.more must be legal by default, but 2.0 is not at least 0 and at most 1",
    Backwards: "good.more must be searched from low to high, but from 1.0 to 0.1",
    Logarithm: "good.more must be searched above 0 on a log scale",
    Beyond: "good.more must be searched where it is legal, at least 0 and at most 1",
    Lax: "good must refuse free = 'no such value' with one line that begins ",
    Open: "good must refuse a setting that does not exist, but said []",
}


@pytest.mark.parametrize("broken", RED, ids=lambda broken: broken.__name__)
def test_red(broken, red):
    part = broken(count=4) if broken is Forgetful else broken()
    assert red(check_part, part).startswith(RED[broken])
