"""Divides data into three parts: test by the data alone, validation by the seed, training the rest."""

import warnings
from dataclasses import dataclass

import numpy as np

from luthier.core.errors import LuthierWarning, raise_all
from luthier.data.dataset import Dataset
from luthier.data.splitters import Splitter, Stratified, nested_order

TEST_SHARE = 0.2


DEFAULT = Stratified()


@dataclass(frozen=True)
class Split:
    """Numbers of the examples in each part, ascending; no example is in two parts.

    Nor are equal examples or those of one group, but for official parts, which are taken as they were published.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split(dataset: Dataset, seed: int, way: Splitter = DEFAULT) -> Split:
    """Divide a data set into parts; the test part never changes with the seed.

    seed: chooses the validation part, unless there is an official one, and which examples a smaller training keeps.
    way: how, from the recipe's `split` section.
    Raises BadInput with everything that is in the way: no example to train on, a class without any, too few for what
    is asked. Warns of extra examples that equal held-out ones; they are left out.

    >>> from luthier.data import load
    >>> first, second = (split(load("digits"), seed) for seed in (0, 1))
    >>> bool((first.test == second.test).all()), len(first.test), len(first.validation)
    (True, 359, 143)
    """
    raise_all(way.check_data(dataset))
    in_test = mark_test(dataset, way)
    in_validation = _validation_mask(dataset, in_test, seed, way)
    in_train = ~(in_test | in_validation | _mark(dataset, dataset.official_test))
    in_train &= ~_mark_leaks(dataset, in_test | in_validation)
    if dataset.weights is not None:  # a batch of nothing that counts would have no mean loss
        in_train &= dataset.weights > 0
    train = np.flatnonzero(in_train)
    extra = train[_mark(dataset, dataset.extra)[train]]
    own = np.setdiff1d(train, extra)
    raise_all(_problems(dataset, own if way.examples is not None else train, way))
    if way.examples is not None:
        own = own[nested_order(dataset.strata[own], f"examples/{seed}")[: way.examples]]
        train = np.union1d(own, extra)
    return Split(train, np.flatnonzero(in_validation), np.flatnonzero(in_test))


def mark_test(dataset: Dataset, way: Splitter = DEFAULT) -> np.ndarray:
    """Mark the test part (N,): a fold where the splitter has one, else the official part, or 20% by the fingerprint."""
    if dataset.official_test is not None and way.folds is None:
        return dataset.official_test
    taken = _mark(dataset, dataset.official_test) | _mark(dataset, dataset.official_validation)
    members = np.flatnonzero(~(taken | _mark(dataset, dataset.extra)))
    mask = np.zeros(len(dataset), bool)
    if way.folds is None or way.fold is None:
        mask[members] = way.draw_holdout(dataset, members, TEST_SHARE, f"test/{dataset.drawn_by}")
    else:
        deal, fold = divmod(way.fold, way.folds)
        mask[members] = way.deal_folds(dataset, members, way.folds, f"folds/{dataset.drawn_by}/{deal}") == fold
    return mask


def name_test_reads(dataset: Dataset, way: Splitter) -> str:
    """Return the name under which reads of a test part are counted: folds leave an official test part unread."""
    apart = way.folds is not None and dataset.official_test is not None
    return f"{dataset.drawn_by}-folds" if apart else dataset.drawn_by


def _validation_mask(dataset: Dataset, in_test: np.ndarray, seed: int, way: Splitter) -> np.ndarray:
    if dataset.official_validation is not None:
        return dataset.official_validation
    outside = in_test | _mark(dataset, dataset.official_test) | _mark(dataset, dataset.extra)
    rest = np.flatnonzero(~outside)
    mask = np.zeros(len(dataset), bool)
    mask[rest] = way.draw_holdout(dataset, rest, way.validation, f"validation/{seed}")
    return mask


def _mark(dataset: Dataset, mask: np.ndarray | None) -> np.ndarray:
    return np.zeros(len(dataset), bool) if mask is None else mask


def _mark_leaks(dataset: Dataset, held_out: np.ndarray) -> np.ndarray:
    """Mark the extra examples that equal held-out ones (N,), and warn of how many they are."""
    extra = _mark(dataset, dataset.extra)
    if not extra.any():
        return extra
    held_out = held_out | _mark(dataset, dataset.official_test)
    repeated = extra & np.isin(dataset.groups, dataset.groups[held_out])
    if repeated.any():
        warnings.warn(
            f"{np.count_nonzero(repeated)} of the {np.count_nonzero(extra)} extra examples equal one of the "
            "validation or test part and are left out of the training",
            LuthierWarning,
            stacklevel=3,
        )
    return repeated


def _problems(dataset: Dataset, train: np.ndarray, way: Splitter) -> list[str]:
    counted = f"{'' if dataset.weights is None else 'give more examples a weight above 0, '}add examples"
    if not len(train):
        return [
            f"a training needs examples, but none of the {len(dataset)} of {dataset.name} are left for it; "
            f"{counted} that differ, or lower split.validation"
        ]
    problems = []
    missing = set(range(len(dataset.classes))) - set(dataset.strata[train].tolist())
    if missing:
        names = ", ".join(dataset.classes[k] for k in sorted(missing))
        problems.append(
            f"every class needs a training example, but none is left for {names}; {counted} or lower split.validation"
        )
    if way.examples is not None and not max(1, len(dataset.classes)) <= way.examples <= len(train):
        problems.append(
            f"split.examples must be at least the {max(1, len(dataset.classes))} classes and at most the {len(train)} "
            f"examples that are left to train on, but got {way.examples}; choose a number between"
        )
    return problems
