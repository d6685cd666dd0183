"""The contract of a splitter, and what every one can be asked for."""

import numpy as np

from luthier.core.declare import Part, Range, hyperparameter
from luthier.data.dataset import Dataset


class Splitter(Part):
    """Chooses which examples are held out of a training; equal examples and those of one group never part.

    Folds are counted on over the repeats: with five folds, fold 7 is fold 2 of the second deal.
    """

    validation: float = hyperparameter(
        0.1,
        bounds=Range(0, 1, high_open=True),
        description="share of what is not test that choices are made on; 0 is none",
    )
    examples: int | None = hyperparameter(
        None,
        bounds=Range(1),
        description="how many examples to train on beside extra ones, fewer being part of more; all that are left by "
        "default",
    )
    folds: int | None = hyperparameter(
        None, bounds=Range(2), description="how many folds to deal all but an official test part to; none by default"
    )
    fold: int | None = hyperparameter(
        None, bounds=Range(0), description="which fold is the test part, from 0, those of further deals counted on"
    )

    def check_settings(self) -> list[str]:
        """What is wrong with the settings taken together."""
        if (self.folds is None) == (self.fold is None):
            return []
        missing, given = ("folds", "fold") if self.folds is None else ("fold", "folds")
        return [f"split.{given} needs split.{missing} beside it, but got none; set both or leave both out"]

    def check_data(self, dataset: Dataset) -> list[str]:
        """Why a data set cannot be divided in this way, one line each; nothing where it can."""
        return []

    def draw_holdout(self, dataset: Dataset, members: np.ndarray, share: float, key: str) -> np.ndarray:
        """Mark which members to hold out (M,), whole groups only.

        members: numbers of the examples to choose from (M,), ascending. share: how much of them, in [0, 1).
        key: names the draw; equal keys give equal draws.
        """
        raise NotImplementedError

    def deal_folds(self, dataset: Dataset, members: np.ndarray, folds: int, key: str) -> np.ndarray:
        """Give each member the number of its fold (M,), in [0, folds), whole groups only.

        Raises BadInput where there is not enough for so many folds.
        """
        raise NotImplementedError
