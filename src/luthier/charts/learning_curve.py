"""A learning curve as a picture that needs nothing else: one SVG file."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from luthier.charts.chart import choose_ticks, format_points, scale

WIDTH, HEIGHT = 640, 400


LEFT, RIGHT, TOP, BOTTOM = 80, 30, 30, 60


STYLE = "font-family='sans-serif' font-size='13' fill='#222'"


LINE, BAND = "#1f5fa8", "#1f5fa833"


def draw(points: Sequence[Mapping[str, Any]], label: str, seeds: int) -> str:
    """Draw means with their 95% intervals over numbers of examples as SVG, with a logarithmic axis for the examples.

    points: each with n, mean and interval, ascending in n; a mean that is None is left out.
    label: of the upright axis. seeds: how many runs are behind each point.

    >>> draw([{"n": n, "mean": n / 9, "interval": [n / 10, n / 8]} for n in (4, 8)], "accuracy", 3)[:5]
    '<svg '
    """
    known = [point for point in points if point["mean"] is not None]
    ends = [end for point in known for end in point["interval"]] or [0.0, 1.0]
    marks = choose_ticks(min(ends), max(ends))
    across = scale([math.log(point["n"]) for point in points], LEFT, WIDTH - RIGHT)
    upward = scale(marks, HEIGHT - BOTTOM, TOP)
    x = {point["n"]: across(math.log(point["n"])) for point in points}
    upper = [(x[point["n"]], upward(point["interval"][1])) for point in known]
    lower = [(x[point["n"]], upward(point["interval"][0])) for point in known]
    middle = [(x[point["n"]], upward(point["mean"])) for point in known]
    title = f"{label} by number of training examples; mean of {seeds} seeds, 95% interval"
    parts = [
        *(_grid(upward(tick), f"{tick:.4g}") for tick in marks),
        *(_text(place, HEIGHT - BOTTOM + 20, str(n), "middle") for n, place in x.items()),
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, "training examples", "middle"),
        _text(LEFT, TOP - 12, f"{label}, mean of {seeds} seeds, 95% interval", "start"),
        f"<polygon points='{format_points(upper + lower[::-1])}' fill='{BAND}'/>",
        f"<polyline points='{format_points(middle)}' fill='none' stroke='{LINE}' stroke-width='2'/>",
        *(f"<circle cx='{a:.1f}' cy='{b:.1f}' r='4' fill='{LINE}'/>" for a, b in middle),
    ]
    frame = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' role='img'>"
    ground = f"<title>{escape(title)}</title><rect width='{WIDTH}' height='{HEIGHT}' fill='white'/>"
    return "\n".join((frame, ground, *parts, "</svg>\n"))


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' {STYLE}>{escape(text)}</text>"


def _grid(y: float, text: str) -> str:
    line = f"<line x1='{LEFT}' x2='{WIDTH - RIGHT}' y1='{y:.1f}' y2='{y:.1f}' stroke='#ddd'/>"
    return line + _text(LEFT - 8, y + 4, text, "end")
