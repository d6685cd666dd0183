"""Decides what each column of a table means to a network that is to be trained."""

import re
from collections import Counter
from collections.abc import Mapping

import numpy as np

from luthier.core.errors import BadInput, raise_all, suggest_nearest
from luthier.data.config import DateOrder
from luthier.data.tables.columns import Table
from luthier.data.tables.dates import find_mixed
from luthier.data.tables.header import MADE
from luthier.data.tables.readings import (
    BOOLEANS,
    Reading,
    doubt_dates,
    learn_numbers,
    learn_texts,
    mark_missing,
    read_numbers,
    unify,
    write_numbers,
)
from luthier.data.tables.schema import NAMES_ROWS, NUMBERS_ROWS, Column, Schema
from luthier.data.tables.words import count_words, make_vocabulary, split_words
from luthier.data.targets import find_indistinct

CATEGORIES = 64
"""Categories of a column that get a number of their own: the most frequent ones."""


WORDS = 3
"""Words that the values of a column have on average, at least, so that it is taken for text."""


FEW = 3
"""Different words beside many numbers that are taken for a mistake, not for names."""


AN_ID = re.compile(r"(^|[ _-])(id|index|key|uuid)$|^0$", re.IGNORECASE)


AN_INDEX = re.compile(r"__index_level_\d+__")
"""As pandas names an index that has no name."""


NO_NAME = re.compile(r"(unnamed: |column )0", re.IGNORECASE)
"""A first column without a name, which is mostly an index."""


def learn_schema(
    table: Table,
    target: str,
    text: str | None,
    rows: np.ndarray,
    *,
    dates: DateOrder = "auto",
    left_out: Mapping[str, str] | None = None,
) -> Schema:
    """Decide what each column means.

    Numbers and dates become numbers. Texts are categories; or, with more than 64 different values, a text of words
    where they have three words or more on average; or, where more than half differ, they are names and left out, as are
    whole numbers that all differ in a column called id, and an index that pandas wrote. Constant and empty columns are
    left out.

    table: the columns without those that are no features, the target among the latter.
    text: name of the column of text, None to find it by the rule above. rows: which to look at (N,), the training ones.
    dates: what stands first in dates that can be read both ways. left_out: columns that are not looked at, and why.
    Raises BadInput with every problem.
    """
    if text is not None and text not in table:
        raise BadInput(f"data.text must name a column, but got {text!r}; {suggest_nearest(text, table)}")
    seen = {name: values[rows] for name, values in table.items()}
    known, problems = dict(left_out or {}), list[str]()
    meanings = {
        name: known.get(name) or _column(name, values, name == text, dates, problems) for name, values in seen.items()
    }
    texts = [name for name, meaning in meanings.items() if isinstance(meaning, Column) and meaning.kind == "text"]
    if len(texts) > 1 and text is None:
        listed = ", ".join(texts)
        problems.append(f"a table may have one text, but {listed} hold texts; name the one to read with data.text")
    for name in texts:
        if text not in (None, name):
            meanings[name] = f"is a text beside {text}, and one is read"
    columns = tuple(meaning for meaning in meanings.values() if isinstance(meaning, Column))
    raise_all(problems or ([] if columns else [_lack(meanings)]))
    raise_all(
        problem
        for column in columns
        if column.kind == "number"
        for problem in _coarse(column.name, column.bring(seen[column.name]), column.reading)
    )
    return Schema(
        target, columns, _steps(seen, columns), tuple((k, v) for k, v in meanings.items() if isinstance(v, str))
    )


def _lack(meanings: dict[str, Column | str]) -> str:
    reasons = ", ".join(f"{name} {reason}" for name, reason in meanings.items()) or "there is none beside the target"
    return f"a table needs a column to learn from, but {reasons}; add one"


def _coarse(name: str, values: np.ndarray, reading: Reading) -> list[str]:
    """Describe what keeps a column from being read in single precision; `encode` reports numbers too large for it."""
    known = read_numbers(values, reading)[0]
    known = known[np.abs(known) <= np.finfo(np.float32).max]
    if not len(known) or not len(find_indistinct(known[:, None])):
        return []
    return [
        f"column {name} must be told apart in float32, but runs from {known.min()!s} to {known.max()!s}; "
        "subtract its mean and divide by its standard deviation in the file, or leave the column out"
    ]


def _steps(seen: Table, columns: tuple[Column, ...]) -> int:
    """Count the words of the longest text, at least 1 where there is one."""
    return max(
        (
            max(1, len(split_words(text)))
            for column in columns
            if column.kind == "text"
            for text in column.bring(seen[column.name])
        ),
        default=0,
    )


def _column(name: str, values: np.ndarray, text: bool, dates: DateOrder, problems: list[str]) -> Column | str:
    """Decide what a column means, or why it is left out."""
    if mark_missing(values).all():
        return "is empty"
    if text:
        known = unify(write_numbers(values), Reading())
        return Column(name, "text", values=make_vocabulary(known.tolist()))
    if AN_INDEX.fullmatch(name):
        return f"{NUMBERS_ROWS} as the index of a frame"
    plain = unify(values, Reading())
    reading = learn_numbers(plain, dates)
    if reading is None:
        return _verbal(name, values, problems)
    plain = unify(plain, reading)
    problems += doubt_dates(name, plain, reading) if dates == "auto" else []
    return _numeric(name, plain, reading)


def _numeric(name: str, values: np.ndarray, reading: Reading) -> Column | str:
    absent = mark_missing(values)
    numbers = read_numbers(values, reading)[0]
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return "is empty"
    if not absent.any():
        if (numbers == numbers[0]).all():
            return "is constant"
        if reading.dates is None and _counts_rows(name, numbers):
            return NUMBERS_ROWS
    return Column(name, "number", bool(absent.any()), reading=reading)


def _counts_rows(name: str, numbers: np.ndarray) -> bool:
    """Return whether whole numbers only say which row it is, by the name of the column.

    Of a file without a header the column has no name that would tell: there each row must have the next number.
    """
    if (numbers != np.floor(numbers)).any():
        return False
    if NO_NAME.fullmatch(name):
        return True
    if MADE.fullmatch(name):
        return bool((np.diff(numbers) == 1).all())
    return AN_ID.search(name) is not None and len(np.unique(numbers)) == len(numbers)


def _verbal(name: str, values: np.ndarray, problems: list[str]) -> Column | str:
    texts = set(values.tolist()) - {None}
    reading = learn_texts(texts)
    held = {text for text in texts if not (reading.booleans and text.lower() in BOOLEANS)}
    known = [value for value in unify(values, reading, held).tolist() if value is not None]
    absent, counts = len(known) < len(values), Counter(known)
    if len(counts) == 1 and not absent:
        return "is constant"
    problems += _mixed_dates(name, values)
    if len(counts) > CATEGORIES:
        if sum(map(count_words, counts)) >= WORDS * len(counts):
            return Column(name, "text", values=make_vocabulary(known))
        problems += _stray(name, values)
        if 2 * len(counts) > len(known):
            return f"{NAMES_ROWS}, for most of its values differ"
    ranked = sorted(counts, key=lambda value: (-counts[value], value))
    return Column(name, "category", absent, tuple(sorted(ranked[:CATEGORIES])), reading)


def _mixed_dates(name: str, values: np.ndarray) -> list[str]:
    """Describe dates that no single order reads."""
    rows: dict[str, int] = {}
    for row, text in enumerate(values.tolist()):
        if text is not None:
            rows.setdefault(text, row)
    texts = list(rows)
    mixed = find_mixed(texts)
    if mixed is None:
        return []
    some = " and ".join(f"{texts[place]!r} in row {rows[texts[place]]}" for place in mixed)
    return [
        f"dates must be written in one order, but column {name} has {some}; write all as ISO 8601 does (2020-12-31)"
    ]


def _stray(name: str, values: np.ndarray) -> list[str]:
    """Describe the few words that stand again and again in a column that is otherwise numbers."""
    numbers, odd = read_numbers(values, Reading())
    rows = np.flatnonzero(odd)
    words = dict.fromkeys(values[rows].tolist())
    if len(words) > FEW or np.count_nonzero(~np.isnan(numbers)) < len(rows):
        return []
    return [
        f"column {name} must hold numbers alone, but {', '.join(map(repr, words))} stand{'s' * (len(words) == 1)} in "
        f"{len(rows)} of its {len(values)} rows, such as row {rows[0]}; empty these cells where no number is known, or "
        "put a letter before the numbers where they are names"
    ]
