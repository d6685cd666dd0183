"""What people should know about how a table was read: what is left out, guessed, cut, or stands in for a value."""

import numpy as np

from luthier.data.tables.columns import Table
from luthier.data.tables.dates import ISO
from luthier.data.tables.learn import CATEGORIES
from luthier.data.tables.readings import EITHER, Reading, mark_missing, read_numbers
from luthier.data.tables.schema import NAMES_ROWS, NUMBERS_ROWS, Column, Schema
from luthier.data.tables.words import LONGEST, WORD, count_words

SHOWN = 3


def list_remarks(table: Table, schema: Schema, text: str | None = None) -> list[str]:
    """List what people should know about how a table was read, one line each, with what they can do.

    text: the column that was asked to be read as words.
    """
    lines = [f"column {name} is left out: it {reason}; {_remedy(name, reason)}" for name, reason in schema.dropped]
    for column in schema.columns:
        describe = {"number": _of_numbers, "category": _of_categories, "text": _of_words}[column.kind]
        lines += describe(table[column.name], column, text)
    return lines


def _remedy(name: str, reason: str) -> str:
    if reason.startswith(NAMES_ROWS):
        return f"say data.text = {name!r} if its words are to be read"
    if reason.startswith(NUMBERS_ROWS):
        return "give it another name if it says more"
    return "join both if both are to be read" if reason.startswith("is a text") else "nothing can be learnt from it"


def _of_numbers(values: np.ndarray, column: Column, _: str | None) -> list[str]:
    reading, lines = column.reading, []
    if values.dtype.kind == "f":
        return []
    texts = [value for value in values.tolist() if value is not None]
    plain = next((value for value in texts if value not in reading.missing), "")
    if reading.dates not in (None, ISO, EITHER):
        lines.append(f"column {column.name} is read as dates in the order {reading.dates}, such as {plain!r}; write "
                     "them as ISO 8601 does (2020-12-31) if that is not meant")  # fmt: skip
    if reading.measure:
        lines.append(f"column {column.name} is read as numbers in {reading.measure}, such as {plain!r}; write further "
                     "rows in that unit too")  # fmt: skip
    if reading.missing:
        count, more = sum(map(set(reading.missing).__contains__, texts)), ", ..." * (len(reading.missing) > SHOWN)
        lines.append(f"column {column.name} holds {', '.join(map(repr, reading.missing[:SHOWN]))}{more} in place of "
                     f"{count} numbers, which count as missing; write the numbers if they are known")  # fmt: skip
    return lines


def _of_categories(values: np.ndarray, column: Column, _: str | None) -> list[str]:
    others = len(set(column.bring(values).tolist()) - {None, *column.values})
    lines = []
    if others and len(column.values) == CATEGORIES:
        lines.append(f"column {column.name} has {others} categories beyond the {CATEGORIES} most frequent; they count "
                     "as none of these")  # fmt: skip
    found, odd = read_numbers(values, Reading())
    count, words = np.count_nonzero(~np.isnan(found)), np.count_nonzero(odd)
    if words and count >= words:  # perhaps meant as numbers
        lines.append(f"column {column.name} holds {count} numbers and {words} texts, such as "
                     f"{values.item(int(odd.argmax()))!r}; all are taken for categories")  # fmt: skip
    return lines


def _of_words(values: np.ndarray, column: Column, text: str | None) -> list[str]:
    texts = [value for value in column.bring(values).tolist() if value]
    lines = []
    if text is None:
        words = sum(map(count_words, texts)) / max(len(texts), 1)
        lines.append(f"column {column.name} is read as free text, with {words:.0f} words in a value, one word after "
                     "another; leave it out of the file if it is none")  # fmt: skip
    long = sum(len(WORD.findall(one)) > LONGEST for one in texts)
    return [*lines, *([f"{long} texts of column {column.name} are cut to {LONGEST} words; shorten them if their ends "
                       "matter"] if long else [])]  # fmt: skip


def list_fillings(table: Table, schema: Schema) -> list[str]:
    """List what replaces missing values, one line for each column that has some."""
    stand_in = {"number": "the mean stands for it", "category": "no category stands for it", "text": "no word is read"}
    absent = {column: np.count_nonzero(mark_missing(column.bring(table[column.name]))) for column in schema.columns}
    return [f"column {one.name} is missing in {n} rows, where {stand_in[one.kind]}" for one, n in absent.items() if n]
