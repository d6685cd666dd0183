"""The next batch of the current epoch, with the extra streams that tricks want."""

from functools import lru_cache

import torch
from torch import Tensor

from luthier.core.batch import Batch
from luthier.core.rng import generator
from luthier.data.loader import batch_count
from luthier.engine.assembly import Assembly, Stream
from luthier.engine.state import TrainState


def next_batch(a: Assembly, s: TrainState) -> Batch:
    """Take the batch at the state's position."""
    assert s.order is not None
    start, stop = bounds(len(s.order), a.training.batch_size, s.position)
    batch = a.training.examples.batch(s.order[start:stop])
    if a.sampler.uses_weights:  # they have done their work in the order
        batch = batch.replace(weight=torch.ones_like(batch.weight))
    if not a.streams:
        return batch
    seen = s.epoch * len(s.order) + start
    aux = {name: _taken(a.training.seed, name, one, seen, stop - start) for name, one in a.streams.items()}
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


def _taken(seed: int, name: str, stream: Stream, seen: int, examples: int) -> Tensor:
    """Inputs of the next ratio x examples of a stream, pass after pass in a new order each."""
    places = range(seen * stream.ratio, (seen + examples) * stream.ratio)
    size = len(stream.examples)
    parts = [
        _order(seed, name, number, size)[max(places.start - number * size, 0) : places.stop - number * size]
        for number in range(places.start // size, -(-places.stop // size))
    ]
    chosen = torch.cat(parts).to(stream.examples.device)
    return stream.examples.inputs(stream.examples.members[chosen])


@lru_cache(maxsize=8)
def _order(seed: int, name: str, number: int, size: int) -> Tensor:
    return torch.randperm(size, generator=generator(seed, f"stream/{name}", number))
