"""What loggers are sent, and what happens where one is missing or fails."""

import math
import sys

import pytest

from luthier import api
from luthier.core.errors import BadInput, LuthierWarning
from luthier.run import loggers
from luthier.run.loggers import LOGGERS, check_loggers, flatten_row
from luthier.study.verify import fsck
from luthier.testing.material import rows

SETTINGS = {"epochs": 2, "batch_size": 16, "model": "mlp", "quiet": True}


class Notes:
    """Writes down what it is sent; fails at a step where it is told to."""

    def __init__(self, fails_at=math.inf):
        self.seen, self.closed, self.fails_at = [], None, fails_at

    def log(self, numbers, step):
        if step >= self.fails_at:
            raise ConnectionError("the server\nis gone")
        self.seen.append((step, numbers))

    def close(self, finished):
        self.closed = finished


@pytest.fixture
def notes(monkeypatch):
    """Take the place of every logger."""

    def put(one):
        monkeypatch.setattr(loggers, "find_spec", lambda name: object())
        monkeypatch.setattr(loggers, "_open", lambda name, recipe, root: one)
        return one

    return put


def test_every_row_is_sent_and_the_test_result_at_the_end(tmp_path, notes):
    one = notes(Notes())
    run = api.train(rows(53), out=tmp_path / "run", log=["tensorboard"], **SETTINGS)
    assert one.seen[:-1] == [(row["step"], flatten_row(row)) for row in run.history]
    step, last = one.seen[-1]
    assert step == 6 and last["test/accuracy"] == run.result["test"]["accuracy"]
    assert {"train/loss", "train/seconds", "seconds/forward", "gradient/body.1", "dead/body.5"} <= one.seen[0][1].keys()
    assert one.closed is True


def test_a_logger_that_fails_ends_and_training_does_not(tmp_path, notes):
    one = notes(Notes(fails_at=6))
    with pytest.warns(LuthierWarning, match=r"logging to mlflow has ended \(ConnectionError: the server\); training"):
        run = api.train(rows(53), out=tmp_path / "run", log=["mlflow"], **SETTINGS)
    assert run.result["epochs"] == 2 and {step for step, _ in one.seen} == {3}


def test_a_training_that_is_stopped_says_so(tmp_path, notes, monkeypatch):
    one = notes(Notes())
    monkeypatch.setattr("luthier.run.write.finish_run", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        api.train(rows(53), out=tmp_path / "run", log=["mlflow"], **SETTINGS)
    assert one.closed is False


def test_only_numbers_are_sent():
    row = {"kind": "validation", "step": 3, "epoch": 1, "n": 5, "loss": None, "accuracy": 0.5, "intervals": {"a": [1]}}
    assert flatten_row(row) == {"validation/accuracy": 0.5}


@pytest.mark.parametrize(
    ("log", "problem"),
    [
        (
            ["tensorbord"],
            "log must name a logger, but got 'tensorbord'; did you mean 'tensorboard'? known: mlflow, tensorboard",
        ),
        ("mlflow", "log must be a list of names, but got 'mlflow'; write log=['mlflow']"),
    ],
)
def test_what_is_no_logger_is_refused_before_anything_is_written(tmp_path, log, problem):
    with pytest.raises(BadInput) as caught:
        api.train(rows(53), out=tmp_path / "run", log=log, **SETTINGS)
    assert str(caught.value) == problem and not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", LOGGERS)
def test_a_package_that_is_missing_is_named_with_how_to_get_it(monkeypatch, name):
    monkeypatch.setattr(loggers, "find_spec", lambda name: None)
    with pytest.raises(BadInput) as caught:
        check_loggers([name])
    assert str(caught.value) == (
        f"log {name} needs the package {name}, but it is not installed; install it with: pip install 'luthier[{name}]'"
    )


def test_without_loggers_their_packages_are_not_loaded(tmp_path):
    """Nor where a run with event files is verified."""
    before = set(sys.modules)
    run = api.train(rows(53), out=tmp_path / "run", **SETTINGS)
    assert not {one.partition(".")[0] for one in set(sys.modules) - before} & {"mlflow", "tensorboard"}
    (run.path / "tensorboard").mkdir()
    assert fsck(run.path) == []
