"""Draws of whole groups: a share of them, or folds."""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from luthier.core.errors import BadInput
from luthier.core.rng import hash_order


def draw_share(kinds: np.ndarray, groups: np.ndarray, share: float, key: str) -> np.ndarray:
    """Mark about the given share of each kind (N,), whole groups only; key names the draw.

    >>> draw_share(np.array([0, 0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 2, 3]), 0.5, "a").tolist()
    [False, False, True, True, False, True]
    """
    group_of, ranked, held = _groups(kinds, groups, key)
    room = np.rint(np.bincount(kinds) * share).astype(np.int64).tolist()
    taken = np.zeros(len(held), bool)
    for group in ranked:
        counts = _counts(held[group])
        if all(count <= room[kind] for kind, count in counts):
            for kind, count in counts:
                room[kind] -= count
            taken[group] = True
    return np.asarray(taken[group_of])


def assign_folds(kinds: np.ndarray, groups: np.ndarray, folds: int, key: str) -> np.ndarray:
    """Deal whole groups to folds, large ones first, each to the fold that has the fewest of its kinds, then of all.

    Raises BadInput where there are fewer groups than folds.
    """
    group_of, ranked, held = _groups(kinds, groups, key)
    if len(held) < folds:
        raise BadInput(
            f"folds must be at most as many as there are groups of examples to deal, {len(held)}, but got {folds}; "
            "ask for fewer folds or add examples"
        )
    fold = np.zeros(len(held), np.int64)
    had = [Counter[int]() for _ in range(folds)]
    for group in sorted(ranked, key=lambda one: -len(held[one])):
        kinds_here = set(held[group])
        few = [(sum(one[kind] for kind in kinds_here), one.total(), number) for number, one in enumerate(had)]
        fold[group] = min(few)[2]
        had[fold[group]].update(held[group])
    return np.asarray(fold[group_of])


def _groups(kinds: np.ndarray, groups: np.ndarray, key: str) -> tuple[np.ndarray, list[int], list[list[int]]]:
    """The group of each example (N,), the groups in the order of the draw, and the kinds of the examples of each."""
    leaders, group_of = np.unique(groups, return_inverse=True)
    starts = np.searchsorted(np.sort(group_of), np.arange(len(leaders) + 1)).tolist()
    together = kinds[np.argsort(group_of, kind="stable")].tolist()
    held = [together[start:stop] for start, stop in pairwise(starts)]
    ranked = list(dict.fromkeys(group_of[hash_order(len(groups), key)].tolist()))
    return group_of, ranked, held


def _counts(kinds: list[int]) -> Iterable[tuple[int, int]]:
    """How many there are of each kind; most groups are a single example, of which there may be a great many."""
    return ((kinds[0], 1),) if len(kinds) == 1 else Counter(kinds).items()


def nested_order(kinds: np.ndarray, key: str) -> np.ndarray:
    """Order examples so that every beginning holds each kind's share of it (N,), one of every kind at the very first.

    >>> kinds = np.array([0, 0, 0, 0, 1, 1])
    >>> kinds[nested_order(kinds, "a")].tolist()
    [1, 0, 0, 1, 0, 0]
    """
    order = hash_order(len(kinds), key)
    rank, seen = np.zeros(len(kinds)), Counter[int]()
    for place, kind in enumerate(kinds[order].tolist()):
        rank[place] = seen[kind]
        seen[kind] += 1
    counts = np.bincount(kinds, minlength=1) if len(kinds) else np.ones(1)
    return np.asarray(order[np.argsort(rank / counts[kinds[order]], kind="stable")])
