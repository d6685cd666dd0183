"""Words of texts: what counts as one, and which of them a network knows."""

import re
from collections import Counter
from collections.abc import Iterable

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


def count_words(text: str) -> int:
    """Count what stands between spaces and is no mere mark; none where nothing has a letter, as in telephone numbers.

    >>> count_words("Not bad - not bad!"), count_words("user12@mail.org"), count_words("+49 30 123456")
    (4, 1, 0)
    """
    return sum(any(map(str.isalnum, one)) for one in text.split()) if any(map(str.isalpha, text)) else 0
