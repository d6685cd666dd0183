"""Which trials no other beats in everything."""

from collections.abc import Mapping, Sequence


def front(points: Mapping[int, Sequence[float]]) -> list[int]:
    """The keys of the points that no other equals or exceeds in all values and exceeds in one, by their first value.

    points: values of which more is better.

    >>> front({0: (0.9, -100), 1: (0.8, -50), 2: (0.7, -80)})
    [0, 1]
    """
    best = [key for key, one in points.items() if not any(_beats(other, one) for other in points.values())]
    return sorted(best, key=lambda key: [-value for value in points[key]])


def _beats(other: Sequence[float], one: Sequence[float]) -> bool:
    pairs = list(zip(other, one, strict=True))
    return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)
