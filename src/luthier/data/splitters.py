"""Which examples are held out: the contract of a splitter, and all of them."""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from luthier.core.card import Card
from luthier.core.declare import Part, Range, Registry, hyperparameter
from luthier.core.errors import BadInput
from luthier.core.rng import hash_order
from luthier.data.dataset import Dataset


class Splitter(Part):
    """Chooses which examples are held out of a training; equal examples and those of one group never part.

    Folds are counted on over the repeats: with five folds, fold 7 is fold 2 of the second deal.
    """

    validation: float = hyperparameter(
        0.1,
        bounds=Range(0, 1, high_open=True),
        description="share of what is not test that choices are made on; 0 is none",
    )
    examples: int | None = hyperparameter(
        None,
        bounds=Range(1),
        description="how many examples to train on beside extra ones, fewer being part of more; all that are left by "
        "default",
    )
    folds: int | None = hyperparameter(
        None, bounds=Range(2), description="how many folds to deal all but an official test part to; none by default"
    )
    fold: int | None = hyperparameter(
        None, bounds=Range(0), description="which fold is the test part, from 0, those of further deals counted on"
    )

    def check_settings(self) -> list[str]:
        """Describe what is wrong with the settings taken together."""
        if (self.folds is None) == (self.fold is None):
            return []
        missing, given = ("folds", "fold") if self.folds is None else ("fold", "folds")
        return [f"split.{given} needs split.{missing} beside it, but got none; set both or leave both out"]

    def check_data(self, dataset: Dataset) -> list[str]:
        """Describe why a data set cannot be divided in this way, one line each; none where it can."""
        return []

    def draw_holdout(self, dataset: Dataset, members: np.ndarray, share: float, key: str) -> np.ndarray:
        """Mark which members to hold out (M,), whole groups only.

        members: numbers of the examples to choose from (M,), ascending. share: how much of them, in [0, 1).
        key: names the draw; equal keys give equal draws.
        """
        raise NotImplementedError

    def deal_folds(self, dataset: Dataset, members: np.ndarray, folds: int, key: str) -> np.ndarray:
        """Give each member the number of its fold (M,), in [0, folds), whole groups only.

        Raises BadInput where there is not enough for so many folds.
        """
        raise NotImplementedError


def draw_share(kinds: np.ndarray, groups: np.ndarray, share: float, key: str) -> np.ndarray:
    """Mark about the given share of each stratum (N,), whole groups only; key names the draw.

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
    """Assign whole groups to folds, large ones first, each to the fold that has the fewest of its strata, then of all.

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
    """Return the group of each example (N,), the groups in the order of the draw, and each group's strata."""
    leaders, group_of = np.unique(groups, return_inverse=True)
    starts = np.searchsorted(np.sort(group_of), np.arange(len(leaders) + 1)).tolist()
    together = kinds[np.argsort(group_of, kind="stable")].tolist()
    held = [together[start:stop] for start, stop in pairwise(starts)]
    ranked = list(dict.fromkeys(group_of[hash_order(len(groups), key)].tolist()))
    return group_of, ranked, held


def _counts(kinds: list[int]) -> Iterable[tuple[int, int]]:
    """Count the examples of each stratum; most groups are a single example, of which there may be a great many."""
    return ((kinds[0], 1),) if len(kinds) == 1 else Counter(kinds).items()


def nested_order(kinds: np.ndarray, key: str) -> np.ndarray:
    """Order examples so that every beginning has each stratum's share of it (N,), the first ones one of each stratum.

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


class Random(Splitter):
    """Draws without regard to the classes, as further examples would be drawn from where these came from."""

    name = "random"
    card = Card(
        summary="At random, the classes as they come.",
        source="Stone, Cross-validatory choice and assessment of statistical predictions, 1974",
    )

    def draw_holdout(self, dataset: Dataset, members: np.ndarray, share: float, key: str) -> np.ndarray:
        return draw_share(np.zeros(len(members), np.int64), dataset.groups[members], share, key)

    def deal_folds(self, dataset: Dataset, members: np.ndarray, folds: int, key: str) -> np.ndarray:
        return assign_folds(np.zeros(len(members), np.int64), dataset.groups[members], folds, key)


class Stratified(Splitter):
    """At random within each class, so that small parts have the classes of the whole; values are all of one kind."""

    name = "stratified"
    card = Card(
        summary="At random, every class giving its share to each part.",
        source="Kohavi, A study of cross-validation and bootstrap for accuracy estimation and model selection, 1995",
    )

    def draw_holdout(self, dataset: Dataset, members: np.ndarray, share: float, key: str) -> np.ndarray:
        return draw_share(dataset.strata[members], dataset.groups[members], share, key)

    def deal_folds(self, dataset: Dataset, members: np.ndarray, folds: int, key: str) -> np.ndarray:
        kinds, groups = dataset.strata[members], dataset.groups[members]
        pairs = np.unique(np.stack((kinds, groups)), axis=1)[0]
        has = np.bincount(pairs, minlength=len(dataset.classes))
        few = [f"{name} has {has[k]}" for k, name in enumerate(dataset.classes) if has[k] < folds]
        if few:
            raise BadInput(
                f"every class needs {folds} examples or more that may part, one for each fold, but {', '.join(few)}; "
                "ask for fewer folds, add examples or set split.name = 'random'"
            )
        return assign_folds(kinds, groups, folds, key)


class Group(Splitter):
    """Holds out a share of the groups, whatever their sizes and classes: how well are groups met that are new?"""

    name = "group"
    card = Card(
        summary="A share of the groups, at least one for each part, whatever their sizes and classes.",
        source="Roberts et al., Cross-validation strategies for data with temporal, spatial, hierarchical, or "
        "phylogenetic structure, 2017",
    )

    def check_data(self, dataset: Dataset) -> list[str]:
        if dataset.group is not None:
            return []
        return [
            f"split.name = 'group' needs the group of each example, but {dataset.name} has none; "
            "pass groups= from Python, name the column of a table with data.group, or set split.name = 'stratified'"
        ]

    def draw_holdout(self, dataset: Dataset, members: np.ndarray, share: float, key: str) -> np.ndarray:
        leaders, group_of = np.unique(dataset.groups[members], return_inverse=True)
        count = max(1, round(len(leaders) * share)) if share else 0
        return np.isin(group_of, hash_order(len(leaders), key)[:count])

    def deal_folds(self, dataset: Dataset, members: np.ndarray, folds: int, key: str) -> np.ndarray:
        return assign_folds(np.zeros(len(members), np.int64), dataset.groups[members], folds, key)


class Time(Splitter):
    """Tests on the latest examples, chooses on the latest of the rest: how well is the future met?

    Examples of one time stay together, on the later side. A group is as late as its latest example. Nothing is drawn.
    """

    name = "time"
    card = Card(
        summary="The latest examples are the test part, the latest before them the validation part.",
        source="Tashman, Out-of-sample tests of forecasting accuracy: an analysis and review, 2000",
    )

    def check_data(self, dataset: Dataset) -> list[str]:
        problems = []
        if dataset.time is None:
            problems.append(
                f"split.name = 'time' needs the time of each example, but {dataset.name} has none; "
                "pass times= from Python, name the column of a table with data.time, or set split.name = 'stratified'"
            )
        if self.folds is not None:
            problems.append(
                f"split.name = 'time' must leave out what comes last, but folds would train on it ({self.folds} "
                "asked for); take split.folds out or set split.name = 'random'"
            )
        return problems

    def draw_holdout(self, dataset: Dataset, members: np.ndarray, share: float, key: str) -> np.ndarray:
        assert dataset.time is not None
        count = round(len(members) * share)
        if not count:
            return np.zeros(len(members), bool)
        _, group_of = np.unique(dataset.groups[members], return_inverse=True)
        latest = np.full(group_of.max() + 1, -np.inf)
        np.maximum.at(latest, group_of, dataset.time[members])
        when = latest[group_of]
        return np.asarray(when >= np.sort(when)[-count])

    def deal_folds(self, dataset: Dataset, members: np.ndarray, folds: int, key: str) -> np.ndarray:
        raise BadInput(*self.check_data(dataset))


SPLITTERS = Registry("splitter", Splitter, (Group, Random, Stratified, Time))


__all__ = ["SPLITTERS", "Group", "Random", "Splitter", "Stratified", "Time"]
