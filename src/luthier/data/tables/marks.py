"""What people write in a column of numbers beside plain numbers: marks of missing, limits, units."""

import re
from collections.abc import Collection, Iterable

MARKS = frozenset(
    (
        "?", "-", "--", "---", "–", "—", ".", "..", "...", "*", "#n/a", "#n/a n/a", "#na", "#null!", "#num!",
        "#div/0!", "#value!", "#ref!", "#name?", "<na>", "<n/a>", "(null)", "n.a.", "n. a.", "n.d.", "n. d.", "nd",
        "n/d", "n/k", "nil", "nat", "missing", "unknown", "not available", "not applicable", "not detected",
        "no data", "k.a.", "k. a.", "s/d", "s.d.", "\\n", "-nan", "1.#qnan", "-1.#ind",
    )
)  # fmt: skip
"""Texts that stand for a missing number, in lower case: of spreadsheets, databases, laboratories and other programs."""


FIGURE = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"


LIMIT = re.compile(rf"[<>≤≥]=?\s*{FIGURE}")
"""A value beyond what could be measured."""


def find_marks(texts: Iterable[str]) -> tuple[str, ...]:
    """Find the texts that stand for a missing number, marks and limits, each once.

    >>> find_marks(["1.5", "#N/A", "<0.1", "A", "#N/A"])
    ('#N/A', '<0.1')
    """
    return tuple(text for text in dict.fromkeys(texts) if text.lower() in MARKS or LIMIT.fullmatch(text))


PLAIN = r"[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)"
"""A number that is no code: without a zero before other digits."""


MEASURE = re.compile(rf"(?P<before>[$€£¥]\s*)?(?P<figure>{PLAIN})(?P<after>\s*[%‰°$€£¥µA-Za-z][%°µA-Za-z²³/]{{0,7}})?")


def split_unit(text: str) -> tuple[str, str] | None:
    """Split a number with a unit into both; None where it is none.

    >>> split_unit("40.1%"), split_unit("$5"), split_unit("12 kg"), split_unit("12"), split_unit("A12")
    (('40.1', '%'), ('5', '$'), ('12', 'kg'), None, None)
    """
    found = MEASURE.fullmatch(text)
    if found is None or (found["before"] is None) == (found["after"] is None):
        return None
    return found["figure"], (found["before"] or found["after"]).strip()


def find_unit(texts: Collection[str]) -> str | None:
    """Find the one unit of numbers; None where they have none, or several.

    >>> find_unit(["1 kg", "2kg"]), find_unit(["1 kg", "500 g"]), find_unit(["1", "2"])
    ('kg', None, None)
    """
    unit = None
    for text in texts:
        found = split_unit(text)
        if found is None or unit not in (None, found[1]):
            return None
        unit = found[1]
    return unit
