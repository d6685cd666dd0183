"""Area under the receiver operating characteristic."""

import math

import numpy as np

from luthier.stats.intervals import Interval, Z
from luthier.stats.measures.figure import MetricValue, metric_value, undefined
from luthier.stats.measures.metric import CLASSES, Metric

METHOD = "DeLong's variance on the logit scale"
FEWEST = 20


def auroc(probabilities: np.ndarray, labels: np.ndarray) -> MetricValue:
    """Mean over the classes of how often an example of the class is given more of it than one of another class.

    0.5 is chance, 1 perfect order; each class against the rest, those without examples left out. Undefined where all
    examples are of one class. It has no interval below 20 examples, where a class has one example alone or where the
    order is perfect: nothing then says how far it may vary.
    Source: Hanley and McNeil, The meaning and use of the area under a ROC curve, 1982; interval: DeLong, DeLong and
    Clarke-Pearson, Comparing the areas under two or more correlated receiver operating characteristic curves, 1988,
    their components added over the classes; logit scale: Pepe, The statistical evaluation of medical tests for
    classification and prediction, 2003.

    >>> auroc(np.array([[0.75, 0.25], [0.5, 0.5], [0.25, 0.75]]), np.array([0, 1, 1])).value
    1.0
    """
    from sklearn.metrics import roc_auc_score

    classes, counts = np.unique(labels, return_counts=True)
    if len(classes) < 2:
        return undefined("all examples are of one class", METHOD)
    value = float(np.mean([roc_auc_score(labels == k, probabilities[:, k]) for k in classes]))
    enough = len(labels) >= FEWEST and counts.min() > 1
    return metric_value(value, lambda: _interval(value, probabilities, labels) if enough else None, METHOD)


def auroc_parts(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray | None:
    """What each example does to the area (M,), about the area itself; None where a class has one example alone.

    >>> parts = auroc_parts(np.array([[0.8, 0.2], [0.4, 0.6], [0.3, 0.7], [0.1, 0.9]]), np.array([0, 1, 0, 1]))
    >>> round(float(parts.mean()), 4)
    0.75
    """
    area = auroc(probabilities, labels).value
    alone = np.unique(labels, return_counts=True)[1].min() < 2
    return None if area is None or alone else area + _influence_of_all(probabilities, labels)


def _interval(value: float, probabilities: np.ndarray, labels: np.ndarray) -> Interval | None:
    """Normal on the logit scale, so that it stays within (0, 1)."""
    n = len(labels)
    error = _influence_of_all(probabilities, labels).std(ddof=1) / math.sqrt(n)
    if not 0 < value < 1 or not error > 0:
        return None
    centre, half = math.log(value / (1 - value)), Z * error / (value * (1 - value))
    low, high = (1 / (1 + math.exp(-min(max(end, -700.0), 700.0))) for end in (centre - half, centre + half))
    return Interval(value, low, high, n)


def _influence_of_all(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """How far each example moves the mean of the areas (n,), times n."""
    each = [_influence(probabilities[:, k], labels == k) for k in np.unique(labels)]
    return np.asarray(np.mean(each, axis=0))


def _influence(scores: np.ndarray, true: np.ndarray) -> np.ndarray:
    """How far each example moves one area (n,), times n: DeLong's components about their mean."""
    from scipy.stats import rankdata

    n, ours, others = len(true), int(true.sum()), int((~true).sum())
    ranks, beaten = rankdata(scores), np.empty(len(true))
    beaten[true] = (ranks[true] - rankdata(scores[true])) / others
    beaten[~true] = 1 - (ranks[~true] - rankdata(scores[~true])) / ours
    return np.asarray((beaten - beaten[true].mean()) * n / np.where(true, ours, others))


AUROC = Metric(
    summary="How often an example of a class is given more of it than one of another class, mean over the classes.",
    source="Hanley and McNeil, The meaning and use of the area under a ROC curve, 1982",
    tasks=(CLASSES,),
    better="higher",
    within=(0.0, 1.0),
    measure=auroc,
    parts=auroc_parts,
    paired="DeLong's",
)
