"""Progress on a terminal: a table of one row and a bar, written over as training goes on."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from luthier.core.spark import ASCII, BLOCKS, sparkline
from luthier.progress import ProgressState, Show

CURVE, BAR = 11, 40
PER_SECOND = 4


@contextmanager
def live_progress() -> Iterator[Show]:
    """Give a way to show how training stands, in place on stderr; what was shown last stays there."""
    console = Console(stderr=True)
    levels = ASCII if console.options.ascii_only else BLOCKS
    with Live(console=console, refresh_per_second=PER_SECOND) as screen:
        yield lambda standing: screen.update(render(standing, levels))


def render(progress_state: ProgressState, levels: str = BLOCKS) -> RenderableType:
    """The table over the bar. levels: characters that the curve is drawn with, from low to high."""
    cells = {
        "epoch": f"{progress_state.epoch}/{progress_state.epochs}",
        **progress_state.facts,
        f"{progress_state.curved.split()[-1]}\nby epoch": sparkline(progress_state.curve, CURVE, levels),
    }
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)  # 80 columns must do
    for name in cells:
        table.add_column(name.replace("validation ", "validation\n"), no_wrap=True)
    table.add_row(*cells.values())
    return Group(table, ProgressBar(total=progress_state.total, completed=progress_state.step, width=BAR))
