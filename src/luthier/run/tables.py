"""Further sequences and tables for a finished run, in the form that its network takes."""

from pathlib import Path
from typing import Any

import numpy as np

from luthier.core.errors import BadInput, raise_all
from luthier.data.sources.sequences import read_sequences
from luthier.data.tables import Schema, encode, has_columns, read_columns, read_table


def encode_sequences(X: Any, features: int) -> np.ndarray:
    """Convert sequences to (N, T, F), float32, NaN behind their ends; they may be longer than those of training."""
    problems: list[str] = []
    sequences = read_sequences(X, None, problems)
    raise_all(problems)
    if sequences.shape[2] != features:
        raise BadInput(
            f"X must be (N, T, {features}) or a list of (T, {features}) for this run, "
            f"but its steps have {sequences.shape[2]} features; bring it to that form"
        )
    return sequences


def encode_rows(X: Any, schema: Schema) -> np.ndarray:
    """Convert rows of a table to the numbers that the network reads (N, F).

    X: the path of a CSV or Parquet file, columns by name (a frame, a mapping, an array of records), or the numbers
        themselves in the schema's order, NaN where they are missing.
    """
    if isinstance(X, str | Path):
        return encode(read_table(Path(X), schema=schema), schema)
    if has_columns(X):
        return encode(read_columns(X), schema)
    array = np.asarray(X.astype(np.float64).filled(np.nan) if np.ma.is_masked(X) else X)
    width = len(schema.features) + schema.steps
    if array.dtype.kind in "uifb" and array.ndim == 2 and array.shape[1] == width:
        with np.errstate(over="ignore"):
            rows = array.astype(np.float32)
        if not np.isinf(rows).any():
            return rows
    raise BadInput(
        f"X must be a table's path, its columns by name, or its {width} numbers a row, each finite in float32 or NaN, "
        f"but got {array.dtype} of shape {array.shape}; bring it to that form"
    )
