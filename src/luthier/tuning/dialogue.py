"""The child's side of a talk in lines of JSON: asked on standard input, answered on standard output."""

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

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
