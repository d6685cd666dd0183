"""Progress of a download: a bar on a terminal, a plain line now and then elsewhere, on stderr."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from luthier.core.say import on_terminal, print_stderr

EVERY = 10.0
"""Seconds from one plain line to the next."""


@contextmanager
def transfer(name: str, size: int, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Give a function that is told how many of a file's bytes are there."""
    if quiet:
        yield lambda done: None
    elif on_terminal():
        with _bar(name, size) as advance:
            yield advance
    else:
        yield _lines(name, size)


@contextmanager
def _bar(name: str, size: int) -> Iterator[Callable[[int], None]]:
    from rich import progress
    from rich.console import Console

    columns = (
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(name, total=size)
        yield lambda done: bar.update(task, completed=done)


def _lines(name: str, size: int) -> Callable[[int], None]:
    began: tuple[float, int] | None = None
    last = time.monotonic()

    def advance(done: int) -> None:
        nonlocal began, last
        now = time.monotonic()
        if began is None:  # the first piece: what an earlier attempt left does not count as speed
            began = (now, done)
        if now - last < EVERY or now == began[0]:
            return
        last = now
        rate = max(done - began[1], 1) / (now - began[0])
        print_stderr(
            f"{name}  {megabytes(done)} of {megabytes(size)}  {megabytes(rate)}/s  {(size - done) / rate:.0f} s left"
        )

    return advance


def megabytes(count: float) -> str:
    """Write a number of bytes for people.

    >>> megabytes(11_594_722)
    '11.6 MB'
    """
    return f"{count / 1e6:,.1f} MB"
