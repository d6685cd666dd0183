"""Learning curves from the rows of a history."""

import pytest

from luthier.report.curves import (
    describe_gradients,
    make_health_charts,
    make_learning_charts,
    measure_phases,
    take_series,
)

ROWS = [
    {
        "kind": "train",
        "step": 5,
        "epoch": 0,
        "loss": 2.0,
        "learning_rate": 0.1,
        "gradient_norm": 3.0,
        "weight_norm": 7.0,
    },
    {
        "kind": "train",
        "step": 10,
        "epoch": 0,
        "loss": 1.5,
        "learning_rate": 0.2,
        "gradient_norm": 2.0,
        "weight_norm": 8.0,
    },
    {"kind": "validation", "step": 10, "epoch": 1, "loss": 1.25, "accuracy": 0.5, "n": 9},
    {
        "kind": "train",
        "step": 20,
        "epoch": 1,
        "loss": 1.0,
        "learning_rate": 0.1,
        "gradient_norm": 1.0,
        "weight_norm": 9.0,
    },
    {"kind": "validation", "step": 20, "epoch": 2, "loss": None, "accuracy": 0.75, "n": 9},
]


def test_numbers_are_taken_over_epochs_and_gaps_left_out():
    assert take_series(ROWS, "train", "loss", "a").points == [(0.5, 2.0), (1.0, 1.5), (2.0, 1.0)]
    assert take_series(ROWS, "validation", "loss", "a").points == [(1.0, 1.25)]


def test_every_number_has_its_chart():
    charts = {one.title: one for one in make_learning_charts(ROWS)}
    assert list(charts) == [
        "Loss",
        "Accuracy on the validation part",
        "Learning rate",
        "Norm of the gradient and of all weights",
    ]
    assert [line.name for line in charts["Loss"].lines] == ["training", "validation"]
    assert charts["Accuracy on the validation part"].lines[0].labels == ["50% at 1", "75% at 2"]


def test_a_history_without_validation_counts_epochs_too():
    rows = [row for row in ROWS if row["kind"] == "train"]
    assert [x for x, _ in take_series(rows, "train", "loss", "a").points] == [0.5, 1.0, 2.0]


def test_nothing_makes_no_charts():
    assert make_learning_charts([]) == []


def test_an_interrupted_history_counts_epochs_by_their_ends():
    """A row in the middle of an epoch says nothing about how long epochs are."""
    ends = [{**row, "health": {"a": {}}} for row in ROWS if row["kind"] == "train" and row["step"] in (10, 20)]
    middle = {"kind": "train", "step": 24, "epoch": 2, "loss": 0.5}
    assert [x for x, _ in take_series([*ends, middle], "train", "loss", "a").points] == [1.0, 2.0, 2.4]


def test_whatever_decides_has_its_chart():
    rows = [{**row, "ece": 0.25} if row["kind"] == "validation" else row for row in ROWS]
    assert "Expected calibration error on the validation part" in [one.title for one in make_learning_charts(rows)]


def row(step, first, last, **more):
    layers = {"body.0": {"gradient": first, "activation": 1.0, "dead": None, "update_ratio": 0.001}}
    layers["body.1"] = {"gradient": last, "activation": 0.5, "dead": 0.25, "update_ratio": 0.002}
    return {"kind": "train", "step": step, "epoch": 0, "health": layers, **more}


def test_each_figure_has_a_line_for_each_layer_that_has_it():
    charts = {one.title: one for one in make_health_charts([row(5, 1e-3, 1.0), row(10, 1e-2, 2.0)])}
    assert len(charts) == 4
    assert [line.name for line in charts["Gradient norm of each layer"].lines] == ["body.0", "body.1"]
    assert charts["Gradient norm of each layer"].lines[0].labels == ["0.001 at 0.5", "0.01 at 1"]
    (dead,) = charts["Dead units of each layer"].lines
    assert dead.name == "body.1" and dead.labels[0] == "25% at 0.5"


@pytest.mark.parametrize(
    ("first", "last", "end"),
    [
        (1e-6, 1.0, "last, at the median of 1 reads: it vanishes on its way back."),
        (1.0, 1e-5, "explodes on its way back."),
    ],
)
def test_a_gradient_that_vanishes_or_explodes_is_said(first, last, end):
    assert describe_gradients([row(5, first, last)]).endswith(end)


def test_a_sound_gradient_is_said_with_its_ratio():
    assert describe_gradients([row(5, 1.0, 2.0)]) == (
        "The gradient of the first layer is 0.5 times that of the last, at the median of 1 reads."
    )


def test_phases_are_summed_with_their_shares():
    rows = [row(5, 1, 1, seconds_by_phase={"data": 1.0, "forward": 2.0}), row(9, 1, 1, seconds_by_phase={"data": 1.0})]
    assert measure_phases(rows) == [
        {"name": "data", "seconds": 2.0, "share": 0.5},
        {"name": "forward", "seconds": 2.0, "share": 0.5},
    ]


def test_histories_that_do_not_tell_have_no_section():
    rows = [{"kind": "train", "step": 5, "epoch": 0, "loss": 1.0}]
    assert make_health_charts(rows) == [] and describe_gradients(rows) == "" and measure_phases(rows) == []
