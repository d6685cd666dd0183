"""From a resolved recipe and its data to one trainer; `prepare` is to be read from top to bottom."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from luthier.core.errors import BadInput, LuthierWarning, raise_all
from luthier.core.rng import fork_rng, seed_global
from luthier.data import SOURCES, Dataset, Split
from luthier.data.augment import Composer
from luthier.data.loader import DeviceDataset, count_batches, to_device
from luthier.data.split import split
from luthier.models import Network
from luthier.models.architecture import Shape
from luthier.optim import group_parameters
from luthier.optim.groups import ParameterGroup
from luthier.recipe.compatibility import Use, check_dataset, check_network, check_split
from luthier.recipe.network import make_criterion, network_shape, resize_inputs
from luthier.recipe.recipe import Recipe
from luthier.recipe.start import draw_sample, start_network
from luthier.recipe.streams import make_streams
from luthier.training import Stream, Trainer
from luthier.training.trick import Setup, StepContext, TrainingContext


@dataclass(frozen=True)
class Prepared:
    """A resolved recipe with everything made that it asks for. test: read once, at the end."""

    recipe: Recipe
    dataset: Dataset
    parts: Split
    trainer: Trainer
    test: DeviceDataset
    shape: Shape


def prepare(
    recipe: Recipe,
    dataset: Dataset,
    device: torch.device,
    module: nn.Module | None = None,
    extra: Mapping[str, np.ndarray] | None = None,
    *,
    parts: Split | None = None,
    use: Use | None = None,
) -> Prepared:
    """Make the network, the optimizer and all parts of a resolved recipe.

    module: the user's own network, where the recipe's model is `own-module`; it is copied, never changed.
    extra: inputs of further streams by name, for tricks that want them.
    parts: which examples are trained on and which are not; by default the data and the recipe's split decide.
    use: what it is made for, where that has rules of its own, such as a run, which needs a test part.
    Raises BadInput with what does not fit together.
    """
    raise_all(check_dataset(recipe, dataset))  # once more: a trial may differ from the recipe that was resolved
    warn_of_label_changes(recipe, dataset)
    parts = parts or split(dataset, recipe.seed, recipe.split)
    raise_all(check_split(recipe, dataset, parts, use))
    inputs = resize_inputs(recipe, dataset.inputs)
    examples = to_device(inputs, dataset.labels, len(dataset.classes), device, dataset.weights)
    train, validation, test = (examples.part(part) for part in (parts.train, parts.validation, parts.test))
    shape = network_shape(recipe, dataset.shape)
    network = start_network(recipe, dataset, train, shape, module)
    streams = make_streams(recipe, dataset, parts, extra or {}, device)
    trainer = make_trainer(recipe, network, train, validation, streams)
    raise_all(check_network(trainer, shape))
    return Prepared(recipe, dataset, parts, trainer, test, shape)


def warn_of_label_changes(recipe: Recipe, dataset: Dataset) -> None:
    """Warn where an augmentation may make another digit or letter of one and keep its label.

    Known of data sets whose card says that they hold signs; of other data nobody can know.
    """
    if dataset.name in SOURCES and SOURCES[dataset.name].signs:
        for augmentation in recipe.augment:
            if augmentation.label_changing:
                message = (
                    f"augment.{augmentation.name} may make another sign of one in {dataset.name}, as a turned 6 is a "
                    "9, and keep its label; take it out unless it is meant"
                )
                warnings.warn(message, LuthierWarning, stacklevel=3)


def make_trainer(
    recipe: Recipe, network: Network, train: DeviceDataset, validation: DeviceDataset, streams: dict[str, Stream]
) -> Trainer:
    """Put the pieces of a training together; the optimizer follows what the tricks make of the network."""
    config = recipe.training
    context = TrainingContext(
        seed=recipe.seed,
        network=network,
        examples=train,
        augment=Composer(recipe.augment),
        batch_size=config.batch_size,
        epochs=config.epochs,
        total=config.epochs * count_batches(recipe.sampling.length(len(train)), config.batch_size),
    )
    optimizer = recipe.optimizer.build(set_up_tricks(recipe, context))
    return Trainer(
        training=context,
        loss=make_criterion(recipe.loss, network),
        optimizer=optimizer,
        rates=tuple(group["lr"] for group in optimizer.param_groups),
        schedule=recipe.schedule,
        sampler=recipe.sampling,
        tricks=recipe.tricks,
        validation=validation,
        monitor=config.monitor,
        streams=streams,
        class_weights=balance_classes(train) if config.class_weights == "balanced" else None,
    )


def set_up_tricks(recipe: Recipe, context: TrainingContext) -> tuple[ParameterGroup, ...]:
    """Let each trick change the network before the first step; return the groups of parameters that they leave."""
    groups = group_parameters(context.network, recipe.optimizer.layer_decay)
    value = Setup(context.network, groups, draw_sample(recipe, context.examples))
    now = StepContext(context, 0, 0)
    for trick in recipe.tricks:
        with fork_rng(context.device):
            seed_global(recipe.seed, f"{trick.name}/setup", 0, context.device)
            value = trick.setup(value, now.of(f"{trick.name}/setup"))
        if value.network is not context.network:
            raise BadInput(
                f"a trick must change the network in place, but tricks.{trick.name} gave another from its `setup`; "
                "mend it, or pass a network of your own as model="
            )
    return value.groups


def balance_classes(train: DeviceDataset) -> torch.Tensor:
    """Weigh each class so that all count alike in the loss (K,); the mean over the examples is 1.

    Source: King and Zeng, Logistic regression in rare events data, 2001.
    """
    counts = torch.bincount(train.own_labels(), minlength=train.classes)
    return (len(train) / (train.classes * counts)).float()
