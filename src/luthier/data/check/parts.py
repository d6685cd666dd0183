"""Which part each example was given to by whoever made the data."""

import numpy as np

from luthier.data.dataset import Dataset

TRAIN, VALIDATION, TEST = range(3)
NAMES = ("training", "validation", "test")


def given_parts(dataset: Dataset) -> np.ndarray:
    """Number of the part of each example (N,): all are for training where no other part is given."""
    parts = np.full(len(dataset), TRAIN, np.int64)
    if dataset.official_validation is not None:
        parts[dataset.official_validation] = VALIDATION
    if dataset.official_test is not None:
        parts[dataset.official_test] = TEST
    return parts


def given(dataset: Dataset) -> tuple[int, ...]:
    """Numbers of the parts that are given; none where the split draws them all."""
    validation = (VALIDATION,) if dataset.official_validation is not None else ()
    test = (TEST,) if dataset.official_test is not None else ()
    return (TRAIN, *validation, *test) if validation or test else ()


def class_counts(dataset: Dataset) -> np.ndarray:
    """How many examples of each class each part has (3, K)."""
    classes = len(dataset.classes)
    legal = (dataset.labels >= 0) & (dataset.labels < classes)
    cells = given_parts(dataset)[legal] * classes + dataset.labels[legal]
    return np.bincount(cells, minlength=3 * classes).reshape(3, classes)
