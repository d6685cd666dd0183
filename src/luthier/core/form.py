"""The forms that examples can have: `text` is a row of a table whose last numbers stand for words."""

from typing import Literal, NamedTuple

Form = Literal["pictures", "rows", "sequences", "text"]
OF_DIMENSIONS: dict[int, Form] = {1: "rows", 2: "sequences", 3: "pictures"}
"""Form of examples (F,), (T, F) and (C, H, W)."""


class Text(NamedTuple):
    """How a row holds a text: `columns` other numbers, then words, each below `tokens`, the size of the vocabulary."""

    columns: int
    tokens: int
