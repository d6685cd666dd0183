"""What a network starts from, taken from the training part alone: standardisation, units of values, first weights."""

import torch
from torch import nn

from luthier.core.batch import Batch, Text
from luthier.core.rng import fork_rng, generator, seed_global
from luthier.data import Dataset
from luthier.data.loader import DeviceDataset
from luthier.models import Network, OwnModule
from luthier.models.architecture import Shape
from luthier.models.initialisers import scale_output_, start_at_frequencies_
from luthier.models.modules import check_tokens, make_blank_layer, make_first_layer
from luthier.models.modules.standardise import Standardise, fit_rescale
from luthier.recipe.network import make_network, warn_of_squashing
from luthier.recipe.recipe import Recipe

SAMPLE = 1000

LEAST_SAMPLE, SAMPLE_VALUES = 64, 4_000_000
"""Initialisers see at least so many examples, more while they hold no more values: whole maps must fit in memory."""


def start_network(
    recipe: Recipe, dataset: Dataset, train: DeviceDataset, shape: Shape, module: nn.Module | None
) -> Network:
    """Make the network as it is before the first step, where the training part lies.

    shape: of an example when it reaches the network. module: the user's own, where the recipe names one.
    """
    text = dataset.table.layout if dataset.table else None
    standardise = fit_standardise(recipe, dataset, train, text)
    rescale = fit_rescale(train.own_labels().cpu()) if dataset.task == "regression" else None
    network = make_network(recipe, standardise, shape, dataset.outputs, module, rescale=rescale, text=text)
    if module is not None and dataset.classes:
        warn_of_squashing(network, recipe.loss, shape, dataset.outputs)
    network = network.to(train.device)
    adapt_weights(recipe, network, train)
    if dataset.is_picture:
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in torch's stub
    return network


def fit_standardise(recipe: Recipe, dataset: Dataset, train: DeviceDataset, text: Text | None) -> Standardise:
    """Make the first layer, its constants from the training part; it changes nothing where rows hold tokens.

    text: how an example holds a text, None where there is none.
    """
    vocabulary = recipe.model.vocabulary
    if vocabulary is not None and dataset.form == "rows":
        check_tokens(torch.from_numpy(dataset.inputs), vocabulary)
        return make_blank_layer(dataset.form, dataset.shape[0])
    chunks = (batch.inputs.cpu() for batch in train.in_order())  # type: ignore[union-attr]  # inputs are one tensor
    return make_first_layer(dataset.form, chunks, text.columns if text else 0)


def adapt_weights(recipe: Recipe, network: Network, train: DeviceDataset) -> None:
    """Let the initialiser look at training examples; the user's own module keeps its weights."""
    if isinstance(recipe.model, OwnModule):
        return
    initialiser = recipe.initialiser
    count = max(LEAST_SAMPLE, SAMPLE_VALUES // train.store[0].numel())
    with fork_rng(train.device):
        seed_global(recipe.seed, "adapt", 0, train.device)
        inputs: torch.Tensor = draw_sample(recipe, train, count).inputs  # type: ignore[assignment]  # one tensor
        initialiser.adapt(network, inputs, generator(recipe.seed, "adapt"))
        scale_output_(network, inputs, initialiser.output)
    if initialiser.class_frequencies:
        start_at_frequencies_(network.body, train.own_labels(), train.classes)


def draw_sample(recipe: Recipe, train: DeviceDataset, count: int = SAMPLE) -> Batch:
    """Draw training examples, unaugmented, the same at every call: at most count, and no more than SAMPLE."""
    chosen = torch.randperm(len(train), generator=generator(recipe.seed, "sample"))[: min(count, SAMPLE)]
    return train.batch(chosen.to(train.device))
