"""Numbers as people read them."""


def number(value: float) -> str:
    """Write four digits, and all digits before the point up to ten million.

    >>> number(0.12345678), number(12345.6), number(1e-05)
    ('0.1235', '12,346', '1e-05')
    """
    return f"{value:,.0f}" if 1e4 <= abs(value) < 1e7 else f"{value:.4g}"


def count_noun(count: int, word: str) -> str:
    """Write a count of things.

    >>> count_noun(1, "epoch"), count_noun(1200, "epoch")
    ('1 epoch', '1,200 epochs')
    """
    return f"{count:,} {word}{'s' * (count != 1)}"
