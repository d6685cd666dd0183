"""Progress of a study on a terminal: what runs, what came of the others, and the time left, written over."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from luthier.report.figures import duration
from luthier.tuning.progress import Standing

PER_SECOND = 2
ENDED = ("finished", "stopped", "diverged", "failed")


@contextmanager
def live(standing: Callable[[], Standing]) -> Iterator[None]:
    """Show how a study stands, in place on stderr, and ask for it anew twice a second; the last stays there."""
    console = Console(stderr=True)
    with Live(console=console, refresh_per_second=PER_SECOND, get_renderable=lambda: drawn(standing())):
        yield


def drawn(standing: Standing) -> RenderableType:
    """What has ended, over a row for each training under way, over the time."""
    return Group(Text(_ended(standing)), _running(standing), Text(_time(standing)))


def _ended(standing: Standing) -> str:
    begun, asked = standing.trials
    counts = [f"{standing.ended[name]} {name}" for name in ENDED if standing.ended.get(name)]
    best = "-" if standing.best is None else f"{standing.best:.4f}"
    trials = f"trial {begun}" if asked is None else f"trial {begun} of {asked}"
    return "  ".join((f"{standing.stage}:", trials, *counts, f"best {best}"))


def _running(standing: Standing) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)  # 80 columns must do
    for name in ("running", "epoch", standing.metric):
        table.add_column(name, no_wrap=True)
    for one in standing.running:
        table.add_row(one.name, f"{one.epoch}/{one.epochs}", "-" if one.score is None else f"{one.score:.4f}")
    return table


def _time(standing: Standing) -> str:
    if standing.left is None:
        return f"{duration(standing.seconds)} so far, left not known yet"
    rest = f", left about {duration(standing.left)}" if standing.left else ""
    return f"{duration(standing.seconds)} so far{rest}"
