"""Luthier's own loop, as `luthier train` runs it, without evaluation, checkpoints and files."""

from collections.abc import Iterator

from luthier.build import Prepared
from luthier.train import start, train
from luthier.train.history import Row


def ours(prepared: Prepared) -> Iterator[list[Row]]:
    """Train to the end; after each step, yield the history rows that it brought."""
    return train(prepared.assembly, start(prepared.assembly))
