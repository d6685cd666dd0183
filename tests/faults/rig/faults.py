"""What may happen at a change to the disk: the process dies, the change fails, a signal arrives."""

import os
import signal
from collections.abc import Callable
from typing import Any

from .disk import Event, Meet, Part, nothing

NAMED = ("mkdir", "create", "replace", "unlink")
"""Changes that are asked for by path: the system's error carries it. Those by file descriptor have errors without."""


def kill(at: int, half: bool = False) -> Meet:
    """Die at change number `at`: before it, or, where it is a write, with its first half done."""

    def meet(count: int, event: Event, part: Part | None) -> None:
        if count == at:
            if half and part:
                part(event.data[: len(event.data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)

    return meet


def fail(at: int, errno: int, sticky: bool = False) -> Meet:
    """Let change number `at` fail, and all later ones too if sticky; a write first does its first half.

    Removing a file works on a full disk: it fails only where it is itself the one change to fail.
    """

    def meet(count: int, event: Event, part: Part | None) -> None:
        if count == at or (sticky and count > at and event.kind != "unlink"):
            if part and count == at:
                part(event.data[: len(event.data) // 2])
            raise OSError(errno, os.strerror(errno), *([event.path] if event.kind in NAMED else []))

    return meet


def interrupt(at: int, number: int, again: int | None = None) -> Meet:
    """Send this process a signal before change number `at`, and a second one before change number `again`."""

    def meet(count: int, event: Event, part: Part | None) -> None:
        if count in (at, again):
            os.kill(os.getpid(), number)

    return meet


FAULTS: dict[str, Callable[..., Meet]] = {"kill": kill, "fail": fail, "interrupt": interrupt}


def fault(spec: dict[str, Any] | None) -> Meet:
    """Make the fault that a test describes in plain values."""
    if spec is None:
        return nothing
    return FAULTS[spec["kind"]](**{name: value for name, value in spec.items() if name != "kind"})
