"""At random, the classes as they come."""

import numpy as np

from luthier.core.card import Card
from luthier.data.dataset import Dataset
from luthier.data.splitting.draw import fold_of, share_of
from luthier.data.splitting.splitter import Splitter


class Random(Splitter):
    """Draws without regard to the classes, as further examples would be drawn from where these came from."""

    name = "random"
    card = Card(
        summary="At random, the classes as they come.",
        source="Stone, Cross-validatory choice and assessment of statistical predictions, 1974",
    )

    def held_out(self, dataset: Dataset, members: np.ndarray, share: float, key: str) -> np.ndarray:
        return share_of(np.zeros(len(members), np.int64), dataset.groups[members], share, key)

    def dealt(self, dataset: Dataset, members: np.ndarray, folds: int, key: str) -> np.ndarray:
        return fold_of(np.zeros(len(members), np.int64), dataset.groups[members], folds, key)
