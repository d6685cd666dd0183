"""The order of tricks follows from their cards alone."""

import itertools

import pytest

from luthier.core.card import TrickCard
from luthier.core.errors import BadInput
from luthier.recipe.read import read_recipe
from luthier.training.trick import Trick, conflicts, sort_tricks


def trick(name, after=(), **conflicting):
    """Make a trick that does nothing under a name."""
    card = TrickCard(summary="Nothing.", source="tests", after=after, conflicts=conflicting)
    return type(name, (Trick,), {"name": name, "card": card, "__module__": __name__})()


def names(*tricks):
    return [one.name for one in sort_tricks(tricks)]


def test_names_decide_where_nothing_else_does():
    tricks = [trick(name) for name in "dbca"]
    assert {tuple(names(*one)) for one in itertools.permutations(tricks)} == {("a", "b", "c", "d")}


def test_after_decides_first():
    tricks = [trick("a", after=("c",)), trick("b"), trick("c", after=("d",)), trick("d")]
    assert {tuple(names(*one)) for one in itertools.permutations(tricks)} == {("b", "d", "c", "a")}


def test_one_that_becomes_free_takes_its_place_by_name():
    tricks = [trick("a", after=("b",)), trick("b"), trick("c")]
    assert {tuple(names(*one)) for one in itertools.permutations(tricks)} == {("b", "a", "c")}


def test_tricks_that_are_not_there_are_not_waited_for():
    assert names(trick("a", after=("absent",)), trick("b")) == ["a", "b"]


def test_a_circle_is_refused():
    tricks = [trick("a", after=("c",)), trick("b", after=("a",)), trick("c", after=("b",))]
    with pytest.raises(BadInput) as caught:
        sort_tricks(tricks)
    circle, remedy = str(caught.value).removeprefix("tricks must not wait for each other, but ").split("; ")
    assert remedy == "mend the cards' `after`"
    found = circle.split(" after ")
    assert found[0] == found[-1]
    assert set(found) == {"a", "b", "c"}


def test_conflicts_say_why():
    tricks = [trick("a", b="both do it"), trick("b"), trick("c", absent="never seen")]
    line = "tricks.a cannot be used beside tricks.b: both do it; take one of them out"
    assert conflicts(tricks) == [line]
    assert conflicts(tricks[1:]) == []


def test_a_trick_given_twice_is_refused():
    """One of the two would be lost in silence."""
    with pytest.raises(BadInput) as caught:
        read_recipe({"tricks": [trick("a"), trick("b"), trick("a")]})
    assert caught.value.problems == ("tricks.a must be given once, but is given 2 times; take one of them out",)


def test_the_same_set_is_the_same_recipe():
    tricks = [trick("b"), trick("a", after=("b",)), trick("c")]
    hashes = {read_recipe({"tricks": list(one)}).hash() for one in itertools.permutations(tricks)}
    assert len(hashes) == 1
