"""Progress on a terminal: a table of one row and a bar, written over as training goes on."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from luthier.core.spark import ASCII, BLOCKS, sparkline
from luthier.progress import Show, Standing

CURVE, BAR = 11, 40
PER_SECOND = 4


@contextmanager
def live() -> Iterator[Show]:
    """Give a way to show how training stands, in place on stderr; what was shown last stays there."""
    console = Console(stderr=True)
    levels = ASCII if console.options.ascii_only else BLOCKS
    with Live(console=console, refresh_per_second=PER_SECOND) as screen:
        yield lambda standing: screen.update(drawn(standing, levels))


def drawn(standing: Standing, levels: str = BLOCKS) -> RenderableType:
    """The table over the bar. levels: characters that the curve is drawn with, from low to high."""
    cells = {
        "epoch": f"{standing.epoch}/{standing.epochs}",
        **standing.facts,
        f"{standing.curved.split()[-1]}\nby epoch": sparkline(standing.curve, CURVE, levels),
    }
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)  # 80 columns must do
    for name in cells:
        table.add_column(name.replace("validation ", "validation\n"), no_wrap=True)
    table.add_row(*cells.values())
    return Group(table, ProgressBar(total=standing.total, completed=standing.step, width=BAR))
