"""Which test examples are shown, and as what, beside an order by hand."""

import base64
import io
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from luthier.models.losses import CrossEntropy
from luthier.recipe.read import read_recipe
from luthier.recipe.resolve import resolve
from luthier.report.run_sections import (
    DRAWS,
    MOST_CLASSES,
    MOST_FILTERS,
    MOST_IN_MATRIX,
    MOST_ROWS,
    PartPredictions,
    draw_filters,
    make_bins,
    show_calibration,
    show_classes,
    show_largest_errors,
    show_least_certain,
    show_mistakes,
    show_samples,
)
from luthier.run.result import Predictions
from luthier.stats.metrics.classification import BINS
from luthier.testing.material import pictures, rows, values


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


def opened(source):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))))


def test_weights_span_black_to_white_over_all_filters():
    layer = nn.Conv2d(1, 2, (3, 5))
    with torch.no_grad():
        layer.weight.copy_(torch.arange(30.0).view(2, 1, 3, 5))
    first, second = map(opened, draw_filters(nn.Sequential(nn.Flatten(0, 0), layer, nn.Conv2d(2, 7, 3))))
    assert first.shape == (3, 5) and (first[0, 0], second[-1, -1]) == (0, 255)
    assert first[0, 1] == round(255 / 29)


@pytest.mark.parametrize(("channels", "shape"), [(1, (3, 3)), (3, (3, 3, 3)), (4, (3, 3))])
def test_three_channels_are_colours(channels, shape):
    assert opened(draw_filters(nn.Conv2d(channels, 2, 3))[0]).shape == shape


def test_filters_over_time_have_a_row_for_each_feature():
    assert opened(draw_filters(nn.Conv1d(4, 2, 7))[0]).shape == (4, 7)


def test_of_many_filters_the_first_are_shown():
    assert len(draw_filters(nn.Conv2d(1, MOST_FILTERS + 3, 3))) == MOST_FILTERS


@pytest.mark.parametrize("network", [nn.Linear(3, 2), nn.Conv2d(3, 2, 1)])
def test_without_a_pattern_there_is_nothing_to_show(network):
    assert draw_filters(network) == []


def recipe(dataset, **sections):
    return resolve(read_recipe({"model": {"name": "lenet5"}, "data": {"size": 15}, **sections}), dataset)


def test_each_class_has_its_picture_and_draws_of_it():
    dataset = pictures(67)
    found = show_samples(dataset, recipe(dataset, augment={"rotation": {"degrees": 90}}))
    assert [case.lines for case in found] == [["0"], ["1"], ["2"]]
    for case in found:
        plain, *drawn = map(opened, case.sources)
        assert plain.shape == (15, 15) and len(drawn) == DRAWS
        assert all((plain != one).any() for one in drawn) and (drawn[0] != drawn[1]).any()


def test_without_augmentations_each_is_shown_as_it_is():
    dataset = pictures(67)
    assert [len(case.sources) for case in show_samples(dataset, recipe(dataset))] == [1, 1, 1]


def test_of_many_classes_some_are_shown():
    dataset = pictures(400, classes=MOST_CLASSES + 5)
    assert len(show_samples(dataset, recipe(dataset))) == MOST_CLASSES


def test_rows_are_no_pictures():
    dataset = rows()
    assert show_samples(dataset, resolve(read_recipe({}), dataset)) == []
