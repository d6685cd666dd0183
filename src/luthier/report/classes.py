"""How a network did class by class."""

from typing import Any

import numpy as np

from luthier.models.metrics import confusion, per_class
from luthier.report.answers import PartPredictions

MOST_IN_MATRIX, MOST_ROWS, MOST_MIXED = 30, 200, 20


def by_class(answers: PartPredictions) -> dict[str, Any]:
    """Confusion matrix, table of the classes, and what is most often taken for what.

    The matrix is left out above 30 classes; of more than 200 those with the least recall are listed.
    """
    names = answers.run.classes
    matrix = confusion(answers.kept.answers, answers.kept.truth)
    rows = per_class(matrix, names)
    if len(rows) > MOST_ROWS:
        rows = sorted(rows, key=lambda row: (row["recall"] is None, row["recall"]))[:MOST_ROWS]
    counts = matrix.numpy()
    return {
        "names": names,
        "rows": rows,
        "matrix": [_row(name, one) for name, one in zip(names, counts, strict=True)] if _small(names) else [],
        "mixed": _mixed(counts, names),
        "more": len(names) - len(rows),
    }


def _small(names: tuple[str, ...]) -> bool:
    return len(names) <= MOST_IN_MATRIX


def _row(name: str, counts: np.ndarray) -> dict[str, Any]:
    """One row of the matrix, each count with its share of the row."""
    total = max(1, int(counts.sum()))
    return {"name": name, "cells": [{"n": int(n), "share": round(float(n) / total, 3)} for n in counts]}


def _mixed(counts: np.ndarray, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """The pairs of classes that are most often taken for one another."""
    off = counts.copy()
    np.fill_diagonal(off, 0)
    order = np.argsort(-off, axis=None, kind="stable")[:MOST_MIXED]
    pairs = [(int(k) // len(names), int(k) % len(names)) for k in order]
    return [{"true": names[a], "answer": names[b], "n": int(off[a, b])} for a, b in pairs if off[a, b]]
