"""From the columns of a table to the numbers that a network reads."""

import math
import warnings

import numpy as np

from luthier.core.errors import LuthierWarning, raise_all
from luthier.data.tables.read import Table, mark_missing, read_numbers
from luthier.data.tables.schema import Column, Schema, split_words

SHOWN = 5


def encode(table: Table, schema: Schema, *, warn: bool = True) -> np.ndarray:
    """Encode a table as rows (N, F + T), float32: the schema's features, then the words of its text.

    A missing number is NaN, a missing or unknown category none of the known ones, which zeros say; an unknown word, and
    a text without words, is word 0; behind the end of a text stands NaN.

    warn: whether unknown categories are warned of.
    Raises BadInput with every column that is not there and every value that is no finite number where one must be.
    """
    problems = [
        f"the table must have the column {column.name}, but has {', '.join(table)}; add it"
        for column in schema.columns
        if column.name not in table
    ]
    raise_all(problems)
    blocks = [_block(table[column.name], column, problems, warn) for column in schema.columns if column.kind != "text"]
    raise_all(problems)
    if schema.text:
        blocks.append(_tokens(table[schema.text.name], schema.text, schema.steps))
    return np.ascontiguousarray(np.concatenate(blocks, axis=1))


def _block(values: np.ndarray, column: Column, problems: list[str], warn: bool) -> np.ndarray:
    block = _number(values, column, problems) if column.kind == "number" else _category(values, column, warn)
    marks = mark_missing(values)[:, None].astype(np.float32)
    return np.concatenate((block, marks), axis=1) if column.missing else block


def _number(values: np.ndarray, column: Column, problems: list[str]) -> np.ndarray:
    found, bad = read_numbers(values)
    with np.errstate(over="ignore"):
        plain = found.astype(np.float32)
    for rows, rule in (
        (np.flatnonzero(bad), "numbers"),
        (np.flatnonzero(np.isinf(plain)), "numbers finite in float32"),
    ):
        if len(rows):
            some = ", ".join(f"{values.item(row)!r} in row {row}" for row in rows[:SHOWN].tolist())
            rest = ", ..." if len(rows) > SHOWN else ""
            problems.append(
                f"column {column.name} must hold {rule}, but {len(rows)} values are not: {some}{rest}; "
                "mend or empty them"
            )
    return plain[:, None]


def _category(values: np.ndarray, column: Column, warn: bool) -> np.ndarray:
    texts = np.asarray([_spelt(value) for value in values.tolist()], object)
    known = np.asarray(column.values, object)
    block: np.ndarray = (texts[:, None] == known).astype(np.float32)
    unknown = sorted({text for text in texts.tolist() if text is not None} - set(column.values))
    if unknown and warn:
        some = ", ".join(unknown[:SHOWN]) + (", ..." if len(unknown) > SHOWN else "")
        line = f"column {column.name} has categories that the network does not know, {some}; they count as none"
        warnings.warn(line, LuthierWarning, stacklevel=2)
    return block


def _spelt(value: object) -> str | None:
    """Write a category as CSV spells it; a file of another kind may hold numbers."""
    if isinstance(value, float):
        return None if math.isnan(value) else f"{value:.15g}"
    return None if value is None else str(value)


def _tokens(values: np.ndarray, column: Column, steps: int) -> np.ndarray:
    numbers = {word: number for number, word in enumerate(column.values, 1)}
    block = np.full((len(values), steps), np.nan, np.float32)
    for row, text in zip(block, values.tolist(), strict=True):
        tokens = [numbers.get(word, 0) for word in split_words(text and str(text))][:steps] or [0]
        row[: len(tokens)] = tokens
    return block
