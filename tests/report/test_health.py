"""The health of layers and the time of phases, where a history tells."""

import pytest

from luthier.report.curves import describe_gradients, make_health_charts, measure_phases


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
