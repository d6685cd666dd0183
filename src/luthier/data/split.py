"""Three parts: test by the data alone, validation by the seed, training the rest."""

from dataclasses import dataclass

import numpy as np

from luthier.core.errors import BadInput
from luthier.core.rng import shuffled
from luthier.data.dataset import Dataset

TEST_SHARE = 0.2


@dataclass(frozen=True)
class Parts:
    """Numbers of the examples in each part, ascending; no example is in two parts.

    Nor are equal examples, but for an official test part, which is taken as it was published.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split(dataset: Dataset, seed: int, validation: float) -> Parts:
    """Divide a data set; the test part never moves with the seed.

    seed: chooses the validation part.
    validation: share of what is not test, in [0, 1); 0 leaves the validation part empty.
    Raises BadInput where the training part would lose a whole class. Classes keep their shares in every part; values
    are divided without regard to them.

    >>> from luthier.data import load
    >>> first, second = (split(load("digits"), seed, 0.1) for seed in (0, 1))
    >>> bool((first.test == second.test).all()), len(first.test), len(first.validation)
    (True, 359, 143)
    """
    in_test = test_mask(dataset)
    rest = np.flatnonzero(~in_test)
    chosen = stratified(dataset.strata[rest], dataset.groups[rest], validation, f"validation/{seed}")
    parts = Parts(train=_counted(dataset, rest[~chosen]), validation=rest[chosen], test=np.flatnonzero(in_test))
    missing = set(range(len(dataset.classes))) - set(dataset.strata[parts.train].tolist())
    if missing:
        names = ", ".join(dataset.classes[k] for k in sorted(missing))
        raise BadInput(
            f"every class needs a training example, but none is left for {names}; "
            "add examples or lower split.validation"
        )
    return parts


def _counted(dataset: Dataset, members: np.ndarray) -> np.ndarray:
    """Leave out what weighs nothing: a batch of nothing else would have no mean loss."""
    return members if dataset.weights is None else members[dataset.weights[members] > 0]


def test_mask(dataset: Dataset) -> np.ndarray:
    """Mark the test part (N,): the official one, or 20% drawn by the fingerprint."""
    if dataset.official_test is not None:
        return dataset.official_test
    return stratified(dataset.strata, dataset.groups, TEST_SHARE, f"test/{dataset.fingerprint}")


def stratified(labels: np.ndarray, groups: np.ndarray, share: float, key: str) -> np.ndarray:
    """Mark about the given share of each class (N,), whole groups only; key names the draw."""
    order = shuffled(len(labels), key)
    leaders, group_of = np.unique(groups, return_inverse=True)
    size = np.bincount(group_of)
    class_of = np.zeros(len(leaders), np.int64)
    class_of[group_of[::-1]] = labels[::-1]
    ranked = list(dict.fromkeys(group_of[order].tolist()))
    room = np.rint(np.bincount(labels) * share).astype(np.int64)
    taken = np.zeros(len(leaders), bool)
    for group in ranked:
        if size[group] <= room[class_of[group]]:
            room[class_of[group]] -= size[group]
            taken[group] = True
    return taken[group_of]
