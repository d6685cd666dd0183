"""The next batch of the current epoch, with the extra streams that tricks want."""

from functools import lru_cache

import torch
from torch import Tensor

from luthier.core.batch import Batch
from luthier.core.rng import generator
from luthier.data.loader import batch_count
from luthier.engine.assembly import Stream, Trainer
from luthier.engine.state import TrainState


def next_batch(trainer: Trainer, run_state: TrainState) -> Batch:
    """Take the batch at the state's position."""
    assert run_state.order is not None
    start, stop = bounds(len(run_state.order), trainer.training.batch_size, run_state.position)
    batch = trainer.training.examples.batch(run_state.order[start:stop])
    if trainer.sampler.uses_weights:  # they have done their work in the order
        batch = batch.replace(weight=torch.ones_like(batch.weight))
    if not trainer.streams:
        return batch
    seen = run_state.epoch * len(run_state.order) + start
    aux = {name: _take(trainer.training.seed, name, one, seen, stop - start) for name, one in trainer.streams.items()}
    return batch.replace(aux=aux)


def bounds(length: int, size: int, number: int) -> tuple[int, int]:
    """First and last-plus-one place of a batch in an order, as `luthier.data.loader.batches` cuts it.

    >>> [bounds(10, 4, number) for number in range(3)]
    [(0, 4), (4, 7), (7, 10)]
    """
    count = batch_count(length, size)
    base, longer = divmod(length, count)
    start = number * base + min(number, longer)
    return start, start + base + (number < longer)


def _take(seed: int, name: str, stream: Stream, seen: int, examples: int) -> Tensor:
    """Inputs of the next ratio x examples of a stream, pass after pass in a new order each."""
    places = range(seen * stream.ratio, (seen + examples) * stream.ratio)
    size = len(stream.examples)
    parts = [
        _order(seed, name, number, size)[max(places.start - number * size, 0) : places.stop - number * size]
        for number in range(places.start // size, -(-places.stop // size))
    ]
    chosen = torch.cat(parts).to(stream.examples.device)
    return stream.examples.inputs(stream.examples.indices[chosen])


@lru_cache(maxsize=8)
def _order(seed: int, name: str, number: int, size: int) -> Tensor:
    return torch.randperm(size, generator=generator(seed, f"stream/{name}", number))
