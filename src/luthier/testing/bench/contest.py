"""Luthier beside plain PyTorch, measured in one interleaved run."""

import math
import random
import statistics
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from luthier.core.errors import BadInput
from luthier.core.rng import fork_rng
from luthier.data import load
from luthier.recipe.build import Prepared
from luthier.run.provenance import environment
from luthier.stats import mean_interval
from luthier.testing.bench.plain_pytorch import (
    Work,
    build_plain_model,
    describe_work,
    make_default_recipe,
    make_pictures,
    prepare_default,
    train_from_tensor,
    train_with_loader,
)
from luthier.training import start, train
from luthier.training.history import Row

OURS = "luthier"


ROUNDS, EXAMPLES = 60, 1280
"""Many short turns rather than few long ones: what else the machine does then meets all contenders of a round."""


WARM_UP = 20


CPU = torch.device("cpu")


Speeds = Mapping[str, Sequence[float]]


Watch = Callable[[int], object]


def watch_nothing(done: int) -> None:
    """Do nothing after a round."""


def bench(
    rounds: int = ROUNDS, examples: int = EXAMPLES, data: Any = None, watch: Watch = watch_nothing
) -> dict[str, Any]:
    """Train LeNet-5 by Luthier's default recipe and by two plain PyTorch loops, in turns, on the processor.

    rounds: turns of each contender, at least 2. examples: training examples in a turn, cut to whole batches.
    data: anything that `luthier.data.load` reads, with pictures of bytes; by default random pictures of MNIST's size.
    watch: called after each round with the number of rounds that are done.
    Returns a dict with `rows`, one per contender: median `examples_per_second` and their `spread` over the rounds
    (lowest and highest), `ratio` of Luthier's speed to the contender's with its 95% interval (None for Luthier
    itself), and `fraction_of_product`, the share that it uses of the machine's float32 matrix product.
    Raises BadInput where there is too little to compare.
    """
    size = make_default_recipe("").training.batch_size
    steps = examples // size
    if rounds < 2 or steps < 1:
        raise BadInput(
            f"bench needs at least 2 rounds of at least {size} examples, but got {rounds} of {examples}; ask for more"
        )
    dataset = make_pictures() if data is None else load(data)
    with fork_rng(CPU):
        prepared = prepare_default(dataset, WARM_UP + rounds * steps)
        work = describe_work(prepared)
        flops = count_training_flops(build_plain_model(work), work.pictures.shape[1:], size)
        speeds, product = measure(make_contenders(prepared, work), rounds, steps, size, watch)
    return {
        "rows": [
            make_row(name, own, None if name == OURS else speeds[OURS], flops, product) for name, own in speeds.items()
        ],
        "rounds": rounds,
        "examples_per_round": steps * size,
        "data": dataset.name,
        "flops_per_example": flops,
        "product_flops_per_second": statistics.median(product),
        "environment": environment(),
    }


def make_contenders(prepared: Prepared, work: Work) -> dict[str, Generator[object]]:
    """Make the loops by name; each takes one training step when asked for its next item."""
    return {
        OURS: train_ours(prepared),
        "plain-tensor": train_from_tensor(work),
        "plain-loader": train_with_loader(work),
    }


def measure(
    loops: Mapping[str, Generator[object]], rounds: int, steps: int, size: int, watch: Watch
) -> tuple[Speeds, list[float]]:
    """Warm all loops up, then give them and the matrix product their turns.

    steps: in a turn. size: examples in a step.
    Returns, by round, the examples per second of each loop, and the operations per second of the product.
    """
    try:
        for loop in loops.values():
            time_steps(loop, WARM_UP, size)
        turns = {name: partial(time_steps, loop, steps, size) for name, loop in loops.items()}
        measures = interleave({**turns, "product": make_matrix_product()}, rounds, watch)
    finally:
        for loop in loops.values():
            loop.close()
    return measures, measures.pop("product")


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


def make_row(
    name: str, speeds: Sequence[float], reference: Sequence[float] | None, flops: float, product: Sequence[float]
) -> dict[str, Any]:
    """Make the row of a contender.

    speeds: its examples per second, by round. reference: those of what is compared with it, if anything is.
    flops: operations that an example needs. product: operations per second of the matrix product, by round.

    >>> found = make_row("other", [100.0, 300.0, 200.0], [200.0, 600.0, 400.0], 2.0, [1000.0, 1000.0, 1000.0])
    >>> found["examples_per_second"], found["spread"], found["fraction_of_product"]
    (200.0, [100.0, 300.0], 0.4)
    """
    fractions = [speed * flops / most for speed, most in zip(speeds, product, strict=True)]
    return {
        "name": name,
        "examples_per_second": statistics.median(speeds),
        "spread": [min(speeds), max(speeds)],
        "ratio": compare_speeds(reference, speeds) if reference else None,
        "fraction_of_product": statistics.median(fractions),
    }


def compare_speeds(above: Sequence[float], below: Sequence[float]) -> dict[str, float]:
    """Compute the geometric mean of paired ratios with its 95% interval, Student's t on their logarithms.

    >>> {name: round(value, 3) for name, value in compare_speeds([2.0, 8.0, 4.0], [1.0, 2.0, 1.0]).items()}
    {'estimate': 3.175, 'low': 1.175, 'high': 8.579}
    """
    found = mean_interval([math.log(a / b) for a, b in zip(above, below, strict=True)])
    return {"estimate": math.exp(found.estimate), "low": math.exp(found.low), "high": math.exp(found.high)}


def train_ours(prepared: Prepared) -> Generator[list[Row]]:
    """Train to the end; after each step, yield its history rows."""
    yield from train(prepared.trainer, start(prepared.trainer))


SIDE = 2048


def make_matrix_product(side: int = SIDE) -> Callable[[], float]:
    """Make a turn that multiplies two square float32 matrices once and returns the operations per second.

    side: rows and columns; the default is large enough for the rate to have stopped rising with it.
    """
    left, right, result = torch.rand(3, side, side).unbind()

    def turn() -> float:
        began = time.perf_counter()
        torch.mm(left, right, out=result)
        return 2 * side**3 / (time.perf_counter() - began)

    return turn


def count_training_flops(model: nn.Module, picture: tuple[int, ...], batch_size: int) -> float:
    """Count the operations of the matrix products and convolutions of one training step, per example.

    picture: its shape (H, W, C). A multiplication and an addition count as two.

    >>> count_training_flops(
    ...     nn.Sequential(nn.Flatten(), nn.Linear(12, 5)), (2, 2, 3), 4
    ... )  # forward, gradient of the weights
    240.0
    """
    height, width, channels = picture
    inputs, labels = torch.zeros(batch_size, channels, height, width), torch.zeros(batch_size, dtype=torch.int64)
    with FlopCounterMode(display=False) as counter:
        F.cross_entropy(model(inputs), labels).backward()
    return float(counter.get_total_flops()) / batch_size
