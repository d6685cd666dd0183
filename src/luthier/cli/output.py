"""What commands print: JSON for scripts on stdout, words and tables for people."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from luthier.core.errors import escape_name
from luthier.core.number import number

PIPE_WIDTH = 1000
REGRESSION = ("r2", "rmse", "mae")


def emit(value: dict[str, Any]) -> None:
    """Print one JSON object on stdout."""
    print(json.dumps(value, allow_nan=False))


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table on stdout, as wide as its content where the output is no terminal."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    on_terminal = sys.stdout is not None and sys.stdout.isatty()
    grid = Table(box=box.SIMPLE_HEAD if on_terminal else None)
    for heading in headings:
        grid.add_column(Text(escape_name(heading)))
    for row in rows:
        grid.add_row(*(Text(format_cell(cell)) for cell in row))
    Console(width=None if on_terminal else PIPE_WIDTH).print(grid)


def format_cell(value: Any) -> str:
    """Write one cell: a dash for what is undefined, numbers as people read them, no sign that steers a terminal."""
    if isinstance(value, float):
        return number(value)
    return "-" if value is None else escape_name(str(value))


def reads(count: int | None) -> str:
    """Say how often a test part was read.

    >>> reads(1), reads(3)
    ('read 1 time so far on this machine', 'read 3 times so far on this machine')
    """
    if count is None:
        return "reads not counted"
    return f"read {count} time{'s' if count > 1 else ''} so far on this machine"


def summary(metrics: dict[str, Any], monitor: str | None = None) -> str:
    """Say what a part came to: the accuracy, or the errors of values, with intervals and n.

    >>> summary({"r2": 0.9, "rmse": 2.0, "mae": 1.5, "n": 9, "intervals": {"r2": None, "rmse": None, "mae": [1, 2.25]}})
    'r2 0.9, rmse 2, mae 1.5 (95% interval 1 to 2.25), n = 9'
    """
    told = ("accuracy",) if "accuracy" in metrics else REGRESSION
    if monitor is not None and monitor not in told:
        interval = _within(metrics["intervals"].get(monitor))
        return f"{monitor} {format_cell(metrics[monitor])}{interval}; {summary(metrics)}"
    if "accuracy" in metrics:
        return percent(metrics)
    figures = [f"{name} {format_cell(metrics[name])}{_within(metrics['intervals'][name])}" for name in REGRESSION]
    undefined = " (r2 is undefined where the true values do not differ)" if metrics["r2"] is None else ""
    return f"{', '.join(figures)}, n = {metrics['n']}{undefined}"


def _within(interval: Sequence[float] | None) -> str:
    return f" (95% interval {number(interval[0])} to {number(interval[1])})" if interval else ""


def percent(metrics: dict[str, Any]) -> str:
    """Say an accuracy with its interval and n.

    >>> percent({"accuracy": 0.98, "interval": [0.96, 0.99], "n": 359})
    'accuracy 98.00% (95% interval 96.00% to 99.00%, n = 359)'
    """
    low, high = metrics["interval"]
    return f"accuracy {metrics['accuracy']:.2%} (95% interval {low:.2%} to {high:.2%}, n = {metrics['n']})"
