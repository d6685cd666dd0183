"""Every class gives its share to each part."""

import numpy as np

from luthier.core.card import Card
from luthier.core.errors import BadInput
from luthier.data.dataset import Dataset
from luthier.data.splitting.draw import assign_folds, draw_share
from luthier.data.splitting.splitter import Splitter


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
