"""A chart of lines as the templates draw it: places and words, no colours.

Drawn here and not by a library, after a measurement: Vega-Lite's bundle adds 0.9 MB to a page, takes 5 s to make and
84 MB to install, Plotly's is larger than a page may be, and both draw nothing where a mail program or a print keeps
scripts from running. These are a few kB, follow the reader's colours, and need a script for the hovering alone.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from luthier.core.number import number
from luthier.report.axes import Scale, path, powers, scale, ticks

WIDTH, HEIGHT = 480, 280
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 14, 44
COLOURS, STEPS = 8, 10
MOST_POINTS, FEW_POINTS, MOST_LOOSE = 240, 12, 600
EPOCHS = "epochs"
"""What is counted along most axes: ticks lie at whole ones, where there are any."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """One line of a chart.

    points: (x, y), ascending in x, finite; more than 240 are drawn as means of neighbours.
    band: lower and upper end of an interval at each point, or nothing.
    loose: whether the points stand for themselves, with no line between them; of more than 600 some are left out.
    """

    name: str
    points: Sequence[Point]
    band: Sequence[Point] = ()
    loose: bool = False


class Tick(NamedTuple):
    """A number beside an axis, and where it stands."""

    at: float
    text: str


class Drawn(NamedTuple):
    """A line with its places in pixels, and what is said of each point."""

    name: str
    colour: str
    path: str
    band: str
    dots: list[Point]
    labels: list[str]
    loose: bool


@dataclass(frozen=True)
class Chart:
    """Lines over one axis.

    across: what the horizontal axis counts. log: the upright axis has powers of ten, and what is not positive is left
    out. log_across: the same of the horizontal one. share: y are shares, written as percentages.
    """

    title: str
    across: str
    given: Sequence[Line]
    log: bool = False
    log_across: bool = False
    share: bool = False
    within: Sequence[float] = ()
    width: int = field(default=WIDTH, init=False)
    height: int = field(default=HEIGHT, init=False)
    left: int = field(default=LEFT, init=False)
    right: int = field(default=WIDTH - RIGHT, init=False)
    bottom: int = field(default=HEIGHT - BOTTOM, init=False)

    @cached_property
    def lines(self) -> list[Drawn]:
        """The lines as they are drawn; those without a point are left out."""
        return [self._drawn(one, self._colour(k)) for k, one in enumerate(map(self._fit, self.given)) if one.points]

    @cached_property
    def upward_ticks(self) -> list[Tick]:
        return [Tick(round(self._upward(mark), 1), self.written(mark)) for mark in self._marks]

    @cached_property
    def across_ticks(self) -> list[Tick]:
        xs = [x for line in self.given for x, _ in line.points] or [0.0, 1.0]
        marks = sorted(set(xs)) if self.log_across else [m for m in ticks(min(xs), max(xs)) if min(xs) <= m <= max(xs)]
        whole = [mark for mark in marks if mark == round(mark)] if self.across == EPOCHS else []
        return [Tick(round(self._across(mark), 1), number(mark)) for mark in whole or marks]

    def written(self, value: float) -> str:
        """Write a number of the upright axis."""
        return f"{100 * value:.4g}%" if self.share else number(value)

    def _colour(self, number: int) -> str:
        """Colours that differ; of more lines than there are, steps from the first colour to the last."""
        count = len(self.given)
        return f"c{number}" if count <= COLOURS else f"r{round(STEPS * number / (count - 1))}"

    def _fit(self, line: Line) -> Line:
        kept = [p for p in line.points if not self.log or p[1] > 0]
        return thinned(Line(line.name, kept, line.band, line.loose))

    @cached_property
    def _marks(self) -> list[float]:
        ys = [y for line in self.given for _, y in line.points]
        ys += [end for line in self.given for ends in line.band for end in ends]
        ys = [y for y in ys if y > 0 or not self.log] or [1.0]
        return powers(min(ys), max(ys)) if self.log else ticks(min([*ys, *self.within]), max([*ys, *self.within]))

    @cached_property
    def _upward(self) -> Scale:
        return _along(self._marks, self.bottom, TOP, self.log)

    @cached_property
    def _across(self) -> Scale:
        xs = [x for line in self.given for x, _ in line.points] or [0.0]
        return _along(xs, self.left, self.right, self.log_across)

    def _drawn(self, line: Line, colour: str) -> Drawn:
        places = [(round(self._across(x), 1), round(self._upward(y), 1)) for x, y in line.points]
        ends: Sequence[Sequence[float]] = line.band or [()] * len(places)
        named = zip(line.points, ends, strict=True)
        labels = [f"{self.written(y)}{self._interval(e)} at {number(x)}" for (x, y), e in named]
        dots = places if line.loose or len(places) <= FEW_POINTS else []
        return Drawn(line.name, colour, path(places), self._around(line), dots, labels, line.loose)

    def _around(self, line: Line) -> str:
        """The outline of a band: along its upper ends and back along its lower ones."""
        sides = [(self._across(x), ends) for (x, _), ends in zip(line.points, line.band, strict=False)]
        upper, lower = ([(x, self._upward(ends[side])) for x, ends in sides] for side in (1, 0))
        return path([*upper, *lower[::-1]])

    def _interval(self, ends: Sequence[float]) -> str:
        return f" ({self.written(ends[0])} to {self.written(ends[1])})" if ends else ""


def _along(values: Sequence[float], start: float, stop: float, log: bool) -> Scale:
    measure: Callable[[Any], float] = math.log if log else float
    straight = scale([measure(one) for one in values], start, stop)
    return lambda value: straight(measure(value))


def thinned(line: Line) -> Line:
    """Draw a long line as the means of neighbouring points, of many loose ones some, and say so in its name.

    >>> thinned(Line("loss", [(x, 1.0) for x in range(480)])).name
    'loss (means of 2)'
    """
    size = -(-len(line.points) // (MOST_LOOSE if line.loose else MOST_POINTS))
    if size <= 1 or line.band:
        return line
    if line.loose:
        return Line(f"{line.name} (one of {size})", line.points[::size], (), loose=True)
    parts = [line.points[k : k + size] for k in range(0, len(line.points), size)]
    means = [(math.fsum(x for x, _ in one) / len(one), math.fsum(y for _, y in one) / len(one)) for one in parts]
    return Line(f"{line.name} (means of {size})", means)
