"""What the columns of a table mean: kept with a network, so that it takes raw tables."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from luthier.core.batch import Form, Text
from luthier.core.errors import BadInput, raise_all, suggest_nearest
from luthier.data.tables.columns import Table
from luthier.data.tables.readings import (
    BOOLEANS,
    PLAIN,
    Reading,
    learn_numbers,
    learn_texts,
    mark_missing,
    read_numbers,
    unify,
    write_numbers,
)
from luthier.data.targets import find_indistinct

Kind = Literal["number", "category", "text"]


NUMBERS_ROWS, NAMES_ROWS = "numbers the rows", "names the rows"


NAMING = (NUMBERS_ROWS, NAMES_ROWS)
"""How the reasons begin for which a column is left out that tells rows apart."""


@dataclass(frozen=True)
class Column:
    """One column that a network reads.

    missing: whether a number of its own says that the value is missing.
    values: the categories, each with a number of its own; or the words that are known, the first as number 1.
    reading: how the values are written.
    """

    name: str
    kind: Kind
    missing: bool = False
    values: tuple[str, ...] = ()
    reading: Reading = PLAIN

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Column":
        """Make the column from plain values; runs of earlier versions noted no reading."""
        known = tuple(values["values"])
        noted = values.get("reading")
        reading = Reading.of_earlier(values["kind"], known) if noted is None else Reading.of(noted)
        return cls(**{**values, "values": known, "reading": reading})

    def bring(self, values: np.ndarray) -> np.ndarray:
        """Bring values (N,) to how the column was learnt: numbers, or texts with None for what is missing."""
        known = self.values if self.kind == "category" else ()
        return unify(values if self.kind == "number" else write_numbers(values, known), self.reading, known)

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the numbers that stand for a value; none for a text, whose words come after all others."""
        marks = (f"{self.name} is missing",) if self.missing else ()
        if self.kind == "number":
            return (self.name, *marks)
        return (*(f"{self.name} = {value}" for value in self.values), *marks) if self.kind == "category" else ()


@dataclass(frozen=True)
class Schema:
    """All columns that a network reads.

    target: name of the column that is predicted. steps: words of a text that are read; 0 where there is no text.
    dropped: columns that are left out, each with the reason. roles: columns that said the parts, groups or times.
    """

    target: str
    columns: tuple[Column, ...]
    steps: int = 0
    dropped: tuple[tuple[str, str], ...] = ()
    roles: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns that are read."""
        return tuple(column.name for column in self.columns)

    @property
    def row_names(self) -> tuple[str, ...]:
        """Columns that are left out because they number or name the rows."""
        return tuple(name for name, reason in self.dropped if reason.startswith(NAMING))

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the numbers that stand for a row, without those of words (F,)."""
        return tuple(feature for column in self.columns for feature in column.features)

    @property
    def form(self) -> Form:
        """The form of a row as a network sees it."""
        return "text" if self.text else "rows"

    @property
    def layout(self) -> Text | None:
        """How a row holds its text; None where it has none."""
        return Text(len(self.features), 1 + len(self.text.values)) if self.text else None

    @property
    def text(self) -> Column | None:
        """The column of text; None where there is none."""
        return next((column for column in self.columns if column.kind == "text"), None)

    def dump(self) -> dict[str, Any]:
        """Return the schema as plain values that JSON can hold.

        >>> schema = Schema("price", (Column("area", "number"),))
        >>> Schema.of(schema.dump()) == schema
        True
        """
        columns = [
            {
                "name": column.name,
                "kind": column.kind,
                "missing": column.missing,
                "values": list(column.values),
                "reading": column.reading.dump(),
            }
            for column in self.columns
        ]
        return {
            "target": self.target,
            "columns": columns,
            "steps": self.steps,
            "dropped": list(map(list, self.dropped)),
            "roles": list(self.roles),
        }

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Schema":
        """Make the schema from what `dump` returned."""
        dropped = tuple((name, reason) for name, reason in values["dropped"])
        columns = tuple(map(Column.of, values["columns"]))
        return cls(values["target"], columns, values["steps"], dropped, tuple(values.get("roles", ())))


CATEGORIES = 64
"""Categories of a column that get a number of their own: the most frequent ones."""


WORDS = 3
"""Words that the values of a column have on average, at least, so that it is taken for text."""


AN_ID = re.compile(r"(^|[ _-])(id|index|key|uuid)$|^(column|unnamed: )?\s?0$", re.IGNORECASE)


def learn_schema(table: Table, target: str, text: str | None, rows: np.ndarray) -> Schema:
    """Decide what each column means.

    Numbers stay numbers. Texts are categories; or, with more than 64 different values, a text of words where they have
    three words or more on average; or, where more than half differ, they are names and left out, as are numbers that
    all differ in a column called id. Constant and empty columns are left out.

    table: the columns without those that are no features, the target among the latter.
    text: name of the column of text, None to find it by the rule above. rows: which to look at (N,), the training ones.
    Raises BadInput with every problem.
    """
    if text is not None and text not in table:
        raise BadInput(f"data.text must name a column, but got {text!r}; {suggest_nearest(text, table)}")
    seen = {name: values[rows] for name, values in table.items()}
    meanings = {name: _column(name, values, name == text) for name, values in seen.items()}
    texts = [name for name, meaning in meanings.items() if isinstance(meaning, Column) and meaning.kind == "text"]
    if len(texts) > 1 and text is None:
        listed = ", ".join(texts)
        raise BadInput(f"a table may have one text, but {listed} hold texts; name the one to read with data.text")
    for name in texts:
        if text not in (None, name):
            meanings[name] = f"is a text beside {text}, and one is read"
    columns = tuple(meaning for meaning in meanings.values() if isinstance(meaning, Column))
    raise_all([] if columns else [f"a table needs a column to learn from, but {_reasons(meanings)}; add one"])
    raise_all(
        problem
        for column in columns
        if column.kind == "number"
        for problem in _coarse(column.name, column.bring(seen[column.name]), column.reading)
    )
    return Schema(
        target, columns, _steps(seen, columns), tuple((k, v) for k, v in meanings.items() if isinstance(v, str))
    )


def _coarse(name: str, values: np.ndarray, reading: Reading) -> list[str]:
    """Describe what keeps a column from being read in single precision; `encode` reports numbers too large for it."""
    known = read_numbers(values, reading)[0]
    known = known[np.abs(known) <= np.finfo(np.float32).max]
    if not len(known) or not len(find_indistinct(known[:, None])):
        return []
    return [
        f"column {name} must be told apart in float32, but runs from {known.min()!s} to {known.max()!s}; "
        "subtract its mean and divide by its standard deviation in the file, or leave the column out"
    ]


def _reasons(found: dict[str, Column | str]) -> str:
    return ", ".join(f"{name} {reason}" for name, reason in found.items()) or "there is none beside the target"


def _steps(seen: Table, columns: tuple[Column, ...]) -> int:
    """Count the words of the longest text, at least 1 where there is one."""
    return max(
        (
            max(1, len(split_words(text)))
            for column in columns
            if column.kind == "text"
            for text in column.bring(seen[column.name])
        ),
        default=0,
    )


def _column(name: str, values: np.ndarray, text: bool) -> Column | str:
    """Decide what a column means, or why it is left out."""
    if mark_missing(values).all():
        return "is empty"
    if text:
        known = unify(write_numbers(values), PLAIN)
        return Column(name, "text", values=make_vocabulary(known.tolist()))
    plain = unify(values, PLAIN)
    reading = learn_numbers(plain)
    return _verbal(name, values) if reading is None else _numeric(name, plain, reading)


def _numeric(name: str, values: np.ndarray, reading: Reading) -> Column | str:
    absent = mark_missing(values)
    known = read_numbers(values, reading)[0][~absent]
    if not len(known):
        return "is empty"
    if not absent.any():
        if (known == known[0]).all():
            return "is constant"
        if AN_ID.search(name) and len(np.unique(known)) == len(known):
            return NUMBERS_ROWS
    return Column(name, "number", bool(absent.any()), reading=reading)


def _verbal(name: str, values: np.ndarray) -> Column | str:
    texts = set(values.tolist()) - {None}
    reading = learn_texts(texts)
    held = {text for text in texts if not (reading.booleans and text.lower() in BOOLEANS)}
    known = [value for value in unify(values, reading, held).tolist() if value is not None]
    absent, counts = len(known) < len(values), Counter(known)
    if len(counts) == 1 and not absent:
        return "is constant"
    if len(counts) > CATEGORIES:
        if sum(len(WORD.findall(value)) for value in counts) >= WORDS * len(counts):
            return Column(name, "text", values=make_vocabulary(known))
        if 2 * len(counts) > len(known):
            return f"{NAMES_ROWS}, for most of its values differ"
    ranked = sorted(counts, key=lambda value: (-counts[value], value))
    return Column(name, "category", absent, tuple(sorted(ranked[:CATEGORIES])), reading)


def list_remarks(table: Table, schema: Schema) -> list[str]:
    """List what people should know about how a table was read, one line each."""
    lines = [f"column {name} is left out: it {reason}" for name, reason in schema.dropped]
    for column in schema.columns:
        if column.kind == "category" and len(column.values) == CATEGORIES:
            others = len(set(column.bring(table[column.name]).tolist()) - {None, *column.values})
            if others:
                lines.append(f"column {column.name} has {others} categories beyond the {CATEGORIES} most frequent; "
                             "they count as none of these")  # fmt: skip
        if column.kind == "text":
            long = sum(len(WORD.findall(text or "")) > LONGEST for text in column.bring(table[column.name]))
            lines += [f"{long} texts of column {column.name} are cut to {LONGEST} words"] if long else []
    return [*lines, *_mixed(table, schema)]


def _mixed(table: Table, schema: Schema) -> list[str]:
    """Find categories that are numbers in at least half of the rows, and were perhaps meant as numbers."""
    lines = []
    for column in schema.columns:
        found, odd = read_numbers(table[column.name])
        count, others = np.count_nonzero(~np.isnan(found)), np.count_nonzero(odd)
        if column.kind == "category" and others and count >= others:
            example = table[column.name].item(int(odd.argmax()))
            lines.append(f"column {column.name} holds {count} numbers and {others} texts, such as {example!r}; all are "
                         "taken for categories")  # fmt: skip
    return lines


def list_fillings(table: Table, schema: Schema) -> list[str]:
    """List what replaces missing values, one line for each column that has some."""
    stand_in = {"number": "the mean stands for it", "category": "no category stands for it", "text": "no word is read"}
    absent = {column: np.count_nonzero(mark_missing(column.bring(table[column.name]))) for column in schema.columns}
    return [f"column {one.name} is missing in {n} rows, where {stand_in[one.kind]}" for one, n in absent.items() if n]


WORD = re.compile(r"\w+|[^\w\s]")


LARGEST = 10_000
"""Words of a vocabulary."""


LONGEST = 256
"""Words of a text that are read; the rest is cut off."""


def split_words(text: str | None) -> list[str]:
    """Split a text into lower-case words and marks, the first 256 of them.

    >>> split_words("Not bad, not bad!")
    ['not', 'bad', ',', 'not', 'bad', '!']
    """
    return WORD.findall((text or "").lower())[:LONGEST]


def make_vocabulary(texts: Iterable[str | None]) -> tuple[str, ...]:
    """List words that occur at least twice, the most frequent first, at most 10,000; others are the unknown word."""
    counts = Counter(word for text in texts for word in split_words(text))
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return tuple(word for word in ranked[:LARGEST] if counts[word] > 1)
