"""Which labels are most likely wrong: confident learning.

Source: Northcutt, Jiang and Chuang, Confident learning: estimating uncertainty in dataset labels, 2021.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Suspects:
    """Examples whose label is likely wrong.

    order: their numbers, the most doubtful first (S,). likelier: the class that each should rather have (S,).
    estimate: how many labels are wrong among all, as far as the probabilities tell.
    """

    order: np.ndarray
    likelier: np.ndarray
    estimate: float


def find_suspects(probabilities: np.ndarray, labels: np.ndarray) -> Suspects:
    """Find the examples that a model assigns to another class as surely as it assigns that class's own examples.

    probabilities: of each class (N, K), at best from models that never saw the example. labels: class numbers (N,).

    >>> found = find_suspects(np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.95, 0.05]]), np.array([0, 0, 1, 1]))
    >>> found.order.tolist(), found.likelier.tolist()
    ([3], [0])
    """
    classes = probabilities.shape[1]
    counts = np.bincount(labels, minlength=classes)
    own = probabilities[np.arange(len(labels)), labels]
    totals = np.bincount(labels, weights=own, minlength=classes)
    thresholds = np.where(counts > 0, totals / np.maximum(counts, 1), np.inf)
    sure = np.where(probabilities >= thresholds, probabilities, -1.0)
    answer = np.where(sure.max(1) >= 0, sure.argmax(1), -1)
    suspects = np.flatnonzero((answer >= 0) & (answer != labels))
    margin = own[suspects] - probabilities[suspects, answer[suspects]]
    order = suspects[np.argsort(margin, kind="stable")]
    return Suspects(order, answer[order], _estimate(answer, labels, counts))


def _estimate(answer: np.ndarray, labels: np.ndarray, counts: np.ndarray) -> float:
    """Estimate the number of wrong labels from the share of each class's sure examples that belong to another class."""
    classes = len(counts)
    known = answer >= 0
    joint = np.bincount(labels[known] * classes + answer[known], minlength=classes**2).reshape(classes, classes)
    sure = joint.sum(1)
    wrong = (sure - joint.diagonal()) / np.maximum(sure, 1)
    return float((wrong * counts).sum())
