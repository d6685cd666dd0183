"""What a training shows plainly: one made case each, and none where nothing is wrong."""

import html
import math

import numpy as np
import pytest

from luthier.api import train
from luthier.cli.output import print_run
from luthier.report.report import report
from luthier.run.diagnosis import describe_never, diagnose, find_never_predicted

GOOD = {
    "n": 100,
    "accuracy": 0.9,
    "loss": 0.3,
    "log-loss": 0.3,
    "intervals": {"accuracy": [0.83, 0.94], "auroc": [0.9, 0.98]},
    "trivial": {"accuracy": 0.5, "log-loss": 0.693},
}
AT_REST = [1.0, 0.5, 0.35, 0.31, 0.3, 0.3, 0.3, 0.3]


def make_history(validation, training=None):
    """Rows of so many epochs of 2 reads each, the second of them three steps long."""
    training = training or [1 / (1 + k) for k in range(len(validation))]
    rows = []
    for k, (falls, loss) in enumerate(zip(training, validation, strict=True)):
        rows += [
            {"kind": "train", "step": 4 * k + 1, "epoch": k, "steps": 1, "loss": falls + 0.3},
            {"kind": "train", "step": 4 * k + 4, "epoch": k, "steps": 3, "loss": falls - 0.1},
            {"kind": "validation", "step": 4 * k + 4, "epoch": k + 1, "loss": loss},
        ]
    return rows


def names(losses, *, stopped=False, never=(), training=None, **changes):
    validation = {**GOOD, "loss": losses[-1], **changes}
    found = diagnose(
        make_history(losses, training), {"validation": validation, "test": GOOD}, list(never), stopped=stopped
    )
    return list(found)


def test_a_good_training_shows_nothing():
    assert names(AT_REST) == []
    assert names([0.3, 0.31, 0.29, 0.32, 0.3, 0.31, 0.3]) == []


def test_overfitting_names_the_epoch_of_the_lowest_loss():
    losses = [1.0, 0.7, 0.5, 0.45, 0.41, 0.5, 0.56, 0.62]
    found = diagnose(make_history(losses), {"validation": {**GOOD, "loss": 0.62}, "test": GOOD}, [], stopped=False)
    assert list(found) == ["overfitting"]
    assert found["overfitting"].startswith(
        "overfitting since epoch 5: the validation loss rose from 0.41 to 0.62 while that of the training fell from "
        "0.2 to 0.125; "
    )


def test_overfitting_may_begin_at_the_first_epoch():
    assert names([0.7, 0.8, 0.9]) == ["overfitting"]


@pytest.mark.parametrize(
    ("losses", "changes"),
    [
        ([1.0, 0.4, 0.41, 0.43, 0.44], {}),  # too little
        ([1.0, 0.4, 0.4, 0.4, 0.9], {}),  # once
        ([1.0, 0.4, 0.9, 0.9, 0.9], {"loss": 0.4}),  # the best network was kept
        ([1.0, 0.4, 0.9, 0.9, 0.9], {"training": [0.2, 0.3, 0.4, 0.5, 0.6]}),  # it diverges
        ([1.0, 0.01, 0.02, 0.03, 0.03], {}),  # nothing beside what was learnt
    ],
)
def test_what_is_no_overfitting(losses, changes):
    assert names(losses, **changes) == []


def test_still_improving_at_the_end():
    losses = [1.0, 0.8, 0.6, 0.4, 0.2]
    found = diagnose(make_history(losses), {"validation": {**GOOD, "loss": 0.2}, "test": GOOD}, [], stopped=False)
    assert found == {
        "still-improving": "still improving at the end: the validation loss fell from 0.4 after epoch 4 to 0.2 after "
        "the last, epoch 5; raise training.epochs"
    }


@pytest.mark.parametrize(
    "changes", [{"stopped": True}, {"accuracy": 1.0}, {"losses": [1.0, 0.8]}, {"losses": [1.0, 0.2, 0.3, 0.25]}]
)
def test_what_is_no_improvement(changes):
    assert names(**{"losses": [1.0, 0.8, 0.6, 0.4, 0.2], **changes}) == []


CHANCE = {
    "accuracy": 0.52,
    "log-loss": 0.694,
    "intervals": {"accuracy": [0.42, 0.62], "auroc": [0.4, 0.6]},
}


def test_not_learning_is_no_better_than_the_trivial_answer():
    parts = {"test": {**GOOD, **CHANCE}}  # without a validation part by the test part
    assert diagnose([], parts, [], stopped=False) == {
        "not-learning": "not learning: no better than the trivial answer on 100 examples (accuracy 0.52 beside 0.5, "
        "log-loss 0.694 beside 0.693); look at the labels and the scale of the inputs, and try another "
        "optimizer.learning_rate"
    }


@pytest.mark.parametrize(
    "better",
    [
        {"log-loss": 0.6},
        {"intervals": {"accuracy": [0.51, 0.6], "auroc": None}},
        {"intervals": {"accuracy": [0.4, 0.6], "auroc": [0.6, 0.8]}},  # rare classes found, probabilities off
        {"trivial": None},  # a result of an earlier version
        {"log-loss": None},
    ],
)
def test_what_has_learnt_by_one_measure_has_learnt(better):
    assert names(AT_REST, **{**CHANCE, **better}) == []


def test_values_are_compared_with_their_mean():
    trivial = {"rmse": 2.0, "mae": 1.5, "r2": 0.0}
    flat = {"n": 9, "rmse": 1.99, "mae": 1.5, "r2": 0.01, "loss": 4.0, "trivial": trivial}
    assert list(diagnose([], {"test": flat}, [], stopped=False)) == ["not-learning"]
    assert diagnose([], {"test": {**flat, "mae": 1.2}}, [], stopped=False) == {}


def test_classes_that_are_never_predicted():
    matrix = np.array([[9, 0, 1, 0], [5, 0, 0, 0], [0, 0, 7, 0], [2, 0, 2, 0]])
    assert find_never_predicted(matrix, list("abcd")) == ["b"]  # of d there are too few
    assert names(AT_REST, never=["b"]) == ["never-predicted"]
    assert describe_never(list("bcdefgh")).startswith(
        "7 classes are never predicted on the test part: b, c, d, e, f, ...; give "
    )


def test_losses_that_are_not_finite_are_no_losses():
    assert names([1.0, math.inf, 0.4, 0.4, 0.4, 0.4], loss=0.4) == []


def test_a_run_says_it_in_result_terminal_and_page(tmp_path, capsys):
    """Inputs that say nothing leave the rare class without an answer; result, terminal and page say the same."""
    inputs = np.random.default_rng(0).standard_normal((240, 1)).astype(np.float32)
    run = train((inputs, np.arange(240) % 8 // 7), epochs=3, out=tmp_path / "run", quiet=True)
    sentence = run.result["diagnosis"]["never-predicted"]
    assert sentence.startswith("class 1 is never predicted")
    print_run(run, json=False, page=lambda: None)
    assert sentence in capsys.readouterr().out
    page = report(run.path, quiet=True).read_text()
    assert f"C{html.escape(sentence[1:], quote=False)}.".replace('"', "&#34;") in page


@pytest.mark.parametrize("epochs", [4, 20])
def test_the_recipe_of_digits_raises_no_false_alarm(tmp_path, epochs):
    run = train("digits", recipe="recipes/mlp-table.toml", model="mlp", epochs=epochs, out=tmp_path / "r", quiet=True)
    assert set(run.result["diagnosis"]) <= {"still-improving"}
