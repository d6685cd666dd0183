"""What the values of a column mean: numbers, dates, false and true, marks of missing; learnt once, then kept.

Every value is read by itself, so that one row has one answer whatever stands beside it.
"""

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

NULLS = [case(word) for word in ("NA", "N/A", "NaN", "null", "None") for case in (str, str.lower, str.upper)] + [""]
"""Texts that stand for a missing value, unless a column is known to hold them."""


ISO = "iso"


EITHER = "either"


FORMATS = (None, ISO)
"""How a column may write its numbers or dates; the first that reads it is learnt."""


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

    dates: None where it holds numbers or texts; "iso" for dates as ISO 8601 writes them; else their format as
        `strptime` takes it, beside which ISO 8601 is understood; "either" for numbers or ISO dates, as in runs that
        noted no reading.
    unit: that of NumPy in which the network counts dates since 1970.
    booleans: how false and true are written, where two of the values are that.
    missing: texts that stand for a missing value, beside the usual ones.
    """

    dates: str | None = None
    unit: str = "D"
    booleans: tuple[str, str] | None = None
    missing: tuple[str, ...] = ()

    @property
    def rule(self) -> str:
        """What the values of a column of numbers must be."""
        if self.dates in (None, EITHER):
            return "numbers"
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


def learn_numbers(values: np.ndarray) -> Reading | None:
    """Learn how a column writes numbers or dates; None where it is meant to hold neither.

    It is meant to where nine in ten of its values are such, or all are missing.

    >>> learn_numbers(np.asarray(["2020-01-31", None], object)).dates, learn_numbers(np.asarray(["a", "1"], object))
    ('iso', None)
    """
    known = np.count_nonzero(~mark_missing(values))
    for dates in FORMATS:
        reading = Reading(dates)
        numbers, bad = read_numbers(values, reading)
        if ODD * np.count_nonzero(bad) <= known:
            zeros, ones = numbers == 0, numbers == 1
            binary = zeros.any() and ones.any() and (zeros | ones | np.isnan(numbers)).all()
            return Reading(dates, booleans=("0", "1") if dates is None and binary else None)
    return None


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

    known: texts that stay as they are, marks among them.

    >>> unify(np.asarray(["True", "na", "Oslo"], object), Reading(booleans=("no", "yes"))).tolist()
    ['yes', None, 'Oslo']
    """
    if values.dtype.kind == "f":
        return values
    texts: set[str] = set(values.tolist()) - {None, *known}
    written: dict[str, str | None] = {text: None for text in (*NULLS, *reading.missing) if text in texts}
    if reading.booleans:
        spelt = dict(zip(BOOLEANS, reading.booleans, strict=True))
        written |= {text: spelt[text.lower()] for text in texts if text.lower() in BOOLEANS}
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
        are_none = ~np.isnan(values) & (reading.dates not in (None, EITHER))  # of which day is not known
        return np.where(are_none, np.nan, values), are_none
    known = np.flatnonzero(~mark_missing(values))
    result = np.full(len(values), np.nan)
    texts = values[known].tolist()
    result[known] = _numbers(texts) if reading.dates is None else [_time(text, reading) for text in texts]
    bad = np.zeros(len(values), bool)
    bad[known] = np.isnan(result[known])
    return result, bad


def _numbers(texts: list[str]) -> list[float]:
    try:
        found = list(map(float, texts))  # several times as fast as one by one
    except ValueError:
        return list(map(_number, texts))
    return list(map(_number, texts)) if any("_" in text for text in texts) else found


def _number(text: str) -> float:
    try:
        return math.nan if "_" in text else float(text)  # 1_0 is a number in Python alone
    except ValueError:
        return math.nan


def _time(text: str, reading: Reading) -> float:
    """Count the days to a date, in UTC where it names no zone; NaN where it is none."""
    number = _number(text)
    if reading.dates == EITHER and not math.isnan(number):
        return number
    date = _try(datetime.fromisoformat, text) if math.isnan(number) else None  # which reads many a long number
    if date is None and reading.dates not in (None, ISO, EITHER):
        date = _try(lambda text: datetime.strptime(text, str(reading.dates)), text)
    return (
        math.nan
        if date is None
        else ((date if date.tzinfo else date.replace(tzinfo=UTC)) - EPOCH) / UNITS[reading.unit]
    )


def _try(read: Callable[[str], datetime], text: str) -> datetime | None:
    try:
        return read(text)
    except ValueError:
        return None


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
