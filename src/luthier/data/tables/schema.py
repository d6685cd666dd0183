"""What the columns of a table mean: kept with a network, so that it takes raw tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from luthier.core.form import Form, Text

Kind = Literal["number", "category", "text"]


@dataclass(frozen=True)
class Column:
    """One column that a network reads.

    missing: whether a number of its own says that the value is missing.
    values: the categories, each with a number of its own; or the words that are known, the first as number 1.
    """

    name: str
    kind: Kind
    missing: bool = False
    values: tuple[str, ...] = ()

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the numbers that stand for a value; none of a text, whose words stand behind all others."""
        marks = (f"{self.name} is missing",) if self.missing else ()
        if self.kind == "number":
            return (self.name, *marks)
        return (*(f"{self.name} = {value}" for value in self.values), *marks) if self.kind == "category" else ()


@dataclass(frozen=True)
class Schema:
    """All columns that a network reads.

    target: name of the column that is predicted. steps: words of a text that are read; 0 where there is no text.
    dropped: columns that are left out, each with the reason.
    """

    target: str
    columns: tuple[Column, ...]
    steps: int = 0
    dropped: tuple[tuple[str, str], ...] = ()

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the numbers that stand for a row, those of words left out (F,)."""
        return tuple(feature for column in self.columns for feature in column.features)

    @property
    def form(self) -> Form:
        """What a row is to a network."""
        return "text" if self.text else "rows"

    @property
    def layout(self) -> Text | None:
        """How a row holds its text, None where there is none."""
        return Text(len(self.features), 1 + len(self.text.values)) if self.text else None

    @property
    def text(self) -> Column | None:
        """The column of text, None where there is none."""
        return next((column for column in self.columns if column.kind == "text"), None)

    def dump(self) -> dict[str, Any]:
        """Turn the schema into plain values that JSON can hold.

        >>> schema = Schema("price", (Column("area", "number"),))
        >>> Schema.of(schema.dump()) == schema
        True
        """
        columns = [
            {"name": one.name, "kind": one.kind, "missing": one.missing, "values": list(one.values)}
            for one in self.columns
        ]
        return {
            "target": self.target,
            "columns": columns,
            "steps": self.steps,
            "dropped": list(map(list, self.dropped)),
        }

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Schema":
        """Read what `dump` gave."""
        columns = tuple(Column(**{**one, "values": tuple(one["values"])}) for one in values["columns"])
        dropped = tuple((name, reason) for name, reason in values["dropped"])
        return cls(values["target"], columns, values["steps"], dropped)
