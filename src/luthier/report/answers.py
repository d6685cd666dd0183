"""What a finished run answers on its own test part."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from luthier.build import criterion
from luthier.data import Dataset
from luthier.data.loader import reside
from luthier.data.resize import resized
from luthier.data.split import test_mask
from luthier.engine import Evaluation, evaluate
from luthier.run import Run


@dataclass(frozen=True)
class Answers:
    """Answers on a test part.

    dataset: the run's own. members: numbers of the test examples in it (M,), in the order of `found`.
    """

    run: Run
    dataset: Dataset
    members: np.ndarray
    found: Evaluation

    @cached_property
    def probabilities(self) -> np.ndarray:
        """Of each class (M, K), double."""
        return np.asarray(self.run.recipe.loss.probabilities(self.found.logits.double()))

    @cached_property
    def labels(self) -> np.ndarray:
        """True classes (M,) or values (M, D)."""
        return self.found.labels.numpy()


def answers(run: Run, dataset: Dataset, device: torch.device) -> Answers:
    """Let a run answer on the test part of its own data."""
    recipe = run.recipe
    members = np.flatnonzero(test_mask(dataset, recipe.split))
    inputs = dataset.inputs[members]
    sized = resized(inputs, recipe.data.size, recipe.data.fit) if recipe.data.size else inputs
    examples = reside(sized, dataset.labels[members], len(dataset.classes), device)
    network = run.network.to(device)
    return Answers(run, dataset, members, evaluate(network, examples, criterion(recipe.loss, run.network)))
