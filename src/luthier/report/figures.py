"""Numbers as words: metrics with their intervals, sizes, times."""

from collections.abc import Sequence
from typing import Any

from luthier.core.number import number
from luthier.models.metrics import Metrics
from luthier.stats.measures import METRICS


def figure(name: str, value: float | None, interval: Sequence[float] | None = None) -> str:
    """Write a metric, with its interval where there is one.

    >>> figure("accuracy", 0.5, [0.25, 0.75]), figure("loss", 0.1234567)
    ('50.00% (95% interval 25.00% to 75.00%)', '0.1235')
    """
    if value is None:
        return "not defined"
    write = "{:.2%}".format if METRICS[name].share else number
    within = f" (95% interval {write(interval[0])} to {write(interval[1])})" if interval else ""
    return f"{write(value)}{within}"


def figures(metrics: Metrics) -> list[tuple[str, str]]:
    """Write all metrics of a part, by name, and its n.

    >>> figures({"loss": 0.5, "top-5": None, "undefined": {"top-5": "with 2 classes"}, "n": 1200})
    [('loss', '0.5'), ('top-5', 'not defined: with 2 classes'), ('examples', '1,200')]
    """
    intervals = intervals_of(metrics)
    names = [name for name, one in metrics.items() if name != "n" and (one is None or isinstance(one, int | float))]
    found = [(name, figure(name, metrics[name], intervals.get(name)) + _lack(name, metrics)) for name in names]
    return [*found, ("examples", f"{metrics['n']:,}")]


def _lack(name: str, metrics: Metrics) -> str:
    """Why a metric has no value, or that it has no interval where others have one."""
    if metrics[name] is None:
        why = metrics.get("undefined", {}).get(name)
        return f": {why}" if why else ""
    without = name in metrics.get("intervals", {}) and metrics["intervals"][name] is None
    return " (no interval: too few examples, or none that differ)" if without else ""


def intervals_of(metrics: Metrics) -> dict[str, Any]:
    """The interval of each metric of a part, None where it has none; results of earlier versions have but one."""
    return {"accuracy": metrics.get("interval"), **metrics.get("intervals", {})}


def first(metrics: Metrics, monitor: str) -> tuple[str, str]:
    """Name and words of what a reader asks first: the metric that decides."""
    return monitor, dict(figures(metrics))[monitor]


def duration(seconds: float) -> str:
    """Write a time.

    >>> duration(4.25), duration(75), duration(7300)
    ('4.2 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def size(count: int) -> str:
    """Write a number of bytes.

    >>> size(523292672)
    '499 MiB'
    """
    return f"{count / 2**20:,.0f} MiB"


def times(count: int | None) -> str:
    """Say how often a test part was read.

    >>> times(1), times(2)
    ('once', '2 times')
    """
    if count is None:
        return "an unknown number of times"
    return "once" if count == 1 else f"{count} times"
