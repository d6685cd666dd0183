"""What a finished run answered on its test part, as it kept it: no page reads that part again."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from luthier.data import Dataset
from luthier.run import Run
from luthier.run.intervals import probabilities_of
from luthier.run.predictions import Predictions


@dataclass(frozen=True)
class PartPredictions:
    """Answers on a test part. dataset: the run's own, for the pictures and names; None where it is not to be had."""

    run: Run
    kept: Predictions
    dataset: Dataset | None = None

    @cached_property
    def probabilities(self) -> np.ndarray:
        """Of each class (M, K), double, calibrated where the run is."""
        return np.asarray(probabilities_of(self.kept.answers, self.run.recipe.loss, self.run.temperature))

    @cached_property
    def values(self) -> np.ndarray:
        """What was answered where values are predicted (M, D), double."""
        return np.asarray(self.kept.answers.double())

    @cached_property
    def labels(self) -> np.ndarray:
        """True classes (M,) or values (M, D)."""
        return np.asarray(self.kept.truth)

    @cached_property
    def members(self) -> np.ndarray:
        """Number of each test example in the data (M,)."""
        return np.asarray(self.kept.index)
