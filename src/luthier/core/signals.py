"""Signals that end a run after it has saved its state: the first one asks, a second one ends the process at once."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Caught:
    """The first signal that arrived, or None."""

    number: int | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.number is not None:
            os._exit(128 + number)
        self.number = number


COLLECTING: list[Caught] = []
"""Those that collect signals now."""


def interrupt(number: int) -> bool:
    """Act as if a signal had arrived for whoever collects them in this process; return whether anybody does."""
    for handler in COLLECTING:
        handler.number = handler.number or number
    return bool(COLLECTING)


@contextmanager
def catch_signals() -> Iterator[Caught]:
    """Record interrupt, terminate and hang-up signals (POSIX) instead of ending; a second one ends the process at once.

    Outside the main thread signals stay as they are: Python delivers them to the main thread only. So do those that
    the caller ignores: nohup asks for that with hang-ups, a shell with interrupts of what it runs in the background.
    """
    handler, before = Caught(), {}
    if threading.current_thread() is threading.main_thread():
        heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        before = {number: signal.signal(number, handler) for number in heard}
    COLLECTING.append(handler)
    try:
        yield handler
    finally:
        COLLECTING.remove(handler)
        for number, old in before.items():
            signal.signal(number, old)
