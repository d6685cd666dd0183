"""Reads the X of sequences as one array padded to one length: steps behind a sequence's end are NaN."""

from collections.abc import Sequence
from typing import Any

import numpy as np

STEPS = 3


SHOWN = 5


def are_ragged(X: Any) -> bool:
    """Return whether X lists float arrays (T_i, F) that differ in length, and so can only be sequences.

    >>> are_ragged([np.zeros((2, 3)), np.zeros((4, 3))]), are_ragged([np.zeros((2, 3))] * 2)
    (True, False)
    """
    if not isinstance(X, list | tuple) or not all(getattr(sequence, "ndim", 0) == 2 for sequence in X):
        return False
    return len({len(sequence) for sequence in X}) > 1 and all(np.asarray(sequence).dtype.kind == "f" for sequence in X)


def read_sequences(X: Any, lengths: Any, problems: list[str]) -> np.ndarray:
    """Convert sequences to (N, T, F), float32; T is the length of the longest, and values behind an end are NaN.

    X: (N, T, F), or a list of arrays (T_i, F). lengths: steps of each sequence (N,), 1 to T; None where X is a list or
        has NaN in all features of the steps behind an end.
    """
    if isinstance(X, list | tuple):
        X, lengths = _pad(X, lengths, problems)
    array = np.asarray(X)
    if array.ndim != STEPS or 0 in array.shape or array.dtype.kind not in "uifb":
        got = f"shape {array.shape}" if array.dtype.kind in "uifb" else str(array.dtype)
        problems.append(f"sequences must be numbers (N, T, F) and not empty, but got {got}; bring X to that form")
        return np.full((len(array) if array.ndim else 0, 1, 1), np.nan, np.float32)
    with np.errstate(over="ignore"):  # _check_finite says so
        steps = array.astype(np.float32)
    ends = _ends(steps) if lengths is None else _check(lengths, steps, problems)
    valid = np.arange(steps.shape[1]) < ends[:, None]
    _check_finite(steps, valid, problems)
    steps[~valid] = np.nan
    return np.ascontiguousarray(steps[:, : max(1, ends.max(initial=1))])


def _pad(X: Sequence[Any], lengths: Any, problems: list[str]) -> tuple[np.ndarray, np.ndarray | None]:
    """Put a list of arrays (T_i, F) into one array, and return it with their lengths."""
    try:
        arrays = [np.asarray(sequence) for sequence in X]
    except ValueError:
        arrays = []
    if {sequence.ndim for sequence in arrays} == {2} and len({sequence.shape[1:] for sequence in arrays}) == 1:
        if lengths is not None:
            problems.append("a list of sequences has their lengths, but got lengths as well; leave them out")
        kinds = {sequence.dtype.kind for sequence in arrays} <= set("uifb")
        result = np.full((len(arrays), max(map(len, arrays)), arrays[0].shape[1]), np.nan)
        for row, one in zip(result, arrays if kinds else (), strict=False):
            row[: len(one)] = one
        if not kinds:
            problems.append("sequences must hold numbers, but some hold texts or objects; encode these first")
        return result, np.asarray([len(sequence) for sequence in arrays])
    shapes = ", ".join(str(sequence.shape) for sequence in arrays[:SHOWN])
    problems.append(f"a list of sequences must hold arrays (T, F) of one F, but got {shapes or 'others'}; mend X")
    return np.zeros((len(X), 1, 1)), None


def _ends(steps: np.ndarray) -> np.ndarray:
    """Find the lengths (N,), where all steps behind an end are NaN in all features."""
    exists = ~np.isnan(steps).all(axis=2)
    last = steps.shape[1] - exists[:, ::-1].argmax(axis=1)
    ends: np.ndarray = np.where(exists.any(axis=1), last, 0)
    return ends


def _check(lengths: Any, steps: np.ndarray, problems: list[str]) -> np.ndarray:
    count, most = steps.shape[:2]
    numbers = np.asarray(lengths)
    if numbers.shape != (count,) or numbers.dtype.kind not in "ui":
        problems.append(
            f"lengths must be {count} whole numbers, one for each sequence, "
            f"but got {numbers.dtype} of shape {numbers.shape}; pass one for each"
        )
        return np.full(count, most)
    bad = np.flatnonzero((numbers < 0) | (numbers > most))
    if len(bad):
        problems.append(
            f"lengths must be at most the {most} steps of X, but {len(bad)} are not, "
            f"such as {numbers[bad[0]]} in row {bad[0]}; mend them"
        )
    return np.clip(numbers.astype(np.int64), 0, most)


def _check_finite(steps: np.ndarray, valid: np.ndarray, problems: list[str]) -> None:
    empty = np.flatnonzero(~valid.any(axis=1))
    if len(empty):
        problems.append(
            f"sequences must have at least one step, but {len(empty)} have none, such as rows {_some(empty)}; drop them"
        )
    bad = np.flatnonzero((~np.isfinite(steps).all(axis=2) & valid).any(axis=1))
    if len(bad):
        problems.append(
            f"sequences must be finite in float32 up to their ends, but {len(bad)} are not, "
            f"such as rows {_some(bad)}; mend or drop them"
        )


def _some(rows: np.ndarray) -> str:
    return ", ".join(map(str, rows[:SHOWN].tolist())) + (", ..." if len(rows) > SHOWN else "")


def pad_to_longest(parts: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Pad the sequences of several arrays (N, T, F) to the length of the longest, NaN behind their ends.

    >>> [part.shape for part in pad_to_longest([np.zeros((5, 2, 3)), np.zeros((1, 7, 3))])]
    [(5, 7, 3), (1, 7, 3)]
    """
    steps = max(part.shape[1] for part in parts)
    return [np.pad(part, ((0, 0), (0, steps - part.shape[1]), (0, 0)), constant_values=np.nan) for part in parts]
