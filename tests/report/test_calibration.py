"""Confidence beside accuracy, against a count by hand."""

import numpy as np
import pytest

from luthier.report.run_sections import make_bins, show_calibration
from luthier.stats.metrics.classification import BINS


def test_bins_hold_the_examples_that_a_count_by_hand_gives():
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(5), 211)
    labels = rng.integers(0, 5, 211)
    found, expected, error = make_bins(probabilities, labels), [], 0.0
    for k in range(BINS):
        inside = [i for i in range(211) if k / BINS < probabilities[i].max() <= (k + 1) / BINS]
        if inside:
            confidence = sum(probabilities[i].max() for i in inside) / len(inside)
            right = sum(probabilities[i].argmax() == labels[i] for i in inside) / len(inside)
            expected.append((pytest.approx(confidence), pytest.approx(right), len(inside)))
            error += len(inside) / 211 * abs(confidence - right)
    assert [(one.confidence, one.accuracy, one.n) for one in found] == expected
    assert show_calibration(probabilities, labels)["error"] == pytest.approx(error)
    assert all(one.interval[0] <= one.accuracy <= one.interval[1] for one in found)


def test_certainty_is_in_the_last_bin():
    found = show_calibration(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([0, 0]))
    assert found["error"] == 0 and found["bins"][0].n == 2
    assert [line.name for line in found["chart"].lines] == ["share of right answers, 95% interval", "as it should be"]
