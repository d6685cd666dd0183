"""The columns of a table that are no features: the target, the parts, groups and times; and the keys of rows."""

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from luthier.core.errors import BadInput, raise_all, suggest_nearest
from luthier.data.config import DataConfig, DateOrder, Task
from luthier.data.tables.columns import Table
from luthier.data.tables.readings import (
    PLAIN,
    Reading,
    doubt_dates,
    learn_numbers,
    mark_missing,
    read_numbers,
    write_numbers,
)
from luthier.data.tables.schema import Schema
from luthier.data.tables.words import WORD
from luthier.data.targets import MANY, find_strays, to_single_or_double

TARGETS = ("target", "label", "class", "y")


PARTS = ("part", "split")


TRAIN, VALIDATION, TEST = ("train", "training"), ("valid", "validation", "val", "dev"), ("test", "testing")


SHOWN = 5


@dataclass(frozen=True)
class Roles:
    """Names of the columns that are no features; None for a role that no column has."""

    target: str
    part: str | None
    group: str | None
    time: str | None

    @property
    def dividing(self) -> tuple[str, ...]:
        """Names of the columns that say parts, groups and times."""
        return tuple(name for name in (self.part, self.group, self.time) if name is not None)

    def features(self, table: Table) -> Table:
        """Return the columns that have no role."""
        return {name: one for name, one in table.items() if name not in (self.target, *self.dividing)}


def find_roles(table: Table, data_config: DataConfig, target: str | None = None) -> Roles:
    """Find the columns that the settings name, and by their usual names the target and the part.

    target: a column that is known to be it. A column is taken for the part where it holds nothing but names of parts.
    Raises BadInput with every column that is not there.
    """
    named = {
        "target": data_config.target or target,
        "part": data_config.part,
        "group": data_config.group,
        "time": data_config.time,
    }
    problems = [
        f"data.{role} must name a column of the table, but got {name!r}; {suggest_nearest(name, table)}"
        for role, name in named.items()
        if name is not None and name not in table
    ]
    given = [name for name in named.values() if name is not None]
    problems += [
        f"a column has one role, but {name} is given two of target, part, group and time; take one of them out"
        for name in sorted({name for name in given if given.count(name) > 1})
    ]
    raise_all(problems)
    part = data_config.part or next((name for name in table if name.lower() in PARTS and _are_parts(table[name])), None)
    return Roles(named["target"] or _target(table), part, data_config.group, data_config.time)


def _target(table: Table) -> str:
    target_names = [name for name in table if name.lower() in TARGETS]
    if len(target_names) == 1:
        return target_names[0]
    got = f"{', '.join(target_names)} all could be" if target_names else f"none of {', '.join(table)} is"
    raise BadInput(
        f"a table's target is the column named {', '.join(TARGETS[:-1])} or {TARGETS[-1]}, but {got}; "
        "name it with --set data.target=COLUMN"
    )


def _are_parts(values: np.ndarray) -> bool:
    return {str(value).lower() for value in values.tolist()} <= {*TRAIN, *VALIDATION, *TEST}


def read_parts(values: np.ndarray, name: str, problems: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Mark the rows of the validation and of the test part (N,) by the names in a column."""
    spelt = np.asarray([str(value).lower() for value in values.tolist()])
    valid, test = np.isin(spelt, VALIDATION), np.isin(spelt, TEST)
    odd = np.flatnonzero(~(valid | test | np.isin(spelt, TRAIN)))
    if len(odd):
        problems.append(
            f"data.part must hold train, valid or test, but {len(odd)} rows of {name} do not, such as "
            f"{spelt.item(int(odd[0]))!r} in row {odd[0]}; mend them"
        )
    elif (valid | test).all():
        problems.append(f"a table needs training rows, but {name} says train in none; mend it")
    return valid, test


def read_groups(values: np.ndarray, name: str, problems: list[str]) -> np.ndarray:
    """Number the groups that a column names (N,), int64."""
    _whole(values, f"data.group {name}", problems)
    found: np.ndarray = np.unique(values.astype(str), return_inverse=True)[1]
    return found.astype(np.int64)


def read_times(values: np.ndarray, name: str, dates: DateOrder, problems: list[str]) -> np.ndarray:
    """Read the times in a column (N,), float64: numbers, or dates as days since 1970."""
    _whole(values, f"data.time {name}", problems)
    reading = learn_numbers(values, dates) or Reading()
    problems += doubt_dates(name, values, reading) if dates == "auto" else []
    rule = reading.rule if reading.dates else "numbers or dates (ISO 8601, or all in one order)"
    numbers, bad = read_numbers(values, reading)
    if bad.any():
        row = np.flatnonzero(bad)[0]
        problems.append(
            f"data.time must hold {rule}, but {np.count_nonzero(bad)} values of {name} are none, "
            f"such as {values.item(int(row))!r} in row {row}; mend them"
        )
    return numbers


def _whole(values: np.ndarray, what: str, problems: list[str]) -> None:
    absent = np.flatnonzero(mark_missing(values))
    if len(absent):
        problems.append(f"{what} must not be missing, but is in {len(absent)} rows: {_some_rows(absent)}; fill it")


def _some_rows(rows: np.ndarray) -> str:
    return ", ".join(map(str, rows[:SHOWN].tolist())) + (", ..." if len(rows) > SHOWN else "")


def read_target(
    values: np.ndarray,
    name: str,
    task: Task,
    problems: list[str],
    *,
    dates: DateOrder = "auto",
    words: Sequence[str] = (),
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Read the target as class numbers (N,), int64, with the names of the classes, or as values (N, 1), float32,
    or float64 where that would lose them.

    task: auto takes texts, and whole numbers of which at most 30 differ, for classes, and numbers of which some are not
        whole for values; more whole numbers could be either, as could whole ones but for a few, which is a problem.
    dates: what stands first in dates that can be read both ways. words: texts of the file that count as missing there.
    """
    absent = np.flatnonzero(mark_missing(values))
    if len(absent):
        said = f", of which some say {' or '.join(words)}" if words else ""
        other = f', or put a class of that name in quotes, as "{words[0]}"' if words else ""
        problems.append(
            f"the target {name} must not be missing, but is in {len(absent)} rows: {_some_rows(absent)}{said}; drop or "
            f"fill them{other}"
        )
        return np.zeros(len(values), np.int64), ()
    reading = learn_numbers(values, dates)
    if reading is not None:
        problems += doubt_dates(name, values, reading) if dates == "auto" else []
        problems += _marks(values, name, reading)
        task = _task(values, name, reading, problems) if task == "auto" else task
    return (_values if task == "regression" else _classes)(values, name, reading, problems)


def _marks(values: np.ndarray, name: str, reading: Reading) -> list[str]:
    """Describe the problem of a target of numbers with marks of missing ones."""
    rows = np.flatnonzero([value in reading.missing for value in values.tolist()] if reading.missing else [])
    return [
        f"the target {name} must not be missing, but {_some_values(values, rows)} stand for a missing number; drop or "
        "fill them, or give a class another name"
        for _ in rows[:1]
    ]


def _task(values: np.ndarray, name: str, reading: Reading, problems: list[str]) -> Task:
    numbers, bad = read_numbers(values, reading)
    plain = numbers[~bad]
    odd = find_strays(numbers)
    if len(odd):
        problems.append(
            f"the target {name} must hold classes or values, but {len(odd)} of its numbers are not whole among many "
            f"that are, such as {values.item(int(odd[0]))!r} in row {odd[0]}; mend them, or say --set "
            "data.task=regression"
        )
    if (plain != np.floor(plain)).any():
        return "regression"
    count = len(np.unique(plain))
    if count > MANY:
        problems.append(
            f"the target {name} must hold classes or values, but its {count} different whole numbers could be either; "
            "say --set data.task=regression or --set data.task=classification"
        )
    return "classification"


def _classes(
    values: np.ndarray, name: str, reading: Reading | None, problems: list[str]
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Number the classes, which are called as they stand there: numbers by size, texts by the alphabet."""
    numbers, bad = read_numbers(values, reading) if reading else (np.zeros(1), np.ones(1, bool))
    endless = np.flatnonzero(np.isinf(numbers))
    if len(endless):
        problems.append(
            f"the target {name} must be finite, but {len(endless)} rows are not: "
            f"{_some_values(values, endless)}; mend them"
        )
    texts = write_numbers(values).tolist()
    size = {} if bad.any() else {text: _measure(text, reading or PLAIN) for text in set(texts)}
    names = sorted(set(texts), key=lambda text: (size.get(text, 0), text))
    place = {name: k for k, name in enumerate(names)}
    return np.asarray([place[text] for text in texts], np.int64), tuple(names)


def list_alike(classes: Collection[str], name: str) -> list[str]:
    """Describe classes that are one number written in several ways, such as 1 and 1.0: perhaps one was meant.

    >>> list_alike(["1", "1.0", "2"], "y")
    ['classes 1, 1.0 of y are the same number; they are taken for different classes, as they are written']
    """
    ways: dict[float, list[str]] = {}
    for text in classes:
        ways.setdefault(_measure(text, PLAIN), []).append(text)
    return [
        f"classes {', '.join(texts[:SHOWN])} of {name} are the same number; they are taken for different classes, as "
        "they are written"
        for number, texts in ways.items()
        if len(texts) > 1
    ]


def _measure(text: str, reading: Reading) -> float:
    """Return the number that a class is called by, to its last digit where it is whole."""
    return int(text) if WHOLE.fullmatch(text) else float(read_numbers(np.asarray([text], object), reading)[0].item())


WHOLE = re.compile(r"[+-]?[0-9]{1,400}")


def _values(
    values: np.ndarray, name: str, reading: Reading | None, problems: list[str]
) -> tuple[np.ndarray, tuple[str, ...]]:
    numbers, bad = read_numbers(values, reading or PLAIN)
    plain = to_single_or_double(numbers[:, None])[:, 0]
    rows = np.flatnonzero(bad | ~np.isfinite(plain))
    if len(rows):
        some = _some_values(values, rows)
        problems.append(f"values must be finite numbers, but {len(rows)} of {name} are not: {some}; drop such rows")
    return plain[:, None], ()


def _some_values(values: np.ndarray, rows: np.ndarray) -> str:
    return ", ".join(f"{values.item(row)!r} in row {row}" for row in rows[:SHOWN].tolist())


BYTES = 16


def hash_rows(table: Table, schema: Schema, inputs: np.ndarray) -> np.ndarray | None:
    """Compute digests of the rows (N, 16), uint8; None without a text, where the inputs (N, F + T) suffice.

    Two texts of unknown words, or of the same first 256, are not the same text.
    """
    if schema.text is None:
        return None
    numbers = np.ascontiguousarray(inputs[:, : len(schema.features)])
    texts = (" ".join(WORD.findall(str(text or "").lower())) for text in table[schema.text.name].tolist())
    digests = (
        hashlib.blake2b(row.tobytes() + text.encode(errors="replace"), digest_size=BYTES).digest()
        for row, text in zip(numbers, texts, strict=True)
    )
    return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, BYTES)
