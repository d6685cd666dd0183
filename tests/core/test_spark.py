"""Curves in a line of text."""

import pytest

from luthier.core.console import ASCII, BLOCKS, sparkline


@pytest.mark.parametrize(
    ("values", "curve"),
    [((), ""), ((3.0,), "_"), ((2, 2, 2), "___"), ((0, 7), "_#"), ((-3, 4, -3), "_#_"), (range(8), ASCII)],
)
def test_the_lowest_is_the_first_level_and_the_highest_the_last(values, curve):
    assert sparkline(values, levels=ASCII) == curve


def test_of_many_values_neighbours_are_one():
    assert sparkline([0, 2, 6, 8, 3, 5], width=3) == sparkline([1, 7, 4])
    assert len(sparkline(range(1000), width=16)) == 16


def test_there_are_eight_levels_of_each_kind():
    assert len(set(BLOCKS)) == len(set(ASCII)) == 8
