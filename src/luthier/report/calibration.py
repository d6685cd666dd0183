"""Whether a network is right as often as it says: confidence beside accuracy, bin by bin."""

from typing import Any, NamedTuple

import numpy as np

from luthier.report.chart import Chart, Line
from luthier.stats import share_interval
from luthier.stats.measures.ece import bin_numbers, ece


class Bin(NamedTuple):
    """The examples of one range of confidence: mean confidence, share of right answers with its interval, how many."""

    confidence: float
    accuracy: float
    interval: tuple[float, float]
    n: int


def bins(probabilities: np.ndarray, labels: np.ndarray) -> list[Bin]:
    """Sort examples by the probability of their likeliest class into 15 equal bins; empty ones are left out.

    probabilities: (M, K). labels: (M,).

    >>> [
    ...     (one.confidence, one.accuracy, one.n)
    ...     for one in bins(np.array([[0.75, 0.25], [0.75, 0.25]]), np.array([0, 1]))
    ... ]
    [(0.75, 0.5, 2)]
    """
    confidence, right = probabilities.max(1), probabilities.argmax(1) == labels
    number = bin_numbers(confidence)
    return [_bin(confidence[number == k], right[number == k]) for k in np.unique(number)]


def _bin(confidence: np.ndarray, right: np.ndarray) -> Bin:
    n, hits = len(right), int(right.sum())
    interval = share_interval(hits, n)
    return Bin(float(confidence.mean()), hits / n, (interval.low, interval.high), n)


def calibration(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """The curve, the error and the table of the bins, as a page shows them."""
    found = bins(probabilities, labels)
    answered = Line(
        "share of right answers, 95% interval",
        [(one.confidence, one.accuracy) for one in found],
        [one.interval for one in found],
    )
    ideal = Line("as it should be", [(0.0, 0.0), (1.0, 1.0)])
    chart = Chart("Accuracy by confidence", "confidence", [answered, ideal], share=True)
    return {"chart": chart, "error": ece(probabilities, labels).value, "bins": found}
