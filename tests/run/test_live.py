"""The table that a terminal shows."""

from rich.console import Console

from luthier.core.console import ASCII
from luthier.run.progress import ProgressState, render

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
