"""Marks of missing, limits and units beside numbers."""

import pytest

from luthier.data.tables.marks import find_marks, find_unit, split_unit


@pytest.mark.parametrize(
    "mark", ["#N/A", "n.d.", "?", "-", "<0.1", "> 5", "<=1e-3", "N/D", "Unknown", "(null)", "<NA>"]
)
def test_what_stands_for_a_missing_number(mark):
    assert find_marks(["1", mark, "2", mark]) == (mark,)


@pytest.mark.parametrize("text", ["1", "-1", "A", "low", "1-2", "<1H OCEAN", "x", "", "NA/B"])
def test_what_does_not(text):
    assert find_marks([text]) == ()


@pytest.mark.parametrize(
    ("text", "parts"),
    [("40.1%", ("40.1", "%")), ("-3 °C", ("-3", "°C")), ("$ 5.50", ("5.50", "$")), ("5€", ("5", "€")),
     ("0.5 mg/l", ("0.5", "mg/l")), ("36 months", ("36", "months")), ("7.", None), ("A12", None), ("007A", None),
     ("$5 USD", None), ("12 kg net", None), ("%", None), ("1e5", None)],
)  # fmt: skip
def test_numbers_with_a_unit(text, parts):
    assert split_unit(text) == parts


def test_one_unit_of_all():
    assert find_unit(["1 kg", "2kg", ".5 kg"]) == "kg"
    assert find_unit(["12A", "12B"]) is find_unit(["1 kg", "2"]) is find_unit([]) is None
