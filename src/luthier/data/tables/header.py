"""Whether the first row of a table holds the names of the columns, or is a row like the others."""

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

import numpy as np

ROWS = 500
"""Rows that the first one is compared with."""


ODD = 10
"""A column holds figures where at most one value in so many is none."""


MADE = re.compile(r"column_\d+")


def make_names(count: int) -> list[str]:
    """Make names for the columns of a file that gives none.

    >>> make_names(2)
    ['column_0', 'column_1']
    """
    return [f"column_{number}" for number in range(count)]


def are_made(names: Collection[str]) -> bool:
    """Return whether names are those of a file that gives none."""
    return bool(names) and all(map(MADE.fullmatch, names))


def holds_names(first: Sequence[str], columns: Sequence[Sequence[str]]) -> bool:
    """Return whether the first row holds names rather than values.

    It does where one of its cells is a text above figures; or where too few of its cells look like the values below
    them: a number between their smallest and largest, or one of a few texts. Numbers that count up, as the years of a
    forecast or the names that pandas gives, are names too.

    first: the cells of the first row. columns: the texts of each column below it, "" where they are missing.

    >>> holds_names(["sex", "age"], [["f", "m", "f", "m"], ["31", "40", "28", "33"]])
    True
    >>> holds_names(["m", "35"], [["f", "m", "f", "m"], ["31", "40", "28", "33"]])
    False
    """
    votes = [_compare(cell.strip(), below) for cell, below in zip(first, columns, strict=True)]
    if stands_above_figures(first, columns) or sum(votes) <= 0:
        return True
    numbers = [number for cell in first if (number := _number(cell)) is not None]
    texts = [vote for cell, vote in zip(first, votes, strict=True) if _number(cell) is None]
    several = len(numbers) > 1 or (bool(numbers) and not first[0])  # beside the index of pandas one is enough
    return max(texts, default=0) <= 0 and several and _count_up(numbers) and (numbers[0] == 0 or 0 in votes)


def stands_above_figures(first: Sequence[str], columns: Sequence[Sequence[str]]) -> bool:
    """Return whether a text of the first row stands above numbers, dates and the like, so that it must be a name."""
    return any(
        _has_letter(cell) and _are_figures([one for one in below if one][:ROWS])
        for cell, below in zip(first, columns, strict=True)
    )


def _compare(cell: str, below: Sequence[str]) -> int:
    """Say whether a cell looks like the values below it: 1 for yes, -1 for no, 0 where that cannot be known."""
    known = [one for one in below if one][:ROWS]
    if not cell or not known:
        return 0
    if _are_figures(known):
        number, numbers = _number(cell), [found for one in known if (found := _number(one)) is not None]
        if ODD * len(numbers) < (ODD - 1) * len(known):  # dates, percents and their like
            return int(number is None)
        return int(number is not None and min(numbers) <= number <= max(numbers))
    different = set(known)
    if 2 * len(different) > len(known):
        return 0
    return 1 if cell in different else -1


def _are_figures(known: Sequence[str]) -> bool:
    """Return whether values are numbers, dates, percents and the like: digits without a letter."""
    odd = sum(_has_letter(one) or not any(map(str.isdecimal, one)) for one in known)
    return bool(known) and ODD * odd <= len(known)


def _has_letter(text: str) -> bool:
    return any(map(str.isalpha, text)) and _number(text) is None and not A_TIME.fullmatch(text)


A_TIME = re.compile(r"[\d\s./-]+T[\d:.,+-]+Z?|[\d\s./:-]+ ?[AaPp]\.?[Mm]\.?|[\d\s./:-]+Z")


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _count_up(numbers: Sequence[float]) -> bool:
    return all(after == before + 1 for before, after in pairwise(numbers))
