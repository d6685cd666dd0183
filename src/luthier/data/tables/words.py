"""Texts as words."""

import re
from collections import Counter
from collections.abc import Iterable

WORD = re.compile(r"\w+|[^\w\s]")
LARGEST = 10_000
"""Words of a vocabulary."""
LONGEST = 256
"""Words of a text that are read; the rest is cut off."""


def words(text: str | None) -> list[str]:
    """Split a text into words in lower case and marks, the first 256 of them.

    >>> words("Not bad, not bad!")
    ['not', 'bad', ',', 'not', 'bad', '!']
    """
    return WORD.findall((text or "").lower())[:LONGEST]


def vocabulary(texts: Iterable[str | None]) -> tuple[str, ...]:
    """Words that come at least twice, the most frequent first, at most 10,000; the others are the unknown word."""
    counts = Counter(word for text in texts for word in words(text))
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return tuple(word for word in ranked[:LARGEST] if counts[word] > 1)
