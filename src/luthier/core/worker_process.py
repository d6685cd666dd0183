"""A process that is asked in lines of JSON on its standard input and answers on its standard output: both sides."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Generic, TypeVar

from luthier.core.signals import SIGNALS

Receive = Callable[[], dict[str, Any]]
"""Gives the next line of the caller, when it comes."""


Send = Callable[[dict[str, Any]], None]
"""Sends a line to the caller."""


def serve_caller(serve: Callable[[Receive, Send], None]) -> None:
    """Serve a caller; the process ends with its standard input, whatever it is doing, at the latest with its caller."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # the caller decides
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not stand among the answers
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_listen, args=(lines,), daemon=True).start()
    serve(lambda: dict(json.loads(lines.get())), lambda value: print(json.dumps(value), file=answers, flush=True))


def _listen(lines: "queue.Queue[str]") -> None:
    for line in sys.stdin:
        lines.put(line)
    os._exit(0)  # the caller is gone: nobody waits for what is being done


def processors() -> int:
    """How many processes may run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


MODULE = ("-m", "luthier.study.tune.worker")


SOURCE = str(Path(__file__).resolve().parents[2])
"""Where this package lies, wherever the caller found it."""


THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


CHUNK = 1 << 16


Key = TypeVar("Key")


class Worker(Generic[Key]):
    """One process, which has one job at a time.

    key: of the job, None while it has none. module: what it runs, by default that which trains trials.
    """

    def __init__(self, threads: int, log: Path, module: Sequence[str] = ()) -> None:
        self.key: Key | None = None
        self.log = log
        self.begun = b""  # of a line that has not come to its end
        path = os.pathsep.join(filter(None, (SOURCE, os.environ.get("PYTHONPATH"))))
        env = {**os.environ, "PYTHONPATH": path, **dict.fromkeys(THREADS, str(threads))}
        with log.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-P", *(module or MODULE)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=env,
            )  # fmt: skip
        assert self.process.stdin and self.process.stdout
        self.jobs, self.answers = self.process.stdin, self.process.stdout

    def send(self, value: Any) -> None:
        """Tell it a declaration."""
        try:
            self.jobs.write(json.dumps(asdict(value)).encode() + b"\n")
            self.jobs.flush()
        except BrokenPipeError:  # it is dead; what it says next is its end
            pass

    def receive(self) -> list[dict[str, Any]] | None:
        """The answers that have come, which may be several; None where it died.

        Python's own buffer is passed by: of what it holds the selector knows nothing, and would wait for it for ever.
        """
        content = os.read(self.answers.fileno(), CHUNK)
        *lines, self.begun = (self.begun + content).split(b"\n")
        return [json.loads(line) for line in lines] if content else None

    def last_words(self) -> str:
        """How it ended."""
        status = self.process.wait()
        said = self.log.read_text(errors="replace").strip().splitlines()[-1:]
        return f"status {status}" + (f"; it said: {said[0]}" if said else "")

    def end(self) -> None:
        """Leave no process behind, whatever it is doing."""
        self.process.kill()
        self.process.wait()
        self.answers.close()
        try:
            self.jobs.close()
        except BrokenPipeError:
            pass
