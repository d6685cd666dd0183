"""Metrics of classification: accuracy, top-5, macro F1, AUROC, calibration error, log loss; and class by class."""

import math

import numpy as np

from luthier.core.errors import BadInput
from luthier.stats.intervals import Interval, Z, bootstrap_interval, jackknife_parts, mean_interval, share_interval
from luthier.stats.metrics.metric import CLASSES, Metric, Metrics, MetricValue, metric_value, undefined

ACCURACY_METHOD = "Wilson's score"


def accuracy(hits: int, n: int) -> MetricValue:
    """Compute the share of the n examples whose likeliest class is the true one: 0 none, 1 all; n at least 1.

    >>> accuracy(1, 2).value
    0.5
    """
    return metric_value(hits / n, lambda: share_interval(hits, n), ACCURACY_METHOD)


ACCURACY = Metric(
    summary="Share of the examples whose likeliest class is the true one.",
    source="Hand, Construction and assessment of classification rules, 1997",
    tasks=(CLASSES,),
    better="higher",
    within=(0.0, 1.0),
    share=True,
)


TOP_5_METHOD = "Wilson's score"


TOP = 5


def top_5(probabilities: np.ndarray, labels: np.ndarray) -> MetricValue:
    """Compute the share of the examples whose true class is among the five likeliest: 0 none, 1 all.

    Undefined with five classes or fewer, where it is 1 whatever is predicted.
    Source: Russakovsky et al., ImageNet Large Scale Visual Recognition Challenge, 2015.

    >>> top_5(np.full((1, 5), 0.2), np.array([4])).undefined
    'with 5 classes every answer is among the top 5'
    """
    n, classes = probabilities.shape
    if classes <= TOP:
        return undefined(f"with {classes} classes every answer is among the top {TOP}", TOP_5_METHOD)
    hits = int(top_5_hits(probabilities, labels).sum())
    return metric_value(hits / n, lambda: share_interval(hits, n), TOP_5_METHOD)


def top_5_hits(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return 1.0 for each example whose true class is among the five likeliest, else 0.0 (M,).

    Of classes with equal probability the later ones count as likelier.

    >>> top_5_hits(np.full((2, 6), 1 / 6), np.array([0, 1])).tolist()
    [0.0, 1.0]
    """
    likeliest = np.argsort(probabilities, axis=1, kind="stable")[:, -TOP:]
    return np.asarray((likeliest == labels[:, None]).any(1), np.float64)


TOP_5 = Metric(
    summary="Share of the examples whose true class is among the five likeliest; for six classes or more.",
    source="Russakovsky et al., ImageNet Large Scale Visual Recognition Challenge, 2015",
    tasks=(CLASSES,),
    better="higher",
    within=(0.0, 1.0),
    share=True,
    measure=top_5,
    parts=top_5_hits,
    paired="Agresti and Min's",
)


MACRO_F1_METHOD = "percentile bootstrap over examples"


def macro_f1(probabilities: np.ndarray, labels: np.ndarray) -> MetricValue:
    """Compute the mean over the classes of the harmonic mean of precision and recall: 0 worst, 1 best.

    Every class counts alike, however rare; one that is neither true nor answered anywhere is left out.
    Source: Yang and Liu, A re-examination of text categorization methods, 1999.

    >>> round(macro_f1(np.eye(3)[[0, 1, 1, 1]], np.array([0, 0, 1, 1])).value, 4)
    0.7333
    """
    from sklearn.metrics import f1_score

    predicted = probabilities.argmax(1)
    value = f1_score(labels, predicted, average="macro", zero_division=0)
    kinds, times = np.unique(np.stack((predicted, labels), axis=1), axis=0, return_counts=True)
    return metric_value(value, lambda: bootstrap_interval(_columns(*kinds.T), _mean_f1, times=times), MACRO_F1_METHOD)


def macro_f1_parts(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Compute the contribution of each example to the macro-averaged F1 (M,), whose mean is that; M at least 2.

    >>> round(float(macro_f1_parts(np.eye(3)[[0, 1, 1, 1]], np.array([0, 0, 1, 1])).mean()), 4)
    0.7333
    """
    return jackknife_parts(_columns(probabilities.argmax(1), labels), _mean_f1)


def _columns(predictions: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Mark for each example and each class seen, by 1 or 0: correctly predicted, predicted, true (M, 3 K)."""
    answered, true = (one[:, None] == np.union1d(predictions, labels) for one in (predictions, labels))
    return np.concatenate((answered & true, answered, true), axis=1).astype(np.float64)


def _mean_f1(means: np.ndarray) -> np.ndarray:
    """Compute macro F1 from shares of hits, predictions and true labels by class (R, 3 K); a draw may miss a class."""
    hits, answered, true = np.split(means, 3, axis=1)
    there = answered + true > 0
    each = 2 * hits / np.where(there, answered + true, 1)
    return np.asarray(each.sum(1) / there.sum(1))


MACRO_F1 = Metric(
    summary="Mean over the classes of the harmonic mean of precision and recall; rare classes count as others.",
    source="Yang and Liu, A re-examination of text categorization methods, 1999",
    tasks=(CLASSES,),
    better="higher",
    within=(0.0, 1.0),
    share=True,
    measure=macro_f1,
    parts=macro_f1_parts,
    paired="the jackknife's",
)


AUROC_METHOD = "DeLong's variance on the logit scale"


FEWEST_AUROC = 20


def auroc(probabilities: np.ndarray, labels: np.ndarray) -> MetricValue:
    """Compute the area under the ROC curve of each class against the rest, averaged over the classes.

    The area is how often an example of the class gets a higher probability for it than an example of another class.

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
        return undefined("all examples are of one class", AUROC_METHOD)
    value = float(np.mean([roc_auc_score(labels == k, probabilities[:, k]) for k in classes]))
    enough = len(labels) >= FEWEST_AUROC and counts.min() > 1
    return metric_value(value, lambda: _auroc_interval(value, probabilities, labels) if enough else None, AUROC_METHOD)


def auroc_parts(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray | None:
    """Compute the contribution of each example to the area (M,), whose mean is that; None where a class has just one.

    None where a class has one example alone.

    >>> parts = auroc_parts(np.array([[0.8, 0.2], [0.4, 0.6], [0.3, 0.7], [0.1, 0.9]]), np.array([0, 1, 0, 1]))
    >>> round(float(parts.mean()), 4)
    0.75
    """
    area = auroc(probabilities, labels).value
    alone = np.unique(labels, return_counts=True)[1].min() < 2
    return None if area is None or alone else area + _influence_of_all(probabilities, labels)


def _auroc_interval(value: float, probabilities: np.ndarray, labels: np.ndarray) -> Interval | None:
    """Compute a normal interval on the logit scale, so that it stays within (0, 1)."""
    n = len(labels)
    error = _influence_of_all(probabilities, labels).std(ddof=1) / math.sqrt(n)
    if not 0 < value < 1 or not error > 0:
        return None
    centre, half = math.log(value / (1 - value)), Z * error / (value * (1 - value))
    low, high = (1 / (1 + math.exp(-min(max(end, -700.0), 700.0))) for end in (centre - half, centre + half))
    return Interval(value, low, high, n)


def _influence_of_all(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Compute how far each example moves the mean of the areas (n,), times n."""
    each = [_influence(probabilities[:, k], labels == k) for k in np.unique(labels)]
    return np.asarray(np.mean(each, axis=0))


def _influence(scores: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Compute how far each example moves one area (n,), times n: DeLong's components about their mean."""
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


ECE_METHOD = "normal noise in the bins, drawn; rather too wide than too narrow"


BINS, FEWEST_ECE, DRAWS = 15, 20, 4000


def ece(probabilities: np.ndarray, labels: np.ndarray) -> MetricValue:
    """Compute the expected calibration error in 15 equal bins of confidence: 0 best, 1 worst.

    It is how far the mean confidence of a bin is from its accuracy, averaged over the examples.

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
        value, lambda: _ece_interval(gaps, np.ones(BINS), (0.0, 1.0)) if len(gaps) >= FEWEST_ECE else None, ECE_METHOD
    )


def bin_numbers(confidence: np.ndarray) -> np.ndarray:
    """Find which of 15 equal bins each confidence (M,) lies in, from 0 on; a bin includes its upper end.

    >>> bin_numbers(np.array([0.2, 0.21, 1.0])).tolist()
    [2, 3, 14]
    """
    return np.asarray(np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1))


def bin_gaps(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Compute correctness (1 or 0) minus confidence, in the column of each example's bin, 0 elsewhere (M, 15).

    >>> bin_gaps(np.array([[0.75, 0.25]]), np.array([0]))[0].nonzero()[0].tolist()
    [11]
    """
    confidence = probabilities.max(1)
    gaps = np.zeros((len(labels), BINS))
    gaps[np.arange(len(labels)), bin_numbers(confidence)] = (probabilities.argmax(1) == labels) - confidence
    return gaps


def ece_difference(first: np.ndarray, second: np.ndarray) -> Interval | None:
    """Compute an interval of the second error minus the first.

    Both are what `bin_gaps` gives for the same M examples (M, 15).

    Noise raises the two by different amounts; the interval allows for it, as that of one error does. None below 20.

    >>> gaps = bin_gaps(np.array([[0.75, 0.25]] * 20), np.arange(20) % 2)
    >>> interval = ece_difference(gaps, 2 * gaps)
    >>> interval.estimate, interval.low < 0.25 < interval.high
    (0.25, True)
    """
    if len(first) < FEWEST_ECE:
        return None
    signs = np.repeat((-1.0, 1.0), BINS)
    return _ece_interval(np.concatenate((first, second), axis=1), signs, (-1.0, 1.0))


def _ece_interval(gaps: np.ndarray, signs: np.ndarray, within: tuple[float, float]) -> Interval:
    """Draw errors of a sum of |mean gaps|: bins of certain sign move it along, others by no more than their noise.

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


LOG_LOSS_METHOD = "Student's t"


LEAST = float(np.finfo(np.float64).eps)
"""The smallest probability that is believed, as in scikit-learn: a wrong answer said for certain costs 36, not all."""


def log_loss(probabilities: np.ndarray, labels: np.ndarray) -> MetricValue:
    """Compute the mean of minus the logarithm of the true class's probability: 0 best; log K where all K are equal.

    Source: Good, Rational decisions, 1952.

    >>> round(log_loss(np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([0, 1])).value, 4)
    0.4904
    """
    from sklearn.metrics import log_loss as of_sklearn

    value = of_sklearn(labels, probabilities, labels=np.arange(probabilities.shape[1]))
    each = log_losses(probabilities, labels).tolist()
    return metric_value(
        value, lambda: mean_interval(each, within=(0.0, math.inf)) if len(each) > 1 else None, LOG_LOSS_METHOD
    )


def log_losses(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Compute the log loss of each example (M,).

    >>> log_losses(np.array([[1.0, 0.0]]), np.array([0])).tolist()
    [0.0]
    """
    of_true = probabilities[np.arange(len(labels)), labels]
    return np.asarray(-np.log(of_true.clip(LEAST, 1)) + 0.0)  # no minus zero


LOG_LOSS = Metric(
    summary="Mean of minus the logarithm of the true class's probability.",
    source="Good, Rational decisions, 1952",
    tasks=(CLASSES,),
    better="lower",
    measure=log_loss,
    parts=log_losses,
)


def confusion_matrix(predictions: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Count examples by true class (rows) and predicted class (columns): (K, K), int64.

    predictions: logits or probabilities (M, K). labels: (M,).

    >>> confusion_matrix(np.eye(3)[[0, 1, 1]], np.array([0, 0, 1])).tolist()
    [[1, 1, 0], [0, 1, 0], [0, 0, 0]]
    """
    classes = predictions.shape[1]
    return np.bincount(labels * classes + predictions.argmax(1), minlength=classes**2).reshape(classes, classes)


def class_metrics(matrix: np.ndarray, classes: tuple[str, ...]) -> list[Metrics]:
    """Compute precision, recall, F1 and n of each class from a confusion matrix; None where nothing defines them."""
    if matrix.shape != (len(classes), len(classes)):
        raise BadInput(
            f"the confusion matrix must be {len(classes)} x {len(classes)}, but is {tuple(matrix.shape)}; "
            "pass the run's own classes"
        )
    hits, answered, true = matrix.diagonal().tolist(), matrix.sum(0).tolist(), matrix.sum(1).tolist()
    return [
        {
            "class": name,
            "n": n,
            "precision": hit / said if said else None,
            "recall": hit / n if n else None,
            "f1": 2 * hit / (said + n) if said + n else None,
        }
        for name, hit, said, n in zip(classes, hits, answered, true, strict=True)
    ]
