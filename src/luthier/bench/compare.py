"""Contenders in turns, so that whatever else the machine does meets all of them; their speeds are compared in pairs."""

import math
import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from luthier.stats import mean_interval


def interleave(
    turns: Mapping[str, Callable[[], float]], rounds: int, watch: Callable[[int], object], seed: int = 0
) -> dict[str, list[float]]:
    """Give each contender one turn per round, in a new random order each round; return what they measured, by round.

    turns: by name; each does the same amount of work in every round. watch: called with the number of rounds done.

    >>> sorted(interleave({"a": lambda: 1.0, "b": lambda: 2.0}, 2, watch=print).items())
    1
    2
    [('a', [1.0, 1.0]), ('b', [2.0, 2.0])]
    """
    measures: dict[str, list[float]] = {name: [] for name in turns}
    rng = random.Random(seed)
    for done in range(1, rounds + 1):
        for name in rng.sample(list(turns), len(turns)):
            measures[name].append(turns[name]())
        watch(done)
    return measures


def time_steps(loop: Iterator[object], steps: int, size: int) -> float:
    """Take the given number of steps of `size` examples each; return the speed in examples per second."""
    began = time.perf_counter()
    taken = sum(1 for _ in islice(loop, steps))
    seconds = time.perf_counter() - began
    assert taken == steps, f"the loop ended after {taken} of {steps} steps"
    return steps * size / seconds


def row(
    name: str, speeds: Sequence[float], reference: Sequence[float] | None, flops: float, product: Sequence[float]
) -> dict[str, Any]:
    """Sum a contender up.

    speeds: its examples per second, by round. reference: those of what is compared with it, if anything is.
    flops: operations that an example needs. product: operations per second of the matrix product, by round.

    >>> found = row("other", [100.0, 300.0, 200.0], [200.0, 600.0, 400.0], 2.0, [1000.0, 1000.0, 1000.0])
    >>> found["examples_per_second"], found["spread"], found["fraction_of_product"]
    (200.0, [100.0, 300.0], 0.4)
    """
    fractions = [speed * flops / most for speed, most in zip(speeds, product, strict=True)]
    return {
        "name": name,
        "examples_per_second": statistics.median(speeds),
        "spread": [min(speeds), max(speeds)],
        "ratio": ratio(reference, speeds) if reference else None,
        "fraction_of_product": statistics.median(fractions),
    }


def ratio(above: Sequence[float], below: Sequence[float]) -> dict[str, float]:
    """Geometric mean of paired ratios with its 95% interval, which is Student's t on their logarithms.

    >>> {name: round(value, 3) for name, value in ratio([2.0, 8.0, 4.0], [1.0, 2.0, 1.0]).items()}
    {'estimate': 3.175, 'low': 1.175, 'high': 8.579}
    """
    found = mean_interval([math.log(a / b) for a, b in zip(above, below, strict=True)])
    return {"estimate": math.exp(found.estimate), "low": math.exp(found.low), "high": math.exp(found.high)}
