"""At random, the classes as they come."""

import numpy as np

from luthier.core.card import Card
from luthier.data.dataset import Dataset
from luthier.data.splitting.draw import assign_folds, draw_share
from luthier.data.splitting.splitter import Splitter


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
