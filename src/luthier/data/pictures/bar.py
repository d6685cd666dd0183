"""How far the decoding is, on stderr."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from luthier.core.say import on_terminal, print_stderr


@contextmanager
def count_progress(what: str, total: int, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Give a function that is told how many more are done: a bar on a terminal, one line elsewhere."""
    if quiet or not on_terminal():
        if not quiet:
            print_stderr(f"{what}: {total:,}")
        yield lambda more: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda more: bar.advance(task, more)
