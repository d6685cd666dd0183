"""Has inputs read in a child process with bounds on its memory and its time, and counts what becomes of them."""

import json
import os
import resource
import select
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SECONDS = 10.0
"""That one input may take."""


MEMORY = 2 << 30
"""Bytes that one input may take beyond what the libraries take."""


FRAMES = 3
"""Innermost calls by which tracebacks are told apart."""


Attempt = Callable[[int], str]
"""Has the input of a number read; says in a word or two what became of it, or raises what no reader may raise."""


@dataclass
class Tally:
    """What became of the inputs: counts by kind and outcome; failures by what they have in common, with numbers."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: dict[str, list[int]] = field(default_factory=dict)
    slowest: float = 0.0
    largest: int = 0

    def add(self, number: int, kind: str, outcome: str, failure: str | None) -> None:
        """Count one input."""
        self.counts[kind, outcome] += 1
        if failure:
            self.failures.setdefault(f"{kind}: {failure}", []).append(number)


def watch(numbers: Iterable[int], kind_of: Callable[[int], str], attempt: Attempt) -> Tally:
    """Have all inputs read, one after another, in as many children as it takes."""
    tally, left = Tally(), list(numbers)[::-1]
    while left:
        for number, message in _serve(left, attempt):
            kind = kind_of(number)
            if isinstance(message, str):
                tally.add(number, kind, message.split(":")[0].split(" (")[0], message)
            else:
                tally.slowest, tally.largest = max(tally.slowest, message["s"]), max(tally.largest, message["memory"])
                vast = "memory" if message["memory"] > MEMORY else None
                tally.add(number, kind, vast or message["outcome"], vast or message["failure"])
    return tally


def _serve(left: list[int], attempt: Attempt) -> Iterator[tuple[int, Any]]:
    """Fork a child for the numbers that are left; yield what it says of each, a text where it comes to a bad end."""
    receiver, sender = os.pipe()
    child = os.fork()
    if not child:
        os.close(receiver)
        _work(left, attempt, sender)
    os.close(sender)
    with os.fdopen(receiver, "rb", buffering=0) as answers:
        rest = b""
        while left:
            if not select.select([answers], [], [], SECONDS)[0]:
                yield left.pop(), "hang"
                break
            content = os.read(answers.fileno(), 1 << 16)
            if not content:
                _, status = os.waitpid(child, 0)
                child = 0
                yield left.pop(), f"ended (status {status})"
                break
            *lines, rest = (rest + content).split(b"\n")
            whole = [json.loads(line) for line in lines]
            for message in whole:
                yield left.pop(), message
            if whole and whole[-1]["memory"] > MEMORY:  # the peak of a process never falls
                break
    if child:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _work(left: list[int], attempt: Attempt, sender: int) -> None:
    """Serve as the child: it never returns."""
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    at_first = _peak()
    bound = _addresses() + 2 * MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
    for number in reversed(left):
        began, failure = time.monotonic(), None
        try:
            outcome = attempt(number)
        except BaseException as error:  # whatever comes is what is looked for
            outcome, failure = "traceback", describe(error)
        said = {
            "outcome": outcome, "failure": failure, 
            "s": round(time.monotonic() - began, 2), "memory": _peak() - at_first,
        }  # fmt: skip
        os.write(sender, json.dumps(said).encode() + b"\n")
    os._exit(0)


def describe(error: BaseException) -> str:
    """Say what an error is and where it comes from, in one line."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    where = " < ".join(f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in reversed(frames))
    try:
        said = str(error).splitlines()[:1]
    except ValueError:
        said = []
    return f"{type(error).__name__}: {(said or [''])[0][:120]} at {where}"


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _addresses() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()
