"""Luthier's own loop, as `luthier train` runs it, without evaluation, checkpoints and files."""

from collections.abc import Generator

from luthier.build import Prepared
from luthier.engine import start, train
from luthier.engine.history import Row


def ours(prepared: Prepared) -> Generator[list[Row]]:
    """Train to the end; after each step, yield the history rows that it brought."""
    yield from train(prepared.trainer, start(prepared.trainer))
