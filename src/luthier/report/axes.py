"""Where numbers lie on a chart: straight scales, round ticks, powers of ten."""

import math
from collections.abc import Callable, Sequence

TICKS = 5
FEWEST = 3

Scale = Callable[[float], float]


def scale(values: Sequence[float], start: float, stop: float) -> Scale:
    """Make a straight line from the range of values to that of pixels; a single value lies in the middle.

    >>> scale([2, 4], 0, 10)(3), scale([7], 0, 10)(7)
    (5.0, 5.0)
    """
    low, high = min(values), max(values)
    if low == high:
        return lambda value: (start + stop) / 2
    return lambda value: start + (stop - start) * (value - low) / (high - low)


def ticks(low: float, high: float) -> list[float]:
    """Choose round numbers around a range, about five.

    >>> ticks(0.1, 4.2)
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    """
    span = (high - low) or abs(high) or 1.0
    raw = span / TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(one * power for one in (1, 2, 5, 10) if one * power >= raw)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [number * step for number in range(first, max(last, first + 1) + 1)]


def powers(low: float, high: float) -> list[float]:
    """Choose powers of ten around a range, both positive, about five of them.

    >>> powers(0.02, 3.0)
    [0.01, 0.1, 1.0, 10.0]
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    step = max(1, -(-(last - first) // TICKS))
    count = max(1, -(-(last - first) // step))
    return [10.0 ** (first + k * step) for k in range(count + 1)]


def decades(low: float, high: float) -> list[float]:
    """Choose powers of ten within a range, both ends positive; where they are few, 2 and 5 times these too.

    >>> decades(0.001, 0.5), decades(16, 128)
    ([0.001, 0.01, 0.1], [20.0, 50.0, 100.0])
    """
    whole = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [
        [f * 10.0**k for k in whole for f in factors if low <= f * 10.0**k <= high] for factors in ((1,), (1, 2, 5))
    ]
    marks = found[0] if len(found[0]) >= FEWEST else found[1]
    return marks[:: -(-len(marks) // TICKS)] if len(marks) > 1 else [low, high]


def path(places: Sequence[tuple[float, float]]) -> str:
    """Write places as an SVG element takes them.

    >>> path([(1, 2.25), (3, 4)])
    '1.0,2.2 3.0,4.0'
    """
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
