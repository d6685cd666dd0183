"""Pictures of one colour: an empty scan, a lens cap, a file that was never filled."""

import numpy as np

from luthier.data.check.finding import Finding, Rule, of_examples
from luthier.data.dataset import Dataset

BLANK = Rule("blank", "warn", "look at them, and drop those that are empty")
CHUNK = 4096


def find(dataset: Dataset) -> list[Finding]:
    """Pictures whose pixels are all equal."""
    if not dataset.is_picture:
        return []
    blank = np.flatnonzero(np.concatenate([_blank(dataset.inputs[at : at + CHUNK]) for at in _starts(dataset)]))
    return of_examples(BLANK, dataset, blank, f"pictures should show something, but {len(blank):,} are of one colour")


def _starts(dataset: Dataset) -> range:
    return range(0, max(len(dataset), 1), CHUNK)


def _blank(pictures: np.ndarray) -> np.ndarray:
    found: np.ndarray = (pictures == pictures[:, :1, :1]).all((1, 2, 3))
    return found
