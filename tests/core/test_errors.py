"""Errors carry every problem and the exit status of the command that meets them."""

import signal

import pytest

from luthier.core.errors import (
    BadInput,
    DamagedFile,
    Diverged,
    DownloadFailed,
    Interrupted,
    LuthierError,
    LuthierWarning,
    raise_all,
    suggest_nearest,
)


def test_bad_input_carries_every_problem_one_line_each():
    error = BadInput("first", "second")
    assert error.problems == ("first", "second")
    assert str(error) == "first\nsecond"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (LuthierError("x"), 1),
        (BadInput("x"), 2),
        (Diverged("x"), 1),
        (DamagedFile("x"), 1),
        (DownloadFailed("x"), 1),
        (Interrupted(signal.SIGTERM, "x"), 143),
        (Interrupted(signal.SIGINT, "x"), 130),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_exit_codes(error, code):
    assert error.exit_code == code
    assert isinstance(error, LuthierError)
    assert str(error) == "x"


def test_interruption_leaves_the_code_of_its_class_alone():
    Interrupted(signal.SIGTERM, "x")
    assert Interrupted.exit_code == 1


def test_bad_input_is_a_value_error_and_the_warning_a_user_warning():
    assert issubclass(BadInput, ValueError)
    assert not issubclass(Diverged, ValueError)
    assert issubclass(LuthierWarning, UserWarning)


@pytest.mark.parametrize(
    ("name", "known", "sentence"),
    [
        ("momentun", ["sgd", "momentum", "adamw"], "did you mean 'momentum'? known: adamw, momentum, sgd"),
        ("zzz", ["sgd", "momentum"], "known: momentum, sgd"),
        ("", ["b", "a"], "known: a, b"),
        ("a", [], "known: none"),
        ("rate", {"date": 1, "rates": 2}, "did you mean 'rates'? known: date, rates"),
    ],
)
def test_nearest_names_the_closest_and_lists_all_sorted(name, known, sentence):
    assert suggest_nearest(name, known) == sentence


def test_raise_all_raises_them_together():
    with pytest.raises(BadInput) as caught:
        raise_all(line for line in ("first", "second", "third"))
    assert caught.value.problems == ("first", "second", "third")


def test_raise_all_lets_an_empty_list_pass():
    raise_all([])
