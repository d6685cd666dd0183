"""The forms that examples can have: `text` is a row of a table whose last numbers stand for words."""

from typing import Literal

Form = Literal["pictures", "rows", "sequences", "text"]
OF_DIMENSIONS: dict[int, Form] = {1: "rows", 2: "sequences", 3: "pictures"}
"""Form of examples (F,), (T, F) and (C, H, W)."""
