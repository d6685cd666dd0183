"""Progress of a study on a terminal: what runs, what came of the others, and the time left, written over."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from luthier.report.figures import duration
from luthier.tuning.progress import ProgressState

PER_SECOND = 2
ENDED = ("finished", "stopped", "diverged", "failed")


@contextmanager
def live_table(standing: Callable[[], ProgressState]) -> Iterator[None]:
    """Show how a study stands, in place on stderr, and ask for it anew twice a second; the last stays there."""
    console = Console(stderr=True)
    with Live(console=console, refresh_per_second=PER_SECOND, get_renderable=lambda: render_table(standing())):
        yield


def render_table(progress_state: ProgressState) -> RenderableType:
    """What has ended, over a row for each training under way, over the time."""
    return Group(Text(_ended(progress_state)), _running(progress_state), Text(_time(progress_state)))


def _ended(progress_state: ProgressState) -> str:
    begun, asked = progress_state.trials
    counts = [f"{progress_state.ended[name]} {name}" for name in ENDED if progress_state.ended.get(name)]
    best = "-" if progress_state.best is None else f"{progress_state.best:.4f}"
    trials = f"trial {begun}" if asked is None else f"trial {begun} of {asked}"
    return "  ".join((f"{progress_state.stage}:", trials, *counts, f"best {best}"))


def _running(progress_state: ProgressState) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)  # 80 columns must do
    for name in ("running", "epoch", progress_state.metric):
        table.add_column(name, no_wrap=True)
    for one in progress_state.running:
        table.add_row(one.name, f"{one.epoch}/{one.epochs}", "-" if one.score is None else f"{one.score:.4f}")
    return table


def _time(progress_state: ProgressState) -> str:
    if progress_state.left is None:
        return f"{duration(progress_state.seconds)} so far, left not known yet"
    rest = f", left about {duration(progress_state.left)}" if progress_state.left else ""
    return f"{duration(progress_state.seconds)} so far{rest}"
