"""Progress: what, how far, how fast, how long still; on stderr, live on a terminal, plain elsewhere."""

import sys

import pytest
import torch

from luthier.build import prepare
from luthier.engine import TrainState
from luthier.progress import Progress, watching
from luthier.recipe import read_recipe
from luthier.testing.material import rows

EPOCHS, STEPS = 4, 3


@pytest.fixture
def prepared():
    recipe = read_recipe({"model": "mlp", "training": {"epochs": EPOCHS, "batch_size": 16}})
    made = prepare(recipe, rows(53), torch.device("cpu"))
    assert made.assembly.steps_per_epoch == STEPS
    return made


class Clock:
    """A clock that the test moves."""

    def __init__(self, monkeypatch):
        self.now = 1000.0
        monkeypatch.setattr("luthier.progress.time.monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def at(step: int) -> TrainState:
    """A state after this many steps."""
    within = step % STEPS
    order = torch.arange(39) if within else None
    return TrainState(torch.zeros(0), torch.zeros(()), step=step, epoch=step // STEPS, position=within, order=order)


ROWS = [{"kind": "train", "loss": 0.51239}, {"kind": "validation", "accuracy": 0.75}]


def test_facts_are_loss_accuracy_speed_and_time_left(prepared, clock):
    shown = []
    progress = Progress(prepared, lambda *facts: shown.append(facts))
    progress(at(1), [])
    clock.now += 4
    progress(at(3), ROWS)
    examples = len(prepared.assembly.training.examples)
    speed = 2 / 4 * examples / STEPS
    assert shown[0] == (1, 0, "", False)
    assert shown[1] == (3, 1, f"loss 0.5124  validation accuracy 0.7500  {speed:,.0f} examples/s  18 s left", True)


def test_speed_is_of_this_process_alone(prepared, clock):
    """A resumed run does not count the steps of the one before."""
    shown = []
    progress = Progress(prepared, lambda *facts: shown.append(facts))
    progress(at(10), [])
    clock.now += 2
    progress(at(11), ROWS[:1])
    assert shown[-1][2].endswith("  2 s left")


def test_steps_without_news_are_shown_ten_times_a_second_at_most(prepared, clock):
    shown = []
    progress = Progress(prepared, lambda *facts: shown.append(facts))
    for step in range(1, 12):
        progress(at(step), [])
        clock.now += 0.03
    assert [facts[0] for facts in shown] == [1, 5, 9]


def test_elsewhere_there_is_a_plain_line_for_each_epoch(prepared, clock, capsys):
    with watching(prepared, quiet=False) as watch:
        for step in range(1, 2 * STEPS + 1):
            clock.now += 1
            watch(at(step), ROWS if step % STEPS == 0 else ROWS[:1] if step == 2 else [])
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split("  ")[0] for line in err.splitlines()] == ["epoch 1/4", "epoch 2/4"]
    assert err.splitlines()[0].startswith("epoch 1/4  loss 0.5124  validation accuracy 0.7500  ")
    assert err.isascii() and "\r" not in err and "\x1b" not in err


def test_quiet_is_quiet(prepared, capsys):
    with watching(prepared, quiet=True) as watch:
        watch(at(STEPS), ROWS)
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_there_is_one_live_line(prepared, clock, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "150")
    with watching(prepared, quiet=False) as watch:
        for step in range(1, EPOCHS * STEPS + 1):
            clock.now += 1
            watch(at(step), ROWS if step % STEPS == 0 else [])
    out, err = capsys.readouterr()
    assert out == ""
    assert "epoch 4/4" in err and "validation accuracy 0.7500" in err and "\x1b[" in err


def test_values_are_told_by_r2(prepared, clock):
    told = Progress(prepared, lambda *facts: None)
    told._learn({"kind": "validation", "r2": 0.5, "rmse": 3.0})
    assert told.known == {"validation r2": "0.5000"}
    told._learn({"kind": "validation", "r2": None, "rmse": 3.0})
    assert told.known == {"validation r2": "-"}
