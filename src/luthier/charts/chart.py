"""A chart of lines and spots as the templates draw it: places and words, no colours.

Drawn here and not by a library, after a measurement: Vega-Lite's bundle adds 0.9 MB to a page, takes 5 s to make and
84 MB to install, Plotly's is larger than a page may be, and both draw nothing where a mail program or a print keeps
scripts from running. These are a few kB, follow the reader's colours, and need a script for the hovering alone.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from luthier.core.console import format_number

TICKS = 5


FEWEST = 3


Scale = Callable[[float], float]


def scale(values: Sequence[float], start: float, stop: float) -> Scale:
    """Make the linear map from the range of values to that of pixels; a single value lies in the middle.

    >>> scale([2, 4], 0, 10)(3), scale([7], 0, 10)(7)
    (5.0, 5.0)
    """
    low, high = min(values), max(values)
    if low == high:
        return lambda value: (start + stop) / 2
    return lambda value: start + (stop - start) * (value - low) / (high - low)


def choose_ticks(low: float, high: float) -> list[float]:
    """Choose about five round numbers around a range.

    >>> choose_ticks(0.1, 4.2)
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    """
    span = (high - low) or abs(high) or 1.0
    raw = span / TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(one * power for one in (1, 2, 5, 10) if one * power >= raw)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [number * step for number in range(first, max(last, first + 1) + 1)]


def choose_powers(low: float, high: float) -> list[float]:
    """Choose about five powers of ten around a range, both ends positive.

    >>> choose_powers(0.02, 3.0)
    [0.01, 0.1, 1.0, 10.0]
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    step = max(1, -(-(last - first) // TICKS))
    count = max(1, -(-(last - first) // step))
    return [10.0 ** (first + k * step) for k in range(count + 1)]


def choose_decades(low: float, high: float) -> list[float]:
    """Choose powers of ten within a range, both ends positive; where they are few, also 2 and 5 times these.

    >>> choose_decades(0.001, 0.5), choose_decades(16, 128)
    ([0.001, 0.01, 0.1], [20.0, 50.0, 100.0])
    """
    whole = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    candidates = [
        [f * 10.0**k for k in whole for f in factors if low <= f * 10.0**k <= high] for factors in ((1,), (1, 2, 5))
    ]
    marks = candidates[0] if len(candidates[0]) >= FEWEST else candidates[1]
    return marks[:: -(-len(marks) // TICKS)] if len(marks) > 1 else [low, high]


def format_points(places: Sequence[tuple[float, float]]) -> str:
    """Write points as the attribute of an SVG polyline.

    >>> format_points([(1, 2.25), (3, 4)])
    '1.0,2.2 3.0,4.0'
    """
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


WIDTH, HEIGHT = 480, 280


LEFT, RIGHT, TOP, BOTTOM = 62, 14, 14, 44


COLOURS, STEPS = 8, 10


MOST_POINTS, FEW_POINTS, MOST_SPOTS = 240, 12, 600


INSET = 16
"""Room beside spots and the edges of a range, in pixels."""


LETTER = 7
"""Width of a letter beside an axis, in pixels, about."""


EPOCHS = "epochs"
"""What is counted along most axes: ticks lie at whole ones, where there are any."""


Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """One line of a chart.

    points: (x, y), ascending in x, finite; more than 240 are drawn as means of neighbours.
    band: lower and upper end of an interval at each point, or nothing.
    key: what stands below the chart, where several lines share it; by default the name.
    colour: its number; by default that of the line among those of the chart.
    """

    name: str
    points: Sequence[Point]
    band: Sequence[Point] = ()
    key: str = ""
    colour: int | None = None


@dataclass(frozen=True)
class Spots:
    """Points of a chart that no line joins.

    points: (x, y), finite, in any order. labels: the text of each. shape: dot, ring, cross or diamond.
    colour: its number; by default that of the spots among all that the chart shows.
    """

    name: str
    points: Sequence[Point]
    labels: Sequence[str]
    shape: str = "dot"
    colour: int | None = None


class Tick(NamedTuple):
    """A number or a name beside an axis, and where it stands."""

    at: float
    text: str


class Key(NamedTuple):
    """What a colour and a shape mean; no shape is a line."""

    text: str
    colour: str
    shape: str


class Wall(NamedTuple):
    """What lies outside a range: where the edge is, from where to where, whether the edge was hit."""

    edge: float
    left: float
    right: float
    hit: bool


class Drawn(NamedTuple):
    """A line, or spots, with the places in pixels, and what is said of each point."""

    name: str
    key: Key
    path: str
    band: str
    dots: list[Point]
    labels: Sequence[str]

    @property
    def colour(self) -> str:
        return self.key.colour


@dataclass(frozen=True)
class Chart:
    """Lines and spots over one axis.

    across: what the horizontal axis counts. log: the upright axis has powers of ten, and what is not positive is left
    out. log_across: the same of the horizontal one. share: y are shares, written as percentages.
    within: numbers that the upright axis reaches in any case. names: what 0, 1, 2 ... stand for on the horizontal one.
    edges: both ends of a range of x; what lies outside is shaded. hits: those that are marked, of "low" and "high".
    nearest: the pointer shows the nearest point alone, not that of every line.
    """

    title: str
    across: str
    given: Sequence[Line | Spots]
    log: bool = False
    log_across: bool = False
    share: bool = False
    within: Sequence[float] = ()
    names: Sequence[str] = ()
    edges: Point | None = None
    hits: Sequence[str] = ()
    nearest: bool = False
    width: int = field(default=WIDTH, init=False)
    height: int = field(default=HEIGHT, init=False)
    left: int = field(default=LEFT, init=False)
    right: int = field(default=WIDTH - RIGHT, init=False)
    top: int = field(default=TOP, init=False)
    bottom: int = field(default=HEIGHT - BOTTOM, init=False)

    @cached_property
    def lines(self) -> list[Drawn]:
        """The lines and spots that are drawn; those without a point are left out."""
        return [
            self._drawn(one, self._colour(k, one)) for k, one in enumerate(map(self._fit, self.given)) if one.points
        ]

    @cached_property
    def key(self) -> list[Key]:
        """The entries of the legend below the chart, each once."""
        return list(dict.fromkeys(one.key for one in self.lines))

    @cached_property
    def walls(self) -> list[Wall]:
        """The shaded parts outside the range; none where there is no range."""
        if self.edges is None:
            return []
        low, high = (round(self._across(one), 1) for one in self.edges)
        return [Wall(low, self.left, low, "low" in self.hits), Wall(high, high, self.right, "high" in self.hits)]

    @cached_property
    def upward_ticks(self) -> list[Tick]:
        return [Tick(round(self._upward(mark), 1), self.write(mark)) for mark in self._marks]

    @cached_property
    def across_ticks(self) -> list[Tick]:
        if self.names:
            most = (self.right - self.left) // LETTER // len(self.names) - 1
            return [Tick(round(self._across(k), 1), shorten(name, most)) for k, name in enumerate(self.names)]
        marks = self._across_marks
        whole = [mark for mark in marks if mark == round(mark)] if self.across == EPOCHS else []
        return [Tick(round(self._across(mark), 1), format_number(mark)) for mark in whole or marks]

    def write(self, value: float) -> str:
        """Write a number of the upright axis, as a percentage for shares."""
        return f"{100 * value:.4g}%" if self.share else format_number(value)

    def _colour(self, place: int, series: Line | Spots) -> str:
        """Choose colours that differ; for more lines than colours, steps from the first colour to the last."""
        if series.colour is not None:
            return f"c{series.colour}"
        count = len(self.given)
        return f"c{place}" if count <= COLOURS else f"r{round(STEPS * place / (count - 1))}"

    def _fit(self, series: Line | Spots) -> Line | Spots:
        kept = [k for k, (_, y) in enumerate(series.points) if not self.log or y > 0]
        points = [series.points[k] for k in kept]
        if isinstance(series, Spots):
            return drop_spots(replace(series, points=points, labels=[series.labels[k] for k in kept]))
        return thin_out(replace(series, points=points))

    @cached_property
    def _marks(self) -> list[float]:
        ys = [y for series in self.given for _, y in series.points]
        ys += [end for series in self.given if isinstance(series, Line) for ends in series.band for end in ends]
        ys = [y for y in ys if y > 0 or not self.log] or [1.0]
        return (
            choose_powers(min(ys), max(ys))
            if self.log
            else choose_ticks(min([*ys, *self.within]), max([*ys, *self.within]))
        )

    @cached_property
    def _upward(self) -> Scale:
        return _along(self._marks, self.bottom, TOP, self.log)

    @cached_property
    def _xs(self) -> list[float]:
        """The numbers that the horizontal axis reaches."""
        if self.names:
            return [-0.5, len(self.names) - 0.5]
        return [*(x for series in self.given for x, _ in series.points), *(self.edges or ())] or [0.0, 1.0]

    @cached_property
    def _across_marks(self) -> list[float]:
        low, high = min(self._xs), max(self._xs)
        if not self.log_across:
            return [mark for mark in choose_ticks(low, high) if low <= mark <= high]
        return choose_decades(low, high) if self.edges or self._has_spots else sorted(set(self._xs))

    @cached_property
    def _has_spots(self) -> bool:
        return any(isinstance(series, Spots) for series in self.given)

    @cached_property
    def _across(self) -> Scale:
        inset = INSET if self.edges or (self._has_spots and not self.names) else 0
        return _along(self._xs, self.left + inset, self.right - inset, self.log_across)

    def _drawn(self, series: Line | Spots, colour: str) -> Drawn:
        places = [(round(self._across(x), 1), round(self._upward(y), 1)) for x, y in series.points]
        if isinstance(series, Spots):
            return Drawn(
                series.name, Key(series.name, colour, series.shape), format_points(places), "", places, series.labels
            )
        ends: Sequence[Sequence[float]] = series.band or [()] * len(places)
        named = zip(series.points, ends, strict=True)
        labels = [f"{self.write(y)}{self._interval(e)} at {self._named(x)}" for (x, y), e in named]
        dots = places if len(places) <= FEW_POINTS and not self._has_spots else []
        return Drawn(
            series.name,
            Key(series.key or series.name, colour, ""),
            format_points(places),
            self._around(series),
            dots,
            labels,
        )

    def _named(self, x: float) -> str:
        return self.names[round(x)] if self.names else format_number(x)

    def _around(self, line: Line) -> str:
        """Write the outline of a band: along its upper ends and back along its lower ones."""
        sides = [(self._across(x), ends) for (x, _), ends in zip(line.points, line.band, strict=False)]
        upper, lower = ([(x, self._upward(ends[side])) for x, ends in sides] for side in (1, 0))
        return format_points([*upper, *lower[::-1]])

    def _interval(self, ends: Sequence[float]) -> str:
        return f" ({self.write(ends[0])} to {self.write(ends[1])})" if ends else ""


def _along(values: Sequence[float], start: float, stop: float, log: bool) -> Scale:
    measure: Callable[[Any], float] = math.log if log else float
    straight = scale([measure(one) for one in values], start, stop)
    return lambda value: straight(measure(value))


def thin_out(line: Line) -> Line:
    """Replace the points of a long line by the means of neighbours, and say so in its name.

    >>> thin_out(Line("loss", [(x, 1.0) for x in range(480)])).name
    'loss (means of 2)'
    """
    size = -(-len(line.points) // MOST_POINTS)
    if size <= 1 or line.band:
        return line
    parts = [line.points[k : k + size] for k in range(0, len(line.points), size)]
    means = [(math.fsum(x for x, _ in one) / len(one), math.fsum(y for _, y in one) / len(one)) for one in parts]
    return replace(line, name=f"{line.name} (means of {size})", points=means)


def drop_spots(spots: Spots) -> Spots:
    """Leave out some of very many spots, and say so in their name.

    >>> drop_spots(Spots("answer", [(x, 1.0) for x in range(1200)], [""] * 1200)).name
    'answer (one of 2)'
    """
    size = -(-len(spots.points) // MOST_SPOTS)
    if size <= 1:
        return spots
    name = f"{spots.name} (one of {size})"
    return replace(spots, name=name, points=spots.points[::size], labels=spots.labels[::size])


def shorten(name: str, most: int) -> str:
    """Cut a name to at most `most` letters, three at least.

    >>> shorten("leaky-relu", 6), shorten("relu", 6)
    ('leaky…', 'relu')
    """
    most = max(3, most)
    return name if len(name) <= most else f"{name[: most - 1]}…"
