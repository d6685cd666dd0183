"""Words on stderr, also where nobody listens."""

import os
import sys

import pytest

from luthier.core.console import ASCII, BLOCKS, on_terminal, print_stderr, sparkline


def test_a_line_goes_to_stderr_at_once(capsys):
    print_stderr("épée")
    assert capsys.readouterr() == ("", "épée\n")
    assert not on_terminal()


def broken():
    reading, writing = os.pipe()
    os.close(reading)
    return os.fdopen(writing, "w", buffering=1)


def closed():
    stream = open(os.devnull, "w")
    stream.close()
    return stream


@pytest.mark.parametrize("stream", [broken, closed, lambda: None])
def test_where_nobody_listens_it_is_silent(monkeypatch, capsys, stream):
    given = stream()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", given)
        print_stderr("unheard")
        assert not on_terminal()
    assert capsys.readouterr() == ("", "")
    if given is not None and not given.closed:
        with pytest.raises(BrokenPipeError):
            given.close()


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
