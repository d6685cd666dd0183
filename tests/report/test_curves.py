"""Learning curves from the rows of a history."""

from luthier.report.curves import make_learning_charts, take_series

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
