"""The numbers of a table's rows, by name."""

import numpy as np

from luthier.data.dataset import Dataset


def features(dataset: Dataset) -> tuple[np.ndarray, list[str]]:
    """Numbers of each row (N, F) and what they are called; words of a text, which are no measurements, are left out.

    >>> features(Dataset("a", np.zeros((2, 3)), np.array([0, 1]), ("x", "y")))[1]
    ['column 0', 'column 1', 'column 2']
    """
    if dataset.table is None:
        return dataset.inputs, [f"column {number}" for number in range(dataset.inputs.shape[1])]
    names = list(dataset.table.features)
    return dataset.inputs[:, : len(names)], names
