"""`luthier train digits`, left at the end of its first step.

    python benchmarks/first_step.py OUT

It prints the clock and leaves; `startup.py` runs it.
"""

import os
import sys
import time

from luthier.cli import main
from luthier.training import loop

step = loop.train_step


def only_step(*arguments: object) -> None:
    """Take the step, tell when it ended, and leave at once."""
    step(*arguments)
    print(time.monotonic(), flush=True)
    os._exit(0)


loop.train_step = only_step
main(["train", "digits", "--quiet", "--out", sys.argv[1]])
