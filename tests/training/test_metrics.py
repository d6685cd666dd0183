"""Metrics against scikit-learn."""

import pytest
import torch
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    mean_absolute_error,
    mean_squared_error,
    precision_recall_fscore_support,
    r2_score,
)

from luthier.core.errors import BadInput
from luthier.core.rng import generator
from luthier.training.metrics import WORST, classification, confusion, per_class, regression, score

LABELS = torch.randint(5, (97,), generator=generator(0, "labels"))
LOGITS = torch.randn(97, 5, generator=generator(0, "logits")) + torch.eye(5)[LABELS] * 2
CLASSES = ("a", "b", "c", "d", "e")


def test_classification():
    losses = torch.arange(97.0)
    found = classification(LOGITS, LABELS, losses)
    assert found == {"accuracy": accuracy_score(LABELS, LOGITS.argmax(1)), "loss": 48.0, "n": 97}


def test_nothing_to_measure():
    assert classification(torch.zeros(0, 5), LABELS[:0], torch.zeros(0)) == {"accuracy": None, "loss": None, "n": 0}


@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
def test_a_loss_that_is_not_finite_is_none_and_scores_worst(bad):
    found = classification(LOGITS, LABELS, torch.full((97,), bad))
    assert found["loss"] is None
    assert score(found, "loss") == WORST < score({"loss": 1e300}, "loss")


def test_confusion_and_per_class_against_scikit_learn():
    answers = LOGITS.argmax(1)
    matrix = confusion(LOGITS, LABELS)
    assert matrix.tolist() == confusion_matrix(LABELS, answers, labels=range(5)).tolist()
    found = per_class(matrix, CLASSES)
    expected = precision_recall_fscore_support(LABELS, answers, labels=range(5))
    for number, one in enumerate(found):
        values = [one["precision"], one["recall"], one["f1"], one["n"]]
        assert values == pytest.approx([float(column[number]) for column in expected])
        assert one["class"] == CLASSES[number]


def test_what_nothing_defines_is_none():
    """No example of class b, and nothing answered as c."""
    found = per_class(torch.tensor([[3, 1, 0], [0, 0, 0], [2, 0, 0]]), ("a", "b", "c"))
    assert [one["precision"] for one in found] == [3 / 5, 0.0, None]
    assert [one["recall"] for one in found] == [3 / 4, None, 0.0]
    assert [one["f1"] for one in found] == [6 / 9, 0.0, 0.0]


def test_a_matrix_of_another_size_is_refused():
    with pytest.raises(BadInput) as caught:
        per_class(torch.zeros(2, 2), ("a", "b", "c"))
    assert str(caught.value) == "the confusion matrix must be 3 x 3, but is (2, 2); pass the run's own classes"


def test_score_is_larger_where_the_metric_is_better():
    assert score({"accuracy": 0.75}, "accuracy") == 0.75
    assert score({"loss": 0.25}, "loss") > score({"loss": 0.5}, "loss")


def test_regression_against_scikit_learn():
    truth = torch.randn(97, 2, generator=generator(0, "truth")) * 50 + 1000
    answers = truth + torch.randn(97, 2, generator=generator(0, "noise")) * torch.tensor([3.0, 30.0])
    found = regression(answers, truth, torch.arange(97.0))
    assert found == {
        "mae": pytest.approx(mean_absolute_error(truth, answers), rel=1e-6),
        "rmse": pytest.approx(mean_squared_error(truth, answers) ** 0.5, rel=1e-6),
        "r2": pytest.approx(r2_score(truth, answers), rel=1e-6),
        "loss": 48.0,
        "n": 97,
    }
    assert score(found, "r2") == found["r2"] and score(found, "mae") == -found["mae"]
    assert score(found, "rmse") == -found["rmse"]


@pytest.mark.parametrize("n", [0, 1, 5])
def test_what_constant_values_leave_undefined_is_none(n):
    found = regression(torch.arange(float(n))[:, None], torch.ones(n, 1), torch.zeros(n))
    assert found["r2"] is None and found["n"] == n and (found["mae"] is None) == (n == 0)
    assert score(found, "r2") == WORST
