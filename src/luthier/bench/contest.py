"""The whole comparison in one call."""

import statistics
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from typing import Any

import torch

from luthier.bench.compare import interleave, row, time_steps
from luthier.bench.ours import ours
from luthier.bench.plain_loader import plain_loader
from luthier.bench.plain_network import plain_model
from luthier.bench.plain_tensor import plain_tensor
from luthier.bench.product import matrix_product, training_flops
from luthier.bench.work import Work, default_recipe, prepared_default, random_pictures, work_of
from luthier.build import Prepared
from luthier.core.errors import BadInput
from luthier.core.rng import fork_rng
from luthier.data import load
from luthier.environment import environment

OURS = "luthier"
ROUNDS, EXAMPLES = 60, 1280
"""Many short turns rather than few long ones: what else the machine does then meets all contenders of a round."""
WARM_UP = 20
CPU = torch.device("cpu")

Speeds = Mapping[str, Sequence[float]]
Watch = Callable[[int], object]


def silent(done: int) -> None:
    """Watch nothing."""


def bench(rounds: int = ROUNDS, examples: int = EXAMPLES, data: Any = None, watch: Watch = silent) -> dict[str, Any]:
    """Train LeNet-5 by Luthier's default recipe and by two plain PyTorch loops, in turns, on the processor.

    rounds: turns of each contender, at least 2. examples: training examples in a turn, cut to whole batches.
    data: anything that `luthier.data.load` reads, with pictures of bytes; by default random pictures of MNIST's size.
    watch: called after each round with the number of rounds that are done.
    Returns a dict with `rows`, one per contender: median `examples_per_second` and their `spread` over the rounds
    (lowest and highest), `ratio` of Luthier's speed to the contender's with its 95% interval (None for Luthier
    itself), and `fraction_of_product`, the share that it uses of the machine's float32 matrix product.
    Raises BadInput where there is too little to compare.
    """
    size = default_recipe("").training.batch_size
    steps = examples // size
    if rounds < 2 or steps < 1:
        raise BadInput(
            f"bench needs at least 2 rounds of at least {size} examples, but got {rounds} of {examples}; ask for more"
        )
    dataset = random_pictures() if data is None else load(data)
    with fork_rng(CPU):
        prepared = prepared_default(dataset, WARM_UP + rounds * steps)
        work = work_of(prepared)
        flops = training_flops(plain_model(work), work.pictures.shape[1:], size)
        speeds, product = measure(contenders(prepared, work), rounds, steps, size, watch)
    return {
        "rows": [
            row(name, own, None if name == OURS else speeds[OURS], flops, product) for name, own in speeds.items()
        ],
        "rounds": rounds,
        "examples_per_round": steps * size,
        "data": dataset.name,
        "flops_per_example": flops,
        "product_flops_per_second": statistics.median(product),
        "environment": environment(),
    }


def contenders(prepared: Prepared, work: Work) -> dict[str, Generator[object]]:
    """The loops by name; each takes one training step when asked for its next item."""
    return {OURS: ours(prepared), "plain-tensor": plain_tensor(work), "plain-loader": plain_loader(work)}


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
        measures = interleave({**turns, "product": matrix_product()}, rounds, watch)
    finally:
        for loop in loops.values():
            loop.close()
    return measures, measures.pop("product")
