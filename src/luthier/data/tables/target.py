"""The target of a table: classes, or values to be predicted."""

import numpy as np

from luthier.data.precision import single_or_double
from luthier.data.reading import Task
from luthier.data.tables.columns import are_numbers, missing, numbers
from luthier.data.whole import MANY, strays

SHOWN = 5


def read_target(values: np.ndarray, name: str, task: Task, problems: list[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Read the target as class numbers (N,), int64, with the names of the classes, or as values (N, 1), float32,
    or float64 where that would lose them.

    task: auto takes texts, and whole numbers of which at most 30 differ, for classes, and numbers of which some are not
        whole for values; more whole numbers could be either, as could whole ones but for a few, which is a problem.
    """
    absent = np.flatnonzero(missing(values))
    if len(absent):
        some = ", ".join(map(str, absent[:SHOWN].tolist())) + (", ..." if len(absent) > SHOWN else "")
        problems.append(
            f"the target {name} must not be missing, but is in {len(absent)} rows: {some}; drop or fill them"
        )
        return np.zeros(len(values), np.int64), ()
    numeric = are_numbers(values)
    if task == "auto":
        task = _task(values, name, problems) if numeric else "classification"
    return _values(values, name, problems) if task == "regression" else _classes(values, name, numeric, problems)


def _task(values: np.ndarray, name: str, problems: list[str]) -> Task:
    found, bad = numbers(values)
    plain = found[~bad]
    odd = strays(found)
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


def _classes(values: np.ndarray, name: str, numeric: bool, problems: list[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Number the classes: numbers by size, texts by the alphabet."""
    found, bad = numbers(values) if numeric else (values, np.ones(1, bool))
    endless = np.flatnonzero(np.isinf(found)) if numeric else np.zeros(0, np.int64)
    if len(endless):
        problems.append(
            f"the target {name} must be finite, but {len(endless)} rows are not: {_some(values, endless)}; mend them"
        )
    if bad.any():
        names, labels = np.unique(values.astype(str), return_inverse=True)
        return labels.astype(np.int64), tuple(map(str, names.tolist()))
    distinct, labels = np.unique(found, return_inverse=True)
    return labels.astype(np.int64), tuple(f"{value:.15g}" for value in distinct.tolist())


def _values(values: np.ndarray, name: str, problems: list[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    found, bad = numbers(values)
    plain = single_or_double(found[:, None])[:, 0]
    rows = np.flatnonzero(bad | ~np.isfinite(plain))
    if len(rows):
        some = _some(values, rows)
        problems.append(f"values must be finite numbers, but {len(rows)} of {name} are not: {some}; drop such rows")
    return plain[:, None], ()


def _some(values: np.ndarray, rows: np.ndarray) -> str:
    return ", ".join(f"{values.item(row)!r} in row {row}" for row in rows[:SHOWN].tolist())
