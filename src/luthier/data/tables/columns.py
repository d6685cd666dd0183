"""Columns of texts read as numbers, where they are."""

import math
import re
from datetime import UTC, datetime

import numpy as np

ODD = 10
"""A column of texts is meant to hold numbers where at most one value in so many is none; that is then a mistake."""
DAY = 86_400
WITH_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+|[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
"""Numbers with a comma, which may stand before decimals or between thousands."""


def missing(values: np.ndarray) -> np.ndarray:
    """Which values of a column are missing (N,)."""
    absent = np.isnan(values) if values.dtype.kind == "f" else [value is None for value in values.tolist()]
    return np.asarray(absent, bool)


def numbers(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Read a column as numbers (N,), NaN where there is none, and mark what is neither a number nor missing (N,).

    Dates and times as ISO 8601 writes them count as days since 1970, where all texts are such.

    >>> numbers(np.asarray(["1.5", None, "x"], object))
    (array([1.5, nan, nan]), array([False, False,  True]))
    """
    if values.dtype.kind == "f":
        return values, np.zeros(len(values), bool)
    known = np.flatnonzero(~missing(values))
    texts = values[known].tolist()
    found = np.full(len(values), np.nan)
    found[known] = [_number(text) for text in texts]
    if len(known) and np.isnan(found[known]).all():
        days = _days(texts)
        if days is not None:
            found[known] = days
    bad = np.zeros(len(values), bool)
    bad[known] = np.isnan(found[known])
    return found, bad


def are_numbers(values: np.ndarray) -> bool:
    """Whether a column is meant to hold numbers: nine in ten of its values are, or all are missing."""
    known = np.count_nonzero(~missing(values))
    return bool(ODD * np.count_nonzero(numbers(values)[1]) <= known)


def with_commas(values: np.ndarray) -> list[str]:
    """Texts of a column that are numbers with commas; none where more than one value in ten is no number at all.

    >>> with_commas(np.asarray(["1,5", "2", None], object)), with_commas(np.asarray(["1,5", "a", "b"], object))
    (['1,5'], [])
    """
    if values.dtype.kind == "f":
        return []
    texts = values[~missing(values)].tolist()
    found = [text for text in texts if WITH_COMMA.fullmatch(text)]
    others = sum(math.isnan(_number(text)) for text in texts) - len(found)
    return found if ODD * others <= len(texts) else []


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def _days(texts: list[str]) -> list[float] | None:
    """Days since 1970 of dates; None where not all are dates. Where no zone is given, it is taken for UTC."""
    try:
        dates = [datetime.fromisoformat(text) for text in texts]
    except ValueError:
        return None
    aware = (date if date.tzinfo else date.replace(tzinfo=UTC) for date in dates)
    return [date.timestamp() / DAY for date in aware]
