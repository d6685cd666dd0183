"""Whole groups are held out: other patients, other writers."""

import numpy as np

from luthier.core.card import Card
from luthier.core.rng import hash_order
from luthier.data.dataset import Dataset
from luthier.data.splitting.draw import assign_folds
from luthier.data.splitting.splitter import Splitter


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
