"""At which epochs trials are compared, and which of them go on.

Sources: Jamieson and Talwalkar, Non-stochastic best arm identification and hyperparameter optimization, 2016; Li,
Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht and Talwalkar, A system for massively parallel hyperparameter
tuning, 2020 (ASHA); Li, Jamieson, DeSalvo, Rostamizadeh and Talwalkar, Hyperband, 2018.
"""

from collections.abc import Callable, Sequence
from functools import cache

ETA = 3
"""One in so many goes on."""
FIRST_SHARE = 9
"""The first comparison comes after a ninth of a training, or one epoch."""


def _asha(number: int, epochs: int) -> tuple[int, ...]:
    return ladder(epochs)


def _hyperband(number: int, epochs: int) -> tuple[int, ...]:
    """Trials take turns in beginning at the first rung, at the second, and so on."""
    rungs = ladder(epochs)
    return rungs[number % len(rungs) :]


def _none(number: int, epochs: int) -> tuple[int, ...]:
    return (epochs,)


PRUNERS: dict[str, Callable[[int, int], tuple[int, ...]]] = {"asha": _asha, "hyperband": _hyperband, "none": _none}
"""By name: the epochs at which a trial with this number is compared, the last of them the end of its training."""


@cache
def ladder(epochs: int) -> tuple[int, ...]:
    """The epochs at which trials are compared; from one to the next the factor is about 3.

    >>> ladder(20), ladder(3), ladder(1)
    ((2, 6, 20), (1, 3), (1,))
    """
    found = [epochs]
    while found[0] // ETA >= max(1, epochs // FIRST_SHARE):
        found.insert(0, found[0] // ETA)
    return tuple(found)


def promote(scores: Sequence[tuple[float, int]]) -> list[int]:
    """Of the trials at one rung, those that may go on, the best first: one in three.

    scores: of each, of which more is better, and its number; of equal scores the lower number comes first.

    >>> promote([(0.5, 0), (0.9, 1), (0.7, 2)])
    [1]
    """
    ranked = sorted(scores, key=lambda one: (-one[0], one[1]))
    return [number for _, number in ranked[: len(ranked) // ETA]]
