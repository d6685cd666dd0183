"""RunProgress: what, how far, how fast, how long still; on stderr, live on a terminal, plain elsewhere."""

import re
import sys

import pytest
import torch
from rich.console import Console

from luthier.core.console import ASCII
from luthier.recipe.read import read_recipe
from luthier.run.progress import ProgressState, RunProgress, progress_bar, render
from luthier.testing.material import rows
from luthier.testing.training import prepare_recipe
from luthier.training import TrainState

EPOCHS, STEPS = 4, 3


@pytest.fixture
def prepared():
    recipe = read_recipe({"model": "mlp", "training": {"epochs": EPOCHS, "batch_size": 16}})
    made = prepare_recipe(recipe, rows(53), torch.device("cpu"))
    assert made.trainer.steps_per_epoch == STEPS
    return made


class Clock:
    """A clock that the test moves."""

    def __init__(self, monkeypatch):
        self.now = 1000.0
        monkeypatch.setattr("luthier.run.progress.time.monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def at(step: int) -> TrainState:
    """A state after this many steps."""
    within = step % STEPS
    order = torch.arange(39) if within else None
    return TrainState(torch.zeros(0), torch.zeros(()), step=step, epoch=step // STEPS, position=within, order=order)


ROWS = [{"kind": "train", "loss": 0.51239, "learning_rate": 0.0032}, {"kind": "validation", "accuracy": 0.75}]


KNOWN = {"loss": "0.5124", "rate": "0.0032", "validation accuracy": "0.7500"}


def test_facts_are_loss_accuracy_rate_speed_and_time_left(prepared, clock):
    shown = []
    progress = RunProgress(prepared, shown.append)
    progress(at(1), [])
    clock.now += 4
    progress(at(3), ROWS)
    examples = len(prepared.trainer.training.examples)
    speed = f"{2 / 4 * examples / STEPS:,.0f}"
    first, second = shown
    assert (first.step, first.total, first.epoch, first.epochs) == (1, EPOCHS * STEPS, 0, EPOCHS)
    assert (first.ended, first.facts, first.curve) == (False, {}, ())
    assert (second.step, second.epoch, second.ended) == (3, 1, True)
    assert second.facts == {**KNOWN, "examples/s": speed, "left": "18 s"}
    assert (second.curved, second.curve) == ("validation accuracy", (0.75,))


def test_the_curve_has_a_point_for_each_epoch(prepared, clock):
    shown = []
    progress = RunProgress(prepared, shown.append)
    progress(at(2), ROWS[:1])
    for step, accuracy in ((3, 0.5), (6, 0.75)):
        progress(at(step), [ROWS[0], {"kind": "validation", "accuracy": accuracy}])
    assert shown[-1].curve == (0.5, 0.75)


def test_without_a_validation_part_the_curve_is_that_of_the_loss(clock):
    values = {"model": "mlp", "training": {"epochs": EPOCHS, "batch_size": 16}, "split": {"validation": 0}}
    shown = []
    progress = RunProgress(prepare_recipe(read_recipe(values), rows(53), torch.device("cpu")), shown.append)
    progress(at(2), ROWS[:1])
    progress(at(3), ROWS[:1])
    assert (shown[-1].curved, shown[-1].curve) == ("loss", (0.51239,))


def test_speed_is_of_this_process_alone(prepared, clock):
    """A resumed run does not count the steps of the one before."""
    shown = []
    progress = RunProgress(prepared, shown.append)
    progress(at(10), [])
    clock.now += 2
    progress(at(11), ROWS[:1])
    assert shown[-1].facts["left"] == "2 s"


def test_steps_without_news_are_shown_ten_times_a_second_at_most(prepared, clock):
    shown = []
    progress = RunProgress(prepared, shown.append)
    for step in range(1, 12):
        progress(at(step), [])
        clock.now += 0.03
    assert [one.step for one in shown] == [1, 5, 9]


def test_elsewhere_there_is_a_plain_line_for_each_epoch(prepared, clock, capsys):
    with progress_bar(prepared, quiet=False) as watch:
        for step in range(1, 2 * STEPS + 1):
            clock.now += 1
            watch(at(step), ROWS if step % STEPS == 0 else ROWS[:1] if step == 2 else [])
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split("  ")[0] for line in err.splitlines()] == ["epoch 1/4", "epoch 2/4"]
    assert err.splitlines()[0].startswith("epoch 1/4  loss 0.5124  rate 0.0032  validation accuracy 0.7500  ")
    assert err.isascii() and "\r" not in err and "\x1b" not in err


def test_quiet_is_quiet(prepared, capsys):
    with progress_bar(prepared, quiet=True) as watch:
        watch(at(STEPS), ROWS)
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_there_is_one_live_table(prepared, clock, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "150")
    with progress_bar(prepared, quiet=False) as watch:
        for step in range(1, EPOCHS * STEPS + 1):
            clock.now += 1
            watch(at(step), ROWS if step % STEPS == 0 else [])
    out, err = capsys.readouterr()
    assert out == ""
    assert "\x1b[" in err
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", " ", err).split()
    heading = "epoch loss rate validation accuracy examples/s left accuracy by epoch".split()
    assert [word for word in heading if word not in shown] == []
    assert shown[shown.index("4/4") :][:4] == ["4/4", "0.5124", "0.0032", "0.7500"]


def test_values_are_told_by_r2(prepared, clock):
    told = RunProgress(prepared, lambda standing: None)
    told.monitor = "r2"
    told._learn({"kind": "validation", "r2": 0.5, "rmse": 3.0})
    assert told.known == {"validation r2": "0.5000"}
    told._learn({"kind": "validation", "r2": None, "rmse": 3.0})
    assert told.known == {"validation r2": "-"}


def test_another_metric_that_decides_is_told_beside_the_usual_one(prepared, clock):
    told = RunProgress(prepared, lambda standing: None)
    told.monitor = "macro-f1"
    told._learn({"kind": "validation", "accuracy": 0.75, "macro-f1": 0.5})
    assert told.known == {"validation accuracy": "0.7500", "validation macro-f1": "0.5000"}
    assert (told.curved, told.curve) == ("validation macro-f1", [0.5])


FACTS = {"loss": "0.5124", "validation accuracy": "0.7500", "examples/s": "1,234", "left": "9 s"}


def text(standing, width, **settings):
    console = Console(width=width, **settings)
    with console.capture() as captured:
        console.print(render(standing, ASCII))
    return captured.get().splitlines()


def standing(step=30, curve=(0.25, 0.5, 0.75)):
    return ProgressState(step, 120, 2, 8, True, FACTS, "validation accuracy", curve)


def test_it_shows_the_facts_the_curve_and_how_far_it_is_in_80_columns():
    above, heading, row, _ = text(standing(), 80)
    assert set("epoch loss validation accuracy examples/s left by".split()) <= set((above + heading).split())
    assert row.split() == ["2/8", "0.5124", "0.7500", "1,234", "9", "s", "_=#"]


def test_the_bar_grows_with_the_steps():
    short, long = (text(standing(step), 120, force_terminal=True, color_system="truecolor")[-1] for step in (12, 108))
    assert short != long


def test_a_narrow_terminal_gets_one_line_for_each_row():
    assert len(text(standing(), 40)) == len(text(standing(), 150))


def test_before_the_first_step_there_is_nothing_to_tell():
    above, heading, row, *_ = text(ProgressState(0, 120, 0, 8, False, {}, "loss", ()), 80)
    assert [one.split() for one in (above, heading, row)] == [["loss"], ["epoch", "by", "epoch"], ["0/8"]]


def test_a_second_metric_fits_into_80_columns_too():
    facts = {"loss": "0.0823", "rate": "4.4e-06", "validation accuracy": "0.9790", "validation macro-f1": "0.9996",
             "examples/s": "12,594", "left": "1200 s"}  # fmt: skip
    curve = [k / 20 for k in range(20)]
    told = text(ProgressState(10, 120, 12, 120, True, facts, "validation macro-f1", curve), 80)
    assert "…" not in "".join(told) and "12/120" in told[2] and "macro-f1" in told[0]
