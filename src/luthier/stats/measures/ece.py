"""Expected calibration error."""

import math

import numpy as np

from luthier.stats.intervals import Interval
from luthier.stats.measures.figure import MetricValue, metric_value
from luthier.stats.measures.metric import CLASSES, Metric

METHOD = "normal noise in the bins, drawn; rather too wide than too narrow"
BINS, FEWEST, DRAWS = 15, 20, 4000


def ece(probabilities: np.ndarray, labels: np.ndarray) -> MetricValue:
    """How far confidence is from accuracy, as a mean over examples in 15 equal bins of confidence: 0 best, 1 worst.

    The confidence is the probability of the likeliest class. Noise alone makes the figure larger than 0, the more so
    the fewer the examples; the interval allows for it.
    Source: Naeini, Cooper and Hauskrecht, Obtaining well calibrated probabilities using Bayesian binning, 2015; Guo,
    Pleiss, Sun and Weinberger, On calibration of modern neural networks, 2017.

    >>> ece(np.array([[0.75, 0.25], [0.75, 0.25]]), np.array([0, 1])).value
    0.25
    """
    gaps = bin_gaps(probabilities, labels)
    value = float(np.abs(gaps.mean(0)).sum())
    return metric_value(
        value, lambda: _interval(gaps, np.ones(BINS), (0.0, 1.0)) if len(gaps) >= FEWEST else None, METHOD
    )


def bin_numbers(confidence: np.ndarray) -> np.ndarray:
    """Which of 15 equal bins each confidence (M,) lies in, from 0 on; a bin holds its upper end.

    >>> bin_numbers(np.array([0.2, 0.21, 1.0])).tolist()
    [2, 3, 14]
    """
    return np.asarray(np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1))


def bin_gaps(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Right (1 or 0) minus confidence in the column of each example's bin, 0 elsewhere (M, 15).

    >>> bin_gaps(np.array([[0.75, 0.25]]), np.array([0]))[0].nonzero()[0].tolist()
    [11]
    """
    confidence = probabilities.max(1)
    gaps = np.zeros((len(labels), BINS))
    gaps[np.arange(len(labels)), bin_numbers(confidence)] = (probabilities.argmax(1) == labels) - confidence
    return gaps


def ece_difference(first: np.ndarray, second: np.ndarray) -> Interval | None:
    """Interval of the second error less the first, from what `bin_gaps` gives of the same M examples, both (M, 15).

    Noise raises the two by different amounts; the interval allows for it, as that of one error does. None below 20.

    >>> gaps = bin_gaps(np.array([[0.75, 0.25]] * 20), np.arange(20) % 2)
    >>> interval = ece_difference(gaps, 2 * gaps)
    >>> interval.estimate, interval.low < 0.25 < interval.high
    (0.25, True)
    """
    if len(first) < FEWEST:
        return None
    signs = np.repeat((-1.0, 1.0), BINS)
    return _interval(np.concatenate((first, second), axis=1), signs, (-1.0, 1.0))


def _interval(gaps: np.ndarray, signs: np.ndarray, within: tuple[float, float]) -> Interval:
    """Errors of a sum of |mean gaps|: bins whose sign is certain move it along, others by no more than their noise.

    signs: by which each mean gap's size counts, 1 or -1.
    Source: Fang and Santos, Inference on directionally differentiable functions, 2019.
    """
    n, means = len(gaps), gaps.mean(0)
    value = float(np.abs(means) @ signs)
    rng = np.random.default_rng(n)
    noise = rng.multivariate_normal(np.zeros(len(signs)), np.cov(gaps, rowvar=False) / n, size=DRAWS)
    certain = np.abs(means) > math.sqrt(math.log(n) / n) * gaps.std(0)
    moved = noise @ (signs * np.sign(means) * certain)
    shaken = np.abs(noise) @ ~certain
    low, high = value - np.quantile(moved + shaken, 0.975), value - np.quantile(moved - shaken, 0.025)
    return Interval(value, max(within[0], float(low)), min(within[1], float(high)), n)


ECE = Metric(
    summary="How far confidence is from accuracy, mean over examples in 15 bins of confidence.",
    source="Naeini, Cooper and Hauskrecht, Obtaining well calibrated probabilities using Bayesian binning, 2015",
    tasks=(CLASSES,),
    better="lower",
    within=(0.0, 1.0),
    measure=ece,
)
