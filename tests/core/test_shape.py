"""What a file must hold is said once, and a file that does not is named."""

import math

import pytest

from luthier.core.errors import BadInput, DamagedFile
from luthier.core.shape import (
    check_format,
    check_shape,
    is_count,
    is_number,
    is_text,
    list_of,
    or_none,
    table_of,
    table_with,
)

SHAPE = {
    "n": is_count,
    "pair": or_none(list_of(is_number, 2)),
    "sums": table_of(is_text),
    "part": table_with({"n": is_count}),
}
RIGHT = {"n": 0, "pair": [1, 2.5], "sums": {"a": "b"}, "part": {"n": 3, "more": None}}


def test_what_fits_passes_whatever_else_there_is(tmp_path):
    check_shape(RIGHT, SHAPE, tmp_path, "a file")
    check_shape({**RIGHT, "pair": None, "sums": {}, "more": object()}, SHAPE, tmp_path, "a file")


WRONG = [
    ("n", -1), ("n", 1.0), ("n", True), ("n", 1 << 63), ("n", "1"), ("pair", [1]), ("pair", [1, "2"]), ("pair", {}),
    ("sums", {"a": 1}), ("sums", []), ("part", {}), ("part", None),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value"), WRONG)
def test_what_does_not_fit_is_named(tmp_path, key, value):
    for values in ({**RIGHT, key: value}, {name: one for name, one in RIGHT.items() if name != key}):
        with pytest.raises(DamagedFile) as caught:
            check_shape(values, SHAPE, tmp_path / "file", "a file")
        assert str(caught.value) == (
            f"{tmp_path / 'file'} is not a file: {key} is missing or of another form; restore it or start anew"
        )


@pytest.mark.parametrize("values", [[], None, "text", 5, math.nan])
def test_what_is_no_table_has_nothing(tmp_path, values):
    with pytest.raises(DamagedFile, match="everything is missing or of another form"):
        check_shape(values, SHAPE, tmp_path, "a file")


def test_a_newer_format_is_refused_with_what_helps(tmp_path):
    for values in ({}, {"format": 1}, {"format": 2}, []):
        check_format(values, 2, tmp_path)
    with pytest.raises(BadInput, match=r"must be of format 2 or older, .* wrote it in format 3; .* pip install"):
        check_format({"format": 3}, 2, tmp_path)


@pytest.mark.parametrize("number", [0, -1, "2", None, 1.5, True, 1 << 70])
def test_a_format_that_is_no_number_is_damage(tmp_path, number):
    with pytest.raises(DamagedFile, match="must name its format by a number from 1 on"):
        check_format({"format": number}, 2, tmp_path)
