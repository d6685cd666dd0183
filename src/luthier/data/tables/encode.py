"""From the columns of a table to the numbers that a network reads."""

import warnings

import numpy as np

from luthier.core.errors import LuthierWarning, raise_all
from luthier.data.tables.columns import Table, check_columns
from luthier.data.tables.readings import mark_missing, read_numbers
from luthier.data.tables.schema import Column, Schema
from luthier.data.tables.words import split_words

SHOWN = 5


def encode(table: Table, schema: Schema, *, warn: bool = True) -> np.ndarray:
    """Encode a table as rows (N, F + T), float32: the schema's features, then the words of its text.

    A missing number is NaN, a missing or unknown category none of the known ones, which zeros say; an unknown word, and
    a text without words, is word 0; behind the end of a text stands NaN.

    warn: whether columns and categories are warned of that the network does not know.
    Raises BadInput with every column that is not there and every value that is no finite number where one must be.
    """
    problems: list[str] = []
    left_out = (name for name, _ in schema.dropped)
    check_columns(table, schema.names, (schema.target, *schema.roles, *left_out), warn)
    blocks = [_block(table[column.name], column, problems, warn) for column in schema.columns if column.kind != "text"]
    raise_all(problems)
    if schema.text:
        blocks.append(_tokens(table[schema.text.name], schema.text, schema.steps))
    return np.ascontiguousarray(np.concatenate(blocks, axis=1))


def _block(values: np.ndarray, column: Column, problems: list[str], warn: bool) -> np.ndarray:
    values = column.bring(values)
    block = _number(values, column, problems) if column.kind == "number" else _category(values, column, warn)
    marks = mark_missing(values)[:, None].astype(np.float32)
    return np.concatenate((block, marks), axis=1) if column.missing else block


def _number(values: np.ndarray, column: Column, problems: list[str]) -> np.ndarray:
    found, bad = read_numbers(values, column.reading)
    with np.errstate(over="ignore"):
        plain = found.astype(np.float32)
    for rows, rule in (
        (np.flatnonzero(bad), column.reading.rule),
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
    known = np.asarray(column.values, object)
    block: np.ndarray = (values[:, None] == known).astype(np.float32)
    unknown = sorted({text for text in values.tolist() if text is not None} - set(column.values))
    if unknown and warn:
        some = ", ".join(unknown[:SHOWN]) + (", ..." if len(unknown) > SHOWN else "")
        line = f"column {column.name} has categories that the network does not know, {some}; they count as none"
        warnings.warn(line, LuthierWarning, stacklevel=2)
    return block


def _tokens(values: np.ndarray, column: Column, steps: int) -> np.ndarray:
    numbers = {word: number for number, word in enumerate(column.values, 1)}
    block = np.full((len(values), steps), np.nan, np.float32)
    for row, text in zip(block, column.bring(values).tolist(), strict=True):
        tokens = [numbers.get(word, 0) for word in split_words(text)][:steps] or [0]
        row[: len(tokens)] = tokens
    return block
