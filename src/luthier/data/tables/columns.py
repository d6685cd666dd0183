"""Brings columns from memory, in frames, mappings and arrays of any type, to the form that a file of them gives."""

import math
import operator
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np

from luthier.core.errors import BadInput, LuthierWarning, raise_all
from luthier.data.tables.readings import BOOLEANS

Table = dict[str, np.ndarray]
"""Columns by name: float64 with NaN for what is missing, or texts (objects) with None."""


EXACT = 2**53
"""Whole numbers below which float64 holds all."""


SHOWN = 5


LONGEST = 10_000
"""Bits of a whole number that Python writes in digits."""


def has_columns(data: Any) -> bool:
    """Return whether data are columns by name: a mapping, a frame of pandas, Polars or Arrow, or an array of records.

    >>> has_columns({"a": [1]}), has_columns(np.zeros(2, [("a", float)])), has_columns(np.zeros((2, 3)))
    (True, True, False)
    """
    if isinstance(data, np.ndarray):
        return data.dtype.names is not None
    return isinstance(data, Mapping) or hasattr(type(data), "columns")  # of the type: a Series has its rows' names


def read_columns(data: Any) -> Table:
    """Read columns by name as `read_table` reads the file that holds them.

    Texts are taken without the space around them. Booleans are the texts true and false, dates ISO 8601; whole numbers
    that float64 does not hold are texts.
    Raises BadInput with every problem: names that are the same, columns of other lengths, values of other types.

    >>> read_columns({"a": [1, None], "b": [True, " x "]})
    {'a': array([ 1., nan]), 'b': array(['true', 'x'], dtype=object)}
    """
    problems: list[str] = []
    named = [(str(name).strip(), values) for name, values in _list_columns(data)]
    counts = Counter(name for name, _ in named)
    problems += [
        f"columns must differ in name, but {name!r} is there twice; rename one" for name, n in counts.items() if n > 1
    ]
    problems += [line for name in counts for line in _list_unwritable(name, [name])]
    table = {name: read_column(name, values, problems) for name, values in named}
    lengths = {name: len(values) for name, values in table.items()}
    if not problems and len(set(lengths.values())) > 1:
        some = ", ".join(f"{name} has {count}" for name, count in lengths.items())
        problems.append(f"columns must be equally long, but {some}; give each row a value or None")
    raise_all(problems)
    if not any(lengths.values()):
        raise BadInput("a table must have rows, but got none; add some")
    return table


def _list_columns(data: Any) -> list[tuple[Any, Any]]:
    """List names and values of the columns, also of those that have the same name."""
    if hasattr(data, "collect") or hasattr(data, "compute"):
        raise BadInput(
            f"columns must be in memory, but {type(data).__name__} is to be computed first; pass what it gives"
        )
    found: Iterable[tuple[Any, Any]]
    if isinstance(data, Mapping):
        found = data.items()
    elif hasattr(type(data), "iloc"):
        found = ((name, data.iloc[:, k]) for k, name in enumerate(data.columns))
    elif hasattr(type(data), "column_names"):
        found = zip(data.column_names, data.columns, strict=True)
    else:
        names = data.dtype.names if isinstance(data, np.ndarray) else data.columns
        found = ((name, data[name]) for name in names)
    return list(found)


def take_column(data: Any, name: str) -> Any:
    """Take the values of a column as they are.

    >>> take_column({" a ": [1, 2]}, "a")
    [1, 2]
    """
    return next(values for given, values in _list_columns(data) if str(given).strip() == name)


def name_columns(data: Any) -> tuple[str, ...] | None:
    """Return the names of the columns of a frame; None for what has none, or has numbers for them.

    >>> name_columns({"a": [1], "b": [2]}), name_columns(np.zeros((1, 2)))
    (('a', 'b'), None)
    """
    names = [name for name, _ in _list_columns(data)] if has_columns(data) else []
    return tuple(name.strip() for name in names) if names and all(isinstance(name, str) for name in names) else None


def order_columns(data: Any, names: Sequence[str] | None) -> Any:
    """Bring the numbers of a frame (N, F) into the order of names that are known; leave what has no names as it is.

    Raises BadInput with every column that is missing, and warns of others.
    """
    given = name_columns(data)
    if names is None or given is None or given == tuple(names):
        return data
    check_columns(given, names)
    columns = {name.strip(): values for name, values in _list_columns(data)}
    return np.column_stack([np.asarray(columns[name]) for name in names])


def check_columns(given: Iterable[str], needed: Sequence[str], others: Iterable[str] = (), warn: bool = True) -> None:
    """Raise BadInput with every column that is needed and missing; warn of those that are neither needed nor known.

    others: those that are known beside.
    """
    names = list(given)
    raise_all(
        f"the table must have the column {name}, but has {', '.join(names)}; add it"
        for name in needed
        if name not in names
    )
    unknown = [name for name in names if name not in {*needed, *others}]
    if unknown and warn:
        some = ", ".join(unknown[:SHOWN]) + (", ..." if len(unknown) > SHOWN else "")
        line = f"columns that the network was not trained on are ignored: {some}"
        warnings.warn(line, LuthierWarning, stacklevel=4)


def read_column(name: str, values: Any, problems: list[str]) -> np.ndarray:
    """Read one column from memory: a list, a column of a frame, or an array (N,) of any type."""
    if np.ma.is_masked(values):
        mask = np.ma.getmaskarray(values)
        values = [None if hidden else one for one, hidden in zip(np.asarray(values), mask, strict=True)]
    array = np.asarray(values) if hasattr(values, "__array__") else _box(values)
    if array.ndim != 1:
        problems.append(
            f"columns must be one value a row, but {name} has shape {array.shape}; pass a list or an array (N,)"
        )
        return np.zeros(0)
    if array.dtype.kind in "UOT":
        return _objects(name, array.tolist(), problems)
    if array.dtype.kind in TYPED:
        return TYPED[array.dtype.kind](array)
    problems.append(_refuse(name, str(array.dtype)))
    return np.zeros(len(array))


def _box(values: Any) -> np.ndarray:
    """Put the values of a list into an array without changing one: None stays None."""
    if isinstance(values, str | bytes) or not hasattr(values, "__len__"):
        return np.asarray(values, object)
    return np.fromiter(values, object, len(values))


def _refuse(name: str, what: str) -> str:
    return f"columns must hold numbers, texts, booleans or dates, but {name} holds {what}; convert or drop it"


def _whole(array: np.ndarray) -> np.ndarray:
    if len(array) and max(int(array.max()), -int(array.min())) >= EXACT:
        return np.asarray(list(map(str, array.tolist())), object)
    return array.astype(np.float64)


def _dates(array: np.ndarray) -> np.ndarray:
    """Write dates (N,) as ISO 8601, without a time where it is midnight."""
    times = array.astype("M8[us]")
    days = times.astype("M8[D]")
    texts = np.where(times == days, np.datetime_as_string(days), np.datetime_as_string(times)).astype(object)
    texts[np.isnat(times)] = None
    return texts


TYPED: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "M": _dates,
    "b": lambda array: np.asarray(BOOLEANS, object)[array.astype(np.int64)],
    "f": lambda array: array.astype(np.float64),
    "i": _whole,
    "u": _whole,
}
"""How arrays are read by the kind of their type."""


def _objects(name: str, values: list[Any], problems: list[str]) -> np.ndarray:
    """Read boxed values, each by itself; numbers alone become float64, beside texts they are texts too."""
    plain = [_unbox(value) for value in values]
    odd = next((value for value in plain if not isinstance(value, str | bool | int | float | None)), None)
    if odd is not None:
        problems.append(_refuse(name, type(odd).__name__))
    elif all(isinstance(value, int | float | None) and not isinstance(value, bool) for value in plain):
        if all(value is None or isinstance(value, float) or abs(value) < EXACT for value in plain):
            return np.asarray([np.nan if value is None else value for value in plain], np.float64)
    texts = [_write(value) for value in plain]
    problems += _list_unwritable(name, filter(None, texts))
    return np.asarray(texts, object)


def _list_unwritable(name: str, texts: Iterable[str]) -> list[str]:
    """Describe texts that no file can hold, since half of a surrogate pair is no character."""
    bad = [text for text in texts if not text.isascii() and text.encode(errors="ignore").decode() != text]
    return [f"texts must be Unicode, but column {name!a} has {bad[0]!a}; mend it"] if bad else []


def _unbox(value: Any) -> Any:
    """Turn a boxed value into a plain one: a text, a boolean, a number, or None."""
    if isinstance(value, np.ndarray):
        return value
    if is_missing(value):
        return None
    if isinstance(value, np.datetime64 | date):
        return _write_date(value)
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, str):
        return str(plain).strip() or None
    if isinstance(plain, bool | int | float):
        return plain
    return _measure(plain) if isinstance(plain, Real | Decimal) else plain


def _measure(number: Real | Decimal) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf


def _write_date(value: np.datetime64 | date) -> str:
    if isinstance(value, np.datetime64):
        return str(_dates(np.asarray([value]))[0])
    if isinstance(value, datetime) and value.time() == time() and not value.tzinfo:
        return value.date().isoformat()
    return value.isoformat()


def _write(value: Any) -> str | None:
    if isinstance(value, bool):
        return BOOLEANS[value]
    if isinstance(value, int) and value.bit_length() > LONGEST:
        return "inf"  # as float() reads so many digits
    return None if value is None else str(value)


def is_missing(value: object) -> bool:
    """Return whether a value is None, not equal to itself (NaN, NaT), or cannot tell whether it is (pandas.NA)."""
    try:
        return value is None or bool(operator.ne(value, value))
    except (ArithmeticError, TypeError, ValueError):
        return True
