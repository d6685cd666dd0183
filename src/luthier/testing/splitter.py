"""The battery for splitters."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import torch

from luthier.core.errors import BadInput
from luthier.data import Dataset, Splitter
from luthier.data.dataset import with_groups, with_times
from luthier.data.split import split
from luthier.testing.compare import check_private, require
from luthier.testing.material import pictures, values
from luthier.testing.part import check_part

FOLDS = 3


def check_splitter(splitter: Splitter) -> None:
    """Check that a splitter holds out whole groups, by its key alone; the test part never changes with the seed.

    Also that its folds, unless it refuses them, are as many as asked for, none empty and no group in two.
    Raises AssertionError with what is wrong.

    >>> from luthier.data.splitters import Stratified
    >>> check_splitter(Stratified())
    """
    check_part(splitter)
    for dataset in (with_structure(pictures(131)), with_structure(values(131))):
        _check_held_out(splitter, dataset)
        _check_parts(splitter, dataset)
        if not splitter.model_copy(update={"folds": FOLDS, "fold": 0}).check_data(dataset):
            _check_folds(splitter, dataset)


def with_structure(dataset: Dataset) -> Dataset:
    """Give a data set equal examples, groups of three and times."""
    inputs = dataset.inputs.copy()
    inputs[7], inputs[11] = inputs[50], inputs[90]
    numbers = np.arange(len(dataset))
    return with_times(with_groups(replace(dataset, inputs=inputs), numbers // 3), np.sin(numbers))


def _check_held_out(splitter: Splitter, dataset: Dataset) -> None:
    members = np.flatnonzero(np.arange(len(dataset)) % 10 > 0)
    for share in (0.0, 0.1, 0.5):
        what = f"{splitter.name} at a share of {share} on {dataset.name}"
        one, other = (_apart(partial(splitter.draw_holdout, dataset, members, share, key), what) for key in ("a", "b"))
        for mask in (one, other):
            require(
                mask.shape == members.shape and mask.dtype == np.bool_,
                f"{what} must mark each of {len(members)} members, but gave {mask.shape} {mask.dtype}",
            )
            require(bool(mask.any()) == (share > 0), f"{what} must hold out nothing at share 0 alone")
            require(not mask.all(), f"{what} must leave some examples to train on")
            _check_whole(dataset.groups[members], mask, what)


def _apart(make: Callable[[], np.ndarray], what: str) -> np.ndarray:
    """Return what is made, after checking that every call makes the same and touches no global generator."""
    return check_private(lambda _: torch.as_tensor(make()), what).numpy()


def _check_whole(groups: np.ndarray, part: np.ndarray, what: str) -> None:
    torn = [int(group) for group in np.unique(groups) if len(np.unique(part[groups == group])) > 1]
    require(not torn, f"{what} must keep groups whole, but parts those of examples {torn[:5]}")


def _check_parts(splitter: Splitter, dataset: Dataset) -> None:
    first, again, other = (split(dataset, seed, splitter) for seed in (0, 0, 1))
    for name in ("train", "validation", "test"):
        same = np.array_equal(getattr(first, name), getattr(again, name))
        require(same, f"{splitter.name} must give the same {name} part at the same seed")
    require(np.array_equal(first.test, other.test), f"{splitter.name} must give the same test part at every seed")
    together = np.concatenate((first.train, first.validation, first.test))
    require(
        np.array_equal(np.sort(together), np.arange(len(dataset))),
        f"{splitter.name} must put every example into one part",
    )


def _check_folds(splitter: Splitter, dataset: Dataset) -> None:
    members = np.arange(len(dataset))
    what = f"the folds of {splitter.name} on {dataset.name}"
    fold = _apart(partial(splitter.deal_folds, dataset, members, FOLDS, "a"), what)
    require(
        np.array_equal(np.unique(fold), np.arange(FOLDS)) and fold.shape == members.shape,
        f"{what} must be numbered from 0 to {FOLDS - 1}, none empty, but are {np.unique(fold).tolist()}",
    )
    _check_whole(dataset.groups, fold, what)
    try:
        splitter.deal_folds(dataset, members, len(members), "a")
    except BadInput:
        return
    raise AssertionError(f"{what} must be refused where there are fewer groups than folds")
