"""How well each example was answered: what a difference is averaged over."""

from collections.abc import Mapping

import numpy as np

from luthier.run import Run
from luthier.run.intervals import probabilities_of
from luthier.stats.measures import CLASSIFICATION, METRICS, REGRESSION, Measure, compute_metrics
from luthier.stats.measures.ece import bin_gaps

HITS = ("accuracy", "top-5")
"""Metrics whose part of an example is 1 or 0."""
GAPS = "ece"
"""The metric that is no mean over examples: its part of an example is a row of gaps, one in each bin."""


def scores(run: Run) -> dict[str, np.ndarray]:
    """Each metric's part of every test example (M,), of the ECE (M, 15), the deciding one first.

    What nothing defines on the part is left out. Raises BadInput where the run keeps no answers.
    """
    found = run.test_predictions
    truth = found.truth.numpy()
    if run.classes:
        answers = probabilities_of(found.answers, run.recipe.loss, run.temperature).numpy()
        parts = {"accuracy": (found.answers.argmax(1) == found.truth).double().numpy()}
        parts |= _parts(CLASSIFICATION, answers, truth)
        parts[GAPS] = bin_gaps(answers, truth)
    else:
        parts = _parts(REGRESSION, found.answers.double().numpy(), truth.astype(np.float64))
    monitor = run.recipe.training.monitor
    return {monitor: parts[monitor], **parts} if monitor in parts else parts


def _parts(measures: Mapping[str, Measure], answers: np.ndarray, truth: np.ndarray) -> dict[str, np.ndarray]:
    defined = [name for name, one in compute_metrics(measures, answers, truth).items() if one.value is not None]
    ways = {name: METRICS[name].parts for name in defined}
    found = {name: way(answers, truth) for name, way in ways.items() if way}
    return {name: one for name, one in found.items() if one is not None}
