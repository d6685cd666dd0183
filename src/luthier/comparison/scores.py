"""How well each example was answered: what a difference is averaged over."""

import numpy as np

from luthier.run import Run
from luthier.run.intervals import probabilities_of
from luthier.stats.measures.log_loss import log_losses

BETTER = {"accuracy": "higher", "log-loss": "lower", "mae": "lower", "mse": "lower"}
"""Metrics that are means over examples, and which way is better."""


def scores(run: Run) -> dict[str, np.ndarray]:
    """Each metric's part of every test example (M,), the deciding one first.

    Raises BadInput where the run keeps no answers.
    """
    found = run.test_predictions
    if not run.classes:
        errors = found.answers.double().numpy() - found.truth.double().numpy()
        return {"mae": np.abs(errors).mean(1), "mse": (errors**2).mean(1)}
    hits = (found.answers.argmax(1) == found.truth).double().numpy()
    probabilities = probabilities_of(found.answers, run.recipe.loss, run.temperature).numpy()
    return {"accuracy": hits, "log-loss": log_losses(probabilities, found.truth.numpy())}
