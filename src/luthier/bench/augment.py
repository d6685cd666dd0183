"""What augmentation costs: beside a training step, and beside the same chain in Pillow."""

import random
import statistics
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from itertools import count, cycle
from typing import Any

import torch

from luthier.augment import (
    Augmentation,
    Color,
    Composer,
    HorizontalFlip,
    Noise,
    RandomCrop,
    RandomScale,
    Rotation,
)
from luthier.bench.compare import interleave, ratio, time_steps
from luthier.bench.ours import ours
from luthier.bench.pillow_chain import chain
from luthier.bench.work import prepared_default, random_pictures
from luthier.build import Prepared
from luthier.core.errors import BadInput
from luthier.core.rng import fork_rng, generator
from luthier.environment import environment

CHAIN: tuple[Augmentation, ...] = (RandomCrop(), HorizontalFlip(), Rotation(), RandomScale(), Color(), Noise())
SHAPES = ((28, 28, 1), (32, 32, 3))
PICTURES = 6400
WARM_UP = 5
OURS, STEP, PILLOW = "luthier", "training-step", "pillow"

Watch = Callable[[int], object]


def bench_augment(rounds: int, examples: int, watch: Watch) -> dict[str, Any]:
    """Time crop, flip, rotation, scale, colour and noise together, a LeNet-5 training step, and the chain in Pillow.

    rounds: turns of each contender, at least 2. examples: pictures in a turn, cut to whole batches of 64.
    watch: called after each round of each shape with the number of rounds that are done.
    Returns a dict with `rows`, one per shape and contender: median `examples_per_second`, `spread` (lowest and
    highest), and `ratio` of Luthier's speed to the contender's with its 95% interval; and `costs`, one per shape:
    `share_of_step`, the time of augmentation over that of a training step without it, and `times_pillow`, Pillow's
    time over Luthier's, each with its interval.
    Raises BadInput where there is too little to compare.
    """
    steps = examples // 64
    if rounds < 2 or steps < 1:
        raise BadInput(
            f"bench needs at least 2 rounds of at least 64 examples, but got {rounds} of {examples}; ask for more"
        )
    rows, costs = [], []
    for number, shape in enumerate(SHAPES):
        with fork_rng(torch.device("cpu")):
            speeds = _measure(shape, rounds, steps, lambda done, before=number * rounds: watch(before + done))  # type: ignore[misc]  # a default keeps a loop's value
        name = "x".join(map(str, shape))
        rows += [_row(f"{name} {who}", own, None if who == OURS else speeds[OURS]) for who, own in speeds.items()]
        share, less = ratio(speeds[STEP], speeds[OURS]), ratio(speeds[OURS], speeds[PILLOW])
        costs.append({"shape": list(shape), "share_of_step": share, "times_pillow": less})
    return {
        "rows": rows,
        "costs": costs,
        "chain": [one.dump() for one in CHAIN],
        "rounds": rounds,
        "examples_per_round": steps * 64,
        "environment": environment(),
    }


def _measure(shape: tuple[int, ...], rounds: int, steps: int, watch: Watch) -> Mapping[str, Sequence[float]]:
    """Examples per second of each contender, by round."""
    prepared = prepared_default(random_pictures((PICTURES, *shape)), WARM_UP + rounds * steps, shape[0])
    size = prepared.trainer.training.batch_size
    loops: dict[str, Generator[object]] = {
        OURS: augment_batches(prepared),
        STEP: ours(prepared),
        PILLOW: pillow(prepared),
    }
    for loop in loops.values():
        time_steps(loop, WARM_UP, size)
    return interleave({name: partial(time_steps, loop, steps, size) for name, loop in loops.items()}, rounds, watch)


def augment_batches(prepared: Prepared) -> Generator[torch.Tensor]:
    """Augment batch after batch, as they come from the loader, with the streams that training makes at each step."""
    composer, examples = Composer(CHAIN), prepared.trainer.training.examples
    batches = [examples.batch(positions).inputs for positions in _batches(prepared)]
    for step, inputs in zip(count(), cycle(batches), strict=False):
        assert isinstance(inputs, torch.Tensor)
        yield composer(inputs, lambda name, step=step: generator(0, f"/augment/{name}/", step))  # type: ignore[misc]  # a default keeps a loop's value


def pillow(prepared: Prepared) -> Generator[torch.Tensor]:
    """Augment the same batches picture by picture and put each batch together, as a DataLoader does."""
    examples, rng = prepared.trainer.training.examples, random.Random(0)
    for positions in cycle(_batches(prepared)):
        pictures = examples.store.index_select(0, examples.indices[positions])
        yield torch.stack([chain(one, rng) for one in pictures])


def _batches(prepared: Prepared) -> list[torch.Tensor]:
    training = prepared.trainer.training
    return list(torch.arange(len(training.examples)).split(training.batch_size))


def _row(name: str, speeds: Sequence[float], reference: Sequence[float] | None) -> dict[str, Any]:
    return {
        "name": name,
        "examples_per_second": statistics.median(speeds),
        "spread": [min(speeds), max(speeds)],
        "ratio": ratio(reference, speeds) if reference else None,
    }
