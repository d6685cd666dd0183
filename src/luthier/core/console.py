"""What people read on stderr: lines, numbers, durations, sizes and small curves of characters."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # needed on a terminal alone
    from rich.console import RenderableType


def print_stderr(line: str) -> None:
    """Print a line on stderr; do nothing where stderr is closed, so that work goes on."""
    if sys.stderr is None:  # what Python makes of a stream that was closed before it began
        return
    try:
        print(line, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        pass


def on_terminal() -> bool:
    """Return whether stderr is a terminal."""
    return sys.stderr is not None and not sys.stderr.closed and sys.stderr.isatty()


@contextmanager
def show_live(draw: "Callable[[], RenderableType]", per_second: int) -> Iterator[None]:
    """Show what `draw` returns, in place on stderr, asked for anew so often a second; the last stays there."""
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(stderr=True), refresh_per_second=per_second, get_renderable=draw):
        yield


def format_number(value: float) -> str:
    """Write a number with four digits, from 10,000 up to ten million with all digits before the point.

    >>> format_number(0.12345678), format_number(12345.6), format_number(1e-05)
    ('0.1235', '12,346', '1e-05')
    """
    return f"{value:,.0f}" if 1e4 <= abs(value) < 1e7 else f"{value:.4g}"


def count_noun(count: int, word: str) -> str:
    """Write a count and its noun, in the plural unless the count is 1.

    >>> count_noun(1, "epoch"), count_noun(1200, "epoch")
    ('1 epoch', '1,200 epochs')
    """
    return f"{count:,} {word}{'s' * (count != 1)}"


BLOCKS, ASCII = "▁▂▃▄▅▆▇█", "_.-~=+*#"


def sparkline(values: Sequence[float], width: int = 16, levels: str = BLOCKS) -> str:
    """Draw finite values as characters, the lowest and the highest value as the first and the last level.

    width: characters at most; of more values, neighbours are drawn as their mean.

    >>> sparkline([1, 2, 4, 8, 8, 3], levels=ASCII)
    '_.~##-'
    """
    bounds = [number * len(values) // width for number in range(width + 1)]
    shown = [sum(values[a:b]) / (b - a) for a, b in pairwise(bounds)] if len(values) > width else list(values)
    if not shown:
        return ""
    low, span = min(shown), max(shown) - min(shown)
    top = len(levels) - 1
    return "".join(levels[round((value - low) / span * top) if span else 0] for value in shown)


def format_duration(seconds: float) -> str:
    """Write a duration, given in seconds.

    >>> format_duration(4.25), format_duration(75), format_duration(7300)
    ('4.2 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def format_size(count: int) -> str:
    """Write a number of bytes as MiB.

    >>> format_size(523292672)
    '499 MiB'
    """
    return f"{count / 2**20:,.0f} MiB"


def describe_count(count: int | None) -> str:
    """Write how many times a test part was read.

    >>> describe_count(1), describe_count(2)
    ('once', '2 times')
    """
    if count is None:
        return "an unknown number of times"
    return "once" if count == 1 else f"{count} times"
