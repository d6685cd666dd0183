"""The first difference of two nested values, and draws that are not private."""

import random

import numpy as np
import pytest
import torch

from luthier.testing.compare import (
    check_private,
    difference,
    isolate_global_states,
    read_global_states,
    require,
    require_same,
)

ONE = {"a": [torch.zeros(3), {"b": 1.5}], "c": ("x", None)}


def test_equal_values():
    assert difference(ONE, {"a": [torch.zeros(3), {"b": 1.5}], "c": ["x", None]}) is None
    require_same(ONE, ONE, "never said")


@pytest.mark.parametrize(
    ("other", "place"),
    [
        ({"a": [torch.tensor([0, 0, 1e-30]), {"b": 1.5}], "c": ("x", None)}, "a/0"),
        ({"a": [torch.zeros(3, dtype=torch.float64), {"b": 1.5}], "c": ("x", None)}, "a/0"),
        ({"a": [torch.zeros(3, 1), {"b": 1.5}], "c": ("x", None)}, "a/0"),
        ({"a": [torch.zeros(3), {"b": 2.5}], "c": ("x", None)}, "a/1/b: 1.5 and 2.5"),
        ({"a": [torch.zeros(3), {"b": 1.5}], "c": ("x",)}, "c: ('x', None) and ('x',)"),
        ({"a": [torch.zeros(3), {"b": torch.tensor(1.5)}], "c": ("x", None)}, "a/1/b: 1.5 and tensor(1.5000)"),
        ({"a": [torch.zeros(3), {"d": 1.5}], "c": ("x", None)}, "a/1: {'b': 1.5} and {'d': 1.5}"),
    ],
)
def test_the_first_difference(other, place):
    assert difference(ONE, other) == place
    with pytest.raises(AssertionError) as caught:
        require_same(ONE, other, "must be equal")
    assert str(caught.value) == f"must be equal; the first difference is in {place}"


def test_require():
    require(True, "never said")
    with pytest.raises(AssertionError, match=r"^said$"):
        require(False, "said")


def test_global_states_come_back():
    before = read_global_states()
    with isolate_global_states(1):
        first = (random.random(), np.random.rand(), torch.rand(()).item())
        assert read_global_states() != before
    with isolate_global_states(1):
        assert first == (random.random(), np.random.rand(), torch.rand(()).item())
    with isolate_global_states(2):
        assert first != (random.random(), np.random.rand(), torch.rand(()).item())
    assert read_global_states() == before


@pytest.mark.parametrize("draw", [random.random, np.random.rand, lambda: torch.rand(1)])
def test_a_draw_from_a_global_generator_is_found(draw):
    with pytest.raises(AssertionError) as caught:
        check_private(lambda rng: [draw()], "the part")
    assert str(caught.value) == "the part must draw from the generator it is given, but moved a global one"


def test_a_draw_that_remembers_is_found():
    calls = []
    with pytest.raises(AssertionError) as caught:
        check_private(lambda rng: calls.append(1) or len(calls), "the part")
    assert str(caught.value) == (
        "the part must give the same for the same generator, but did not; the first difference is in the value: 1 and 2"
    )


def test_a_private_draw_is_given_back():
    assert torch.equal(
        check_private(lambda rng: torch.rand(3, generator=rng), "it"),
        check_private(lambda r: torch.rand(3, generator=r), "it"),
    )
