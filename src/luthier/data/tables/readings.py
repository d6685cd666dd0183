"""What the values of a column mean: numbers, dates, false and true, marks of missing; learnt once, then kept.

Every value is read by itself, so that one row has one answer whatever stands beside it.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from luthier.data.config import DateOrder
from luthier.data.tables.dates import FORMS, ISO, TWINS, find_orders, read_date
from luthier.data.tables.marks import find_marks, find_unit, split_unit

NULLS = [case(word) for word in ("NA", "N/A", "NaN", "null", "None") for case in (str, str.lower, str.upper)] + [""]
"""Texts that stand for a missing value, unless a column is known to hold them."""


EITHER = "either"


BOOLEANS = ("false", "true")
"""As typed files and arrays write them."""


SPELLINGS = (BOOLEANS, ("no", "yes"), ("n", "y"), ("f", "t"), ("off", "on"))
"""Other words for false and true, in lower case."""


ODD = 10
"""A column of texts is meant to hold numbers where at most one value in so many is none; that is then a mistake."""


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


UNITS = {"D": timedelta(days=1)}


WITH_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+|[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
"""Numbers with a comma, which may stand before decimals or between thousands."""


@dataclass(frozen=True)
class Reading:
    """How a column writes its values; the values of further rows are read so.

    dates: None where it holds numbers or texts; for dates their order, one of `ORDERS`, beside which ISO 8601 is
        understood; "either" for numbers or ISO dates, as in runs that noted no reading.
    unit: that of NumPy in which the network counts dates since 1970.
    booleans: how false and true are written, where two of the values are that.
    missing: texts that stand for a missing value, beside the usual ones.
    measure: the unit that stands beside every number, such as %; empty where none does.
    """

    dates: str | None = None
    unit: str = "D"
    booleans: tuple[str, str] | None = None
    missing: tuple[str, ...] = ()
    measure: str = ""

    @property
    def rule(self) -> str:
        """What the values of a column of numbers must be."""
        if self.dates in (None, EITHER):
            return f"numbers in {self.measure}" if self.measure else "numbers"
        return "dates (ISO 8601)" if self.dates == ISO else f"dates ({self.dates} or ISO 8601)"

    def dump(self) -> dict[str, Any]:
        """Return the reading as plain values that JSON can hold.

        >>> Reading.of(Reading(ISO, missing=("?",)).dump()) == Reading(ISO, missing=("?",))
        True
        """
        return asdict(self)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Reading":
        """Make the reading from what `dump` returned."""
        plain: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in values.items()}
        return cls(**plain)

    @classmethod
    def of_earlier(cls, kind: str, values: Collection[str]) -> "Reading":
        """Make the reading of a column from a run that noted none: files wrote its booleans in lower case."""
        boolean = kind == "category" and set(values) <= set(BOOLEANS)
        return cls(EITHER if kind == "number" else None, booleans=BOOLEANS if boolean else None)


PLAIN = Reading()


def learn_numbers(values: np.ndarray, dates: DateOrder = "auto") -> Reading | None:
    """Learn how a column writes numbers or dates; None where it is meant to hold neither.

    It is meant to where nine in ten of its values are such, marks of missing left aside, or all are missing.
    dates: what stands first where the values leave it open; auto takes the day.

    >>> learn_numbers(np.asarray(["2020-01-31", None], object)).dates, learn_numbers(np.asarray(["a", "1"], object))
    ('iso', None)
    """
    if values.dtype.kind == "f":
        return _with_binary(Reading(), values)
    texts = Counter(values[~mark_missing(values)].tolist())  # of categories and dates there are few, of rows many
    numbers = np.asarray(_numbers(list(texts)))
    others = [text for text, number in zip(texts, numbers.tolist(), strict=True) if math.isnan(number)]
    missing = find_marks(others)
    odd = set(missing)
    count = texts.total() - sum(texts[text] for text in odd)
    if missing and not count:
        return None
    if ODD * sum(texts[text] for text in others if text not in odd) <= count:
        return _with_binary(Reading(missing=missing), numbers)
    plain = [text for text in texts.elements() if text not in odd]
    orders = find_orders(plain)
    if orders:
        twin = TWINS.get(orders[0])
        return Reading(twin if dates == "month-first" and twin in orders else orders[0], missing=missing)
    measure = find_unit(plain)
    return Reading(missing=missing, measure=measure) if measure else None


def _with_binary(reading: Reading, numbers: np.ndarray) -> Reading:
    zeros, ones = numbers == 0, numbers == 1
    binary = zeros.any() and ones.any() and (zeros | ones | np.isnan(numbers)).all()
    return replace(reading, booleans=("0", "1")) if binary else reading


def doubt_dates(name: str, values: np.ndarray, reading: Reading) -> list[str]:
    """Describe the problem of dates of which no value tells the day from the month."""
    texts = [] if values.dtype.kind == "f" or reading.dates not in TWINS else values[~mark_missing(values)].tolist()
    if not texts or TWINS[str(reading.dates)] not in find_orders(texts):
        return []
    return [
        f"dates must tell the day from the month, but every one of column {name} can be read both ways, such as "
        f"{texts[0]!r}; write them as ISO 8601 does (2020-12-31), or say data.dates = 'day-first' or 'month-first'"
    ]


def learn_texts(texts: Collection[str]) -> Reading:
    """Learn how the different texts of a column write false and true, if they do.

    >>> learn_texts({"yes", "no", "unknown"}).booleans, learn_texts({"True", "Unknown"}).booleans
    (('no', 'yes'), ('false', 'True'))
    """
    if {text.lower() for text in texts} <= set(BOOLEANS):
        return Reading(booleans=BOOLEANS)  # each spelling of them is the same value
    for words in SPELLINGS:
        found = [[text for text in texts if text.lower() == word] for word in words]
        if all(len(one) == 1 for one in found):
            return Reading(booleans=(found[0][0], found[1][0]))
        if words == BOOLEANS and sorted(map(len, found)) == [0, 1]:
            return Reading(booleans=(found[0][0] if found[0] else words[0], found[1][0] if found[1] else words[1]))
    return Reading()


def unify(values: np.ndarray, reading: Reading, known: Collection[str] = ()) -> np.ndarray:
    """Write the texts of a column (N,) as it was learnt: None for marks of missing, false and true as it writes them.

    0 and 1 are these too, as arrays hold them. known: texts that stay as they are, marks among them.

    >>> unify(np.asarray(["True", "na", "Oslo"], object), Reading(booleans=("no", "yes"))).tolist()
    ['yes', None, 'Oslo']
    """
    if values.dtype.kind == "f":
        return values
    texts: set[str] = set(values.tolist()) - {None, *known}
    written: dict[str, str | None] = {text: None for text in (*NULLS, *reading.missing) if text in texts}
    if reading.booleans:
        spelt = dict(zip((*BOOLEANS, "0", "1"), reading.booleans * 2, strict=True))
        written |= {text: spelt[text.lower()] for text in texts if text.lower() in spelt}
    return np.asarray([written.get(text, text) for text in values.tolist()], object) if written else values


def mark_missing(values: np.ndarray) -> np.ndarray:
    """Mark the missing values of a column (N,)."""
    absent = np.isnan(values) if values.dtype.kind == "f" else [value is None for value in values.tolist()]
    return np.asarray(absent, bool)


def read_numbers(values: np.ndarray, reading: Reading | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Read a column as numbers (N,), NaN where there is none, and mark what is neither a number nor missing (N,).

    Dates count as days since 1970. reading: how the column writes them; None to learn it from these values.

    >>> read_numbers(np.asarray(["1.5", None, "x"], object))
    (array([1.5, nan, nan]), array([False, False,  True]))
    """
    if reading is None:
        reading = learn_numbers(values) or Reading()
    if values.dtype.kind == "f":
        told = reading.dates not in (None, EITHER) or reading.measure  # of which day, or in what unit, is not known
        are_none = ~np.isnan(values) & bool(told)
        return np.where(are_none, np.nan, values), are_none
    known = np.flatnonzero(~mark_missing(values))
    result = np.full(len(values), np.nan)
    texts = values[known].tolist()
    if reading.dates is None and not reading.measure:
        result[known] = _numbers(texts)
    else:
        read = {text: _read(text, reading) for text in set(texts)}  # dates are slow to read and come often
        result[known] = [read[text] for text in texts]
    bad = np.zeros(len(values), bool)
    bad[known] = np.isnan(result[known])
    return result, bad


def _numbers(texts: list[str]) -> list[float]:
    try:
        found = list(map(float, texts))  # several times as fast as one by one
    except ValueError:
        return list(map(_number, texts))
    return list(map(_number, texts)) if any("_" in text for text in texts) else found


def _read(text: str, reading: Reading) -> float:
    """Read a value that is no plain number: a date, as days in UTC where it names no zone, or a number in a unit."""
    if reading.measure:
        figure, unit = split_unit(text) or ("", "")
        return _number(figure) if unit == reading.measure else math.nan
    number = _number(text)
    if reading.dates == EITHER and not math.isnan(number):
        return number
    date = read_date(text, ISO)
    if date is None and reading.dates in FORMS:
        date = read_date(text, reading.dates)
    return math.nan if date is None else (date - EPOCH) / UNITS[reading.unit]


def _number(text: str) -> float:
    try:
        return math.nan if "_" in text else float(text)  # 1_0 is a number in Python alone
    except ValueError:
        return math.nan


def are_numbers(values: np.ndarray) -> bool:
    """Return whether a column is meant to hold numbers: nine in ten of its values are, or all are missing."""
    return learn_numbers(values) is not None


def find_commas(values: np.ndarray) -> list[str]:
    """Return the texts of a column that are numbers with commas; none where over one value in ten is no number at all.

    >>> find_commas(np.asarray(["1,5", "2", None], object)), find_commas(np.asarray(["1,5", "a", "b"], object))
    (['1,5'], [])
    """
    if values.dtype.kind == "f":
        return []
    texts = values[~mark_missing(values)].tolist()
    with_commas = [text for text in texts if WITH_COMMA.fullmatch(text)]
    others = sum(math.isnan(_number(text)) for text in texts) - len(with_commas)
    return with_commas if ODD * others <= len(texts) else []


WHOLE = 1e16
"""Numbers from here on are written with an exponent."""


def write_number(number: float) -> str:
    """Write a number as the shortest text that says it exactly, as names of classes and categories.

    >>> write_number(3.0), write_number(-0.0), write_number(0.1), write_number(1e20)
    ('3', '0', '0.1', '1e+20')
    """
    return str(int(number)) if abs(number) < WHOLE and number == int(number) else repr(number)


def write_numbers(values: np.ndarray, known: Iterable[str] = ()) -> np.ndarray:
    """Write the numbers of a column (N,) as texts, None where they are missing.

    known: texts that the column is known to hold; where one of them alone is the number, it is that one.

    >>> write_numbers(np.array([1.0, 2.5, np.nan]), ["1.0", "x"]).tolist()
    ['1.0', '2.5', None]
    """
    if values.dtype.kind != "f":
        return values
    named: dict[float, list[str]] = {}
    for text in known:
        named.setdefault(_number(text), []).append(text)

    def write(number: float) -> str:
        text, alike = write_number(number), named.get(number, [])
        return alike[0] if len(alike) == 1 else text

    written = {number: write(number) for number in np.unique(values[~np.isnan(values)]).tolist()}
    return np.asarray([written.get(number) for number in values.tolist()], object)
