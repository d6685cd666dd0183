"""A curve in a line of text."""

from collections.abc import Sequence
from itertools import pairwise

BLOCKS, ASCII = "▁▂▃▄▅▆▇█", "_.-~=+*#"


def sparkline(values: Sequence[float], width: int = 16, levels: str = BLOCKS) -> str:
    """Draw finite values as characters, the lowest and the highest value as the first and the last level.

    width: characters at most; of more values, neighbours are drawn as their mean.

    >>> sparkline([1, 2, 4, 8, 8, 3], levels=ASCII)
    '_.~##-'
    """
    bounds = [number * len(values) // width for number in range(width + 1)]
    shown = [sum(values[a:b]) / (b - a) for a, b in pairwise(bounds)] if len(values) > width else list(values)
    if not shown:
        return ""
    low, span = min(shown), max(shown) - min(shown)
    top = len(levels) - 1
    return "".join(levels[round((value - low) / span * top) if span else 0] for value in shown)
