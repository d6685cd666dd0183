"""Words for people, on stderr."""

import sys


def print_stderr(line: str) -> None:
    """Print a line on stderr; where nobody listens any more, work goes on in silence."""
    if sys.stderr is None:  # what Python makes of a stream that was closed before it began
        return
    try:
        print(line, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        pass


def on_terminal() -> bool:
    """Whether stderr is a terminal that somebody watches."""
    return sys.stderr is not None and not sys.stderr.closed and sys.stderr.isatty()
