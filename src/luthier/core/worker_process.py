"""A process that is talked to in lines of JSON: the parent's side, and the loop of the child.

A child is a fresh interpreter: nothing of the parent is imported or inherited, so that it does not matter what program
starts it. It ends with its standard input, whatever it is doing, that is at the latest with its parent. This file
imports nothing heavy, as a child that decodes pictures has to start at once.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from luthier.core.signals import SIGNALS, interrupt

SOURCE = str(Path(__file__).resolve().parents[2])
"""Where this package lies, wherever the parent found it."""
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
CHUNK = 1 << 16
CRASHES = (signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV)
STOP = "stop"
"""The message that asks a child to save what it is doing and to leave."""

Receive = Callable[[], Any]
"""Wait for the next message of the parent."""
Send = Callable[[Any], None]
"""Send a message to the parent."""


def count_processors() -> int:
    """Return how many processes may run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class WorkerProcess:
    """The parent's side of one child.

    command: what the interpreter runs, such as ("-m", "luthier.study.worker"). log: file for what the child writes
    on stderr. threads: of the numerical libraries; None leaves them as they are in the parent.
    """

    def __init__(self, command: Sequence[str], log: Path, threads: int | None = None) -> None:
        self.log = log
        self._rest = b""  # of a line that has not come to its end
        path = os.pathsep.join(filter(None, (SOURCE, os.environ.get("PYTHONPATH"))))
        env = {**os.environ, "PYTHONPATH": path, **({} if threads is None else dict.fromkeys(THREADS, str(threads)))}
        with log.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-P", *command],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=env,
            )  # fmt: skip
        assert self.process.stdin and self.process.stdout
        self.input, self.output = self.process.stdin, self.process.stdout

    def send(self, message: Any) -> None:
        """Send a message, made of plain values."""
        with suppress(BrokenPipeError):  # the child is dead, as `receive` will say
            self.input.write(json.dumps(message).encode() + b"\n")
            self.input.flush()

    def receive(self) -> list[Any] | None:
        """Wait for output, and return the messages that are whole by now; None where the child has ended.

        Python's own buffer is passed by: a selector does not see what it holds, and would wait for it for ever.
        """
        content = os.read(self.output.fileno(), CHUNK)
        *lines, self._rest = (self._rest + content).split(b"\n")
        return [json.loads(line) for line in lines] if content else None

    def has_crashed(self) -> bool:
        """Return whether the child, which has ended, was ended by a fault of its own code rather than by somebody."""
        return -self.process.wait() in CRASHES

    def last_words(self) -> str:
        """Say how the child ended: its exit status, and the last line of its log."""
        status = self.process.wait()
        said = self.log.read_text(errors="replace").strip().splitlines()[-1:]
        return f"status {status}" + (f"; it said: {said[0]}" if said else "")

    def stop(self) -> None:
        """Ask the child to save what it is doing and to leave."""
        self.send(STOP)

    def wait(self, seconds: float) -> None:
        """Wait until the child is gone, at most so many seconds."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, seconds))

    def end(self) -> None:
        """Kill the child, whatever it is doing, and wait until it is gone."""
        self.process.kill()
        self.process.wait()
        self.output.close()
        with suppress(BrokenPipeError):
            self.input.close()


def serve_messages(serve: Callable[[Receive, Send], None]) -> None:
    """Serve the parent of this process; the process ends with its standard input, at the latest with its parent."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # the parent decides
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not stand among the messages
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(lines,), daemon=True).start()

    def receive() -> Any:
        message = json.loads(lines.get())
        if message == STOP:  # what was being done came to its end first
            os._exit(0)
        return message

    serve(receive, lambda message: print(json.dumps(message), file=output, flush=True))
    os._exit(0)  # the thread that listens must not meet the end of the interpreter


def _listen(lines: "queue.SimpleQueue[str]") -> None:
    """Hand on what the parent sends; end the process with it, or where it must stop and has nothing to save."""
    for line in sys.stdin:
        if line.strip() == json.dumps(STOP) and not interrupt(signal.SIGTERM):
            break
        lines.put(line)
    os._exit(0)
