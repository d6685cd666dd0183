"""Class by class: the confusion matrix and what follows from it, against scikit-learn."""

import numpy as np
import pytest
import sklearn.metrics

from luthier.core.errors import BadInput
from luthier.stats.metrics import class_metrics, confusion_matrix

RNG = np.random.default_rng(0)
LABELS = RNG.integers(5, size=97)
LOGITS = RNG.normal(size=(97, 5)) + 2 * np.eye(5)[LABELS]
CLASSES = ("a", "b", "c", "d", "e")


def test_confusion_and_class_metrics_against_scikit_learn():
    answers = LOGITS.argmax(1)
    matrix = confusion_matrix(LOGITS, LABELS)
    assert matrix.tolist() == sklearn.metrics.confusion_matrix(LABELS, answers, labels=range(5)).tolist()
    found = class_metrics(matrix, CLASSES)
    expected = sklearn.metrics.precision_recall_fscore_support(LABELS, answers, labels=range(5))
    for number, one in enumerate(found):
        values = [one["precision"], one["recall"], one["f1"], one["n"]]
        assert values == pytest.approx([float(column[number]) for column in expected])
        assert one["class"] == CLASSES[number]


def test_what_nothing_defines_is_none():
    """No example of class b, and nothing answered as c."""
    found = class_metrics(np.array([[3, 1, 0], [0, 0, 0], [2, 0, 0]]), ("a", "b", "c"))
    assert [one["precision"] for one in found] == [3 / 5, 0.0, None]
    assert [one["recall"] for one in found] == [3 / 4, None, 0.0]
    assert [one["f1"] for one in found] == [6 / 9, 0.0, 0.0]


def test_a_matrix_of_another_size_is_refused():
    with pytest.raises(BadInput) as caught:
        class_metrics(np.zeros((2, 2)), ("a", "b", "c"))
    assert str(caught.value) == "the confusion matrix must be 3 x 3, but is (2, 2); pass the run's own classes"
