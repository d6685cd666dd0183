"""What the columns of a table mean: kept with a network, so that it takes raw tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from luthier.core.batch import Form, Text
from luthier.data.tables.readings import PLAIN, Reading, unify, write_numbers

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
    def given(self) -> tuple[str, ...]:
        """Names of all columns of the table that it was learnt from."""
        return (*self.names, *(name for name, _ in self.dropped), self.target, *self.roles)

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
