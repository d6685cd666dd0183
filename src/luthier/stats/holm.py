"""Several claims at once."""

from collections.abc import Sequence


def holm(values: Sequence[float]) -> list[float]:
    """Raise p-values so that the chance of any false claim among all stays at the level they are read at.

    Source: Holm, A simple sequentially rejective multiple test procedure, 1979.

    >>> holm([0.01, 0.04, 0.02])
    [0.03, 0.04, 0.04]
    """
    order = sorted(range(len(values)), key=lambda k: values[k])
    raised, least = [0.0] * len(values), 0.0
    for place, k in enumerate(order):
        least = max(least, min(1.0, values[k] * (len(values) - place)))
        raised[k] = least
    return raised
