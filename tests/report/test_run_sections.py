"""Which test examples are shown, and as what, beside an order by hand."""

from types import SimpleNamespace

import numpy as np
import torch

from luthier.models.losses import CrossEntropy
from luthier.report.run_sections import (
    MOST_IN_MATRIX,
    MOST_ROWS,
    PartPredictions,
    show_classes,
    show_largest_errors,
    show_least_certain,
    show_mistakes,
)
from luthier.run.result import Predictions
from luthier.testing.material import pictures, values


def answered(probabilities, labels, names="abc", temperature=1.0):
    """Answers with given probabilities; the test examples are 10, 11, ..."""
    logits, truth = torch.tensor(probabilities, dtype=torch.float64).log(), torch.tensor(labels)
    run = SimpleNamespace(classes=tuple(names), recipe=SimpleNamespace(loss=CrossEntropy()), temperature=temperature)
    members = torch.arange(10, 10 + len(labels))
    return PartPredictions(run, Predictions(logits, members, truth), pictures())


SURE_WRONG, RIGHT, UNSURE_WRONG, UNSURE = [0.9, 0.05, 0.05], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.26, 0.37, 0.37]
FOUR = answered([UNSURE_WRONG, RIGHT, SURE_WRONG, UNSURE], [0, 1, 2, 1])


def test_mistakes_are_told_the_surest_first():
    assert [case.lines for case in show_mistakes(FOUR)] == [
        ["true: c", "answer: a (90.0%)", "next: b (5.0%)", "example 12"],
        ["true: a", "answer: c (40.0%)", "next: a (30.0%)", "example 10"],
    ]


def test_the_least_certain_have_the_smallest_gap():
    assert [case.lines[-1] for case in show_least_certain(FOUR)] == [
        "example 13",
        "example 10",
        "example 11",
        "example 12",
    ]


def test_pictures_are_of_the_examples_themselves():
    first, second = show_mistakes(FOUR)
    assert first.sources != second.sources and first.sources == show_least_certain(FOUR)[3].sources


def test_the_largest_errors_are_told_first():
    made = values(outputs=1)
    logits = torch.tensor([[1.0], [5.0], [2.0]], dtype=torch.float64)
    run = SimpleNamespace(classes=())
    truth = torch.tensor([[1.5], [2.0], [1.0]], dtype=torch.float64)
    told = show_largest_errors(PartPredictions(run, Predictions(logits, torch.tensor([4, 7, 9]), truth), made))
    assert told[0].lines == ["true: 2", "answer: 5", "example 7"]
    assert [case.lines[2] for case in told] == ["example 7", "example 9", "example 4"] and told[0].sources == []


def test_classes_are_counted_and_the_mixed_told():
    found = show_classes(FOUR)
    assert [[cell["n"] for cell in row["cells"]] for row in found["matrix"]] == [[0, 0, 1], [0, 2, 0], [1, 0, 0]]
    assert found["mixed"] == [{"true": "a", "answer": "c", "n": 1}, {"true": "c", "answer": "a", "n": 1}]
    assert [row["recall"] for row in found["rows"]] == [0.0, 1.0, 0.0]


def test_of_very_many_classes_the_worst_are_listed():
    count = MOST_ROWS + 3
    names = [f"k{k}" for k in range(count)]
    found = show_classes(answered((np.eye(count) + 1e-9).tolist(), [*range(count - 1), 0], names))
    assert found["matrix"] == [] and found["more"] == 3 and count > MOST_IN_MATRIX
    assert found["rows"][0]["class"] == "k0" and found["rows"][0]["recall"] == 0.5


def test_a_calibrated_run_is_as_certain_as_it_says():
    warm = answered([SURE_WRONG], [2], temperature=2.0)
    expected = np.sqrt(SURE_WRONG) / np.sqrt(SURE_WRONG).sum()
    assert np.allclose(warm.probabilities, expected[None])
