"""What the trivial answer scores, beside formulas of its own."""

import math

import numpy as np
import pytest

from luthier.stats.metrics import learn_trivial, score_trivial


def test_classes_are_answered_by_the_largest_and_by_their_shares():
    answer = learn_trivial(np.array([0] * 7 + [1] * 3), 2)
    found = score_trivial(answer, np.array([0, 0, 1, 1, 1]))
    assert answer.tolist() == [0.7, 0.3] and found["accuracy"] == 0.4 and found["auroc"] == 0.5
    assert found["log-loss"] == pytest.approx(-(2 * math.log(0.7) + 3 * math.log(0.3)) / 5)
    assert found["ece"] == pytest.approx(abs(0.4 - 0.7))


def test_the_test_part_teaches_nothing():
    """The class that is most frequent there is not the one that is answered."""
    found = score_trivial(learn_trivial(np.array([1, 1, 0]), 2), np.zeros(8, np.int64))
    assert found["accuracy"] == 0 and found["auroc"] is None


def test_values_are_answered_by_the_mean_of_the_training_part():
    answer = learn_trivial(np.array([[1.0, 10.0], [3.0, 30.0]], np.float32), 0)
    found = score_trivial(answer, np.array([[2.0, 20.0], [4.0, 10.0]], np.float32))
    assert answer.tolist() == [2.0, 20.0]
    assert found["mae"] == 3.0 and found["rmse"] == pytest.approx(math.sqrt((0 + 4 + 0 + 100) / 4))
    assert found["r2"] == pytest.approx(((1 - 4 / 2) + (1 - 100 / 50)) / 2)
