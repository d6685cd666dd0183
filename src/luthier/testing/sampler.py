"""The battery for samplers."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor

from luthier.data.dataset import with_weights
from luthier.data.samplers import Sampler, Seen
from luthier.testing.compare import check_private, require
from luthier.testing.material import pictures
from luthier.testing.part import check_part
from luthier.testing.training import check_repeats, check_resumes, prepared
from luthier.training import Trainer

SIZES = (1, 2, 13)


def check_sampler(sampler: Sampler, *, recipe: Mapping[str, Any] | None = None) -> None:
    """Check that a sampler orders existing examples, as many as it declares, by its own generator alone.

    Also that a training which uses it is repeatable and resumes to the bit.
    recipe: sections laid over the battery's own small recipe.
    Raises AssertionError with what is wrong.

    >>> from luthier.data.samplers import Shuffled
    >>> check_sampler(Shuffled())
    """
    check_part(sampler)
    unused = sampler.model_copy(deep=True)
    for examples in SIZES:
        for loss in (torch.full((examples,), torch.inf), torch.arange(examples).flip(0) / 4):
            _check_order(sampler, Seen(torch.arange(examples) % 3, loss, torch.arange(1.0, examples + 1)))
    dataset = pictures()
    if sampler.uses_weights:
        dataset = with_weights(dataset, [1 + number % 4 for number in range(len(dataset))])

    def make() -> Trainer:
        return prepared({**(recipe or {}), "sampling": unused.model_copy(deep=True)}, dataset=dataset).trainer

    check_repeats(make, sampler.name)
    check_resumes(make, sampler.name)


def _check_order(sampler: Sampler, seen: Seen) -> None:
    examples = len(seen.label)
    length = sampler.length(examples)
    require(length >= 1, f"{sampler.name} must order at least one position, but says {length} for {examples} examples")
    for epoch in (0, 1, 5):
        what = f"{sampler.name} in epoch {epoch} over {examples} examples"
        before = (seen.label.clone(), seen.loss.clone(), seen.weight.clone())
        order = check_private(partial(sampler.order, epoch, seen), what)
        require(
            order.shape == (length,) and order.dtype == torch.int64 and order.device.type == "cpu",
            f"{what} must give ({length},) numbers of type int64 on the CPU, but gave {_kind(order)}",
        )
        require(
            bool(((order >= 0) & (order < examples)).all()),
            f"{what} must give positions from 0 to {examples - 1}, but gave {order.tolist()}",
        )
        now = (seen.label, seen.loss, seen.weight)
        untouched = all(map(torch.equal, before, now))
        require(untouched, f"{what} must leave what it is shown as it was")


def _kind(tensor: Tensor) -> str:
    return f"{tuple(tensor.shape)} {tensor.dtype} on {tensor.device}"
