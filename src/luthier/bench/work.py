"""The work that every contender does: the same pictures, first weights, batches, optimizer and schedule."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from luthier.build import Prepared, prepare
from luthier.core.errors import BadInput
from luthier.data import Dataset
from luthier.models import Network
from luthier.optim.optimizers import AdamW
from luthier.recipe import Recipe, read_recipe

MNIST = (60_000, 28, 28, 1)
CLASSES = tuple(map(str, range(10)))


@dataclass(frozen=True)
class Work:
    """What a plain loop must know to do the same as Luthier's default recipe.

    pictures: (N, H, W, C), uint8; N is a whole multiple of batch_size. labels: (N,). classes: K.
    mean, std: of each channel, for pictures between 0 and 1 (C,). weights: first values of the parameters, in order.
    rate, betas, epsilon, decay: of AdamW; biases do not decay. factor: of the rate, from the step's number.
    """

    pictures: Tensor
    labels: Tensor
    classes: int
    mean: Tensor
    std: Tensor
    weights: tuple[Tensor, ...]
    batch_size: int
    rate: float
    betas: tuple[float, float]
    epsilon: float
    decay: float
    factor: Callable[[int], float]


def random_pictures(shape: tuple[int, ...] = MNIST) -> Dataset:
    """Make up pictures (N, H, W, C) with labels: how long a step takes does not depend on what they show."""
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, shape, dtype=np.uint8)
    return Dataset("random", pictures, rng.integers(0, len(CLASSES), len(pictures)), CLASSES)


def default_recipe(source: str, size: int | None = None) -> Recipe:
    """Luthier's default recipe for small pictures, without a validation part; size: of the pictures, in pixels."""
    sides = {} if size is None else {"size": size}
    return read_recipe({"data": {"source": source, **sides}, "split": {"validation": 0.0}})


def prepared_default(dataset: Dataset, steps: int, size: int | None = None) -> Prepared:
    """Prepare the default recipe for at least the given number of steps; size: of the pictures, in pixels.

    All examples are trained on, but for the last few, one at least, that do not fill a batch: they are the test part,
    which a benchmark never reads. So every batch of every contender is full.
    Raises BadInput where the data are not pictures of bytes, or too few.
    """
    recipe = default_recipe(dataset.name, size)
    batch_size = recipe.training.batch_size
    if not dataset.is_picture or dataset.inputs.dtype != np.uint8 or len(dataset) <= batch_size:
        got = f"{dataset.name} has {dataset.inputs.dtype} inputs of shape {dataset.inputs.shape}"
        raise BadInput(
            f"bench needs more than {batch_size} pictures of bytes, but {got}; leave the data out for random pictures"
        )
    batches = (len(dataset) - 1) // batch_size
    training = recipe.training.model_copy(update={"epochs": -(-steps // batches)})
    rest = np.arange(len(dataset)) >= batches * batch_size
    parts = Dataset(dataset.name, dataset.inputs, dataset.labels, dataset.classes, rest)
    return prepare(recipe.model_copy(update={"training": training}), parts, torch.device("cpu"))


def work_of(prepared: Prepared) -> Work:
    """Tell a plain loop what a prepared recipe does."""
    trainer, adamw, network = prepared.trainer, prepared.recipe.optimizer, prepared.trainer.network
    assert isinstance(network, Network) and isinstance(adamw, AdamW), "the plain loops follow the default recipe"
    examples = trainer.training.examples
    return Work(
        pictures=examples.store[examples.indices],
        labels=examples.own_labels(),
        classes=examples.classes,
        mean=network.standardise.mean,
        std=1 / network.standardise.scale,
        weights=tuple(one.detach().clone() for one in network.parameters()),
        batch_size=trainer.training.batch_size,
        rate=adamw.learning_rate,
        betas=(adamw.beta1, adamw.beta2),
        epsilon=adamw.epsilon,
        decay=adamw.weight_decay,
        factor=lambda step: trainer.schedule.factor(step, trainer.training.total, ()),
    )
