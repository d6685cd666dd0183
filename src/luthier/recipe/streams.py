"""Extra streams: the further inputs that tricks want beside each batch, such as unlabelled examples."""

from collections.abc import Iterable, Mapping

import numpy as np
import torch

from luthier.data import Dataset, Split
from luthier.data.loader import to_device
from luthier.data.unlabelled import STREAM, exclude_overlap
from luthier.recipe.network import resize_inputs
from luthier.recipe.recipe import Recipe
from luthier.training import Stream
from luthier.training.trick import Trick


def wanted_streams(tricks: Iterable[Trick]) -> dict[str, int]:
    """Name the extra streams that tricks want, each with its number of examples per example of the batch."""
    return {name: ratio for trick in tricks for name, ratio in trick.streams().items()}


def make_streams(
    recipe: Recipe, dataset: Dataset, parts: Split, extra: Mapping[str, np.ndarray], device: torch.device
) -> dict[str, Stream]:
    """Bring the extra inputs that tricks want to the device; leave out those that nobody gave.

    extra: inputs by name. Where it has none without labels, those of the data are taken, but for the ones that equal a
    held-out example.
    """
    wanted, given = wanted_streams(recipe.tricks), dict(extra)
    if dataset.unlabelled is not None and STREAM in wanted and STREAM not in extra:
        given[STREAM] = exclude_overlap(dataset, np.concatenate((parts.validation, parts.test)))
    streams = {}
    for name in (name for name in wanted if name in given):
        inputs = np.asarray(given[name])
        if inputs.ndim == dataset.inputs.ndim:
            inputs = resize_inputs(recipe, inputs)
        streams[name] = Stream(to_device(inputs, np.zeros(len(inputs), np.int64), 1, device), wanted[name])
    return streams
