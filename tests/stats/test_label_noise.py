"""Confident learning against the paper's definitions, written out example by example."""

import numpy as np
import pytest

from luthier.stats.label_noise import find_suspects


def by_hand(probabilities, labels):
    """Each suspect with its class and margin, and the calibrated count of wrong labels."""
    n, classes = probabilities.shape
    thresholds = [np.mean([probabilities[i, k] for i in range(n) if labels[i] == k]) for k in range(classes)]
    found, joint = [], np.zeros((classes, classes))
    for i in range(n):
        sure = [k for k in range(classes) if probabilities[i, k] >= thresholds[k]]
        if sure:
            best = max(sure, key=lambda k: probabilities[i, k])
            joint[labels[i], best] += 1
            if best != labels[i]:
                found.append((probabilities[i, labels[i]] - probabilities[i, best], i, best))
    wrong = 0.0
    for k in range(classes):
        calibrated = joint[k] / joint[k].sum() * np.sum(labels == k)
        wrong += calibrated.sum() - calibrated[k]
    return sorted(found), wrong


@pytest.mark.parametrize("seed", range(4))
def test_by_hand(seed):
    rng = np.random.default_rng(seed)
    labels = np.concatenate((np.arange(4), rng.integers(0, 4, 87)))
    logits = rng.normal(size=(91, 4)) + np.eye(4)[labels]
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    found = find_suspects(probabilities, labels)
    expected, wrong = by_hand(probabilities, labels)
    assert len(expected) > 5
    assert found.order.tolist() == [i for _, i, _ in expected]
    assert found.likelier.tolist() == [k for _, _, k in expected]
    assert found.estimate == pytest.approx(wrong)


def test_planted_errors_are_found_and_counted():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 5, 2000)
    labels = truth.copy()
    wrong = rng.choice(2000, 200, replace=False)
    labels[wrong] = (labels[wrong] + rng.integers(1, 5, 200)) % 5
    probabilities = 0.8 * np.eye(5)[truth] + 0.2 * rng.dirichlet(np.ones(5), 2000)
    found = find_suspects(probabilities, labels)
    assert set(found.order[:190].tolist()) <= set(wrong.tolist()) and 170 < found.estimate < 230


def test_a_class_without_examples_is_nobodys_answer():
    found = find_suspects(np.array([[0.1, 0.9, 0.0], [0.1, 0.0, 0.9]]), np.array([0, 0]))
    assert not len(found.order) and found.estimate == 0
