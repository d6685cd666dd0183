"""Whether the parts of a recipe suit some data."""

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from luthier.data.dataset import Dataset
from luthier.data.split import Split
from luthier.models import ARCHITECTURES, Architecture, OwnModule, SequenceArchitecture
from luthier.models.losses import LOSSES, Loss
from luthier.stats.metrics import CLASSES, CLASSIFICATION, METRICS, VALUES

if TYPE_CHECKING:
    from luthier.recipe.recipe import Recipe, TrainingConfig


USUAL = {CLASSES: "accuracy", VALUES: "r2"}
"""The metric that decides where nobody named one."""


def check_recipe_fits(recipe: "Recipe", dataset: Dataset) -> list[str]:
    """What a recipe names that is for other data than these."""
    return [
        *chain(
            _model(recipe.model, dataset),
            _loss(recipe.loss, dataset),
            _training(recipe.training, dataset),
            _sampling(recipe, dataset),
            _tricks(recipe, dataset),
        )
    ]


def _but(dataset: Dataset) -> str:
    return f"but {dataset.name} is for {dataset.task}"


def _model(model: Architecture, dataset: Dataset) -> Iterator[str]:
    if dataset.task not in model.tasks:
        yield (
            f"model {model.name} is for {' and '.join(model.tasks)}, {_but(dataset)}; "
            "choose another, such as lenet5 or mlp"
        )
    if dataset.form in ("sequences", "text") and not isinstance(model, SequenceArchitecture | OwnModule):
        known = ", ".join(name for name, one in ARCHITECTURES.members.items() if issubclass(one, SequenceArchitecture))
        yield f"{model.name} reads no sequences, but {dataset.name} holds {dataset.form}; choose one of {known}"


def _loss(loss: Loss, dataset: Dataset) -> Iterator[str]:
    if dataset.task not in loss.tasks:
        known = ", ".join(name for name, one in LOSSES.members.items() if dataset.task in one.tasks)
        yield f"loss {loss.name} is for {' and '.join(loss.tasks)}, {_but(dataset)}; choose one of {known}"


def _training(training: "TrainingConfig", dataset: Dataset) -> Iterator[str]:
    if dataset.task not in METRICS[training.monitor].tasks:
        known = ", ".join(name for name, one in METRICS.items() if dataset.task in one.tasks)
        yield (
            f"training.monitor must be a metric of the task, {_but(dataset)}, {training.monitor} is not; "
            f"choose one of {known}"
        )
    if dataset.task == "regression" and training.class_weights != "none":
        yield f"training.class_weights = {training.class_weights!r} needs classes, {_but(dataset)}; take it out"
    if dataset.task == "regression" and training.calibration != "none":
        yield f"training.calibration mends probabilities of classes, {_but(dataset)}; take it out"


def check_monitor_defined(training: "TrainingConfig", dataset: Dataset, parts: Split) -> Iterator[str]:
    """Say where the metric that decides is one that nothing defines on the validation part, whatever is answered."""
    measure = CLASSIFICATION.get(training.monitor)
    if measure is None or dataset.task != CLASSES:
        return
    labels = dataset.labels[parts.validation if len(parts.validation) else parts.train]
    alike = np.full((len(labels), len(dataset.classes)), 1 / len(dataset.classes))
    why = measure(alike, labels).undefined
    if why:
        yield (
            f"training.monitor must be a metric that the validation part defines, but {training.monitor} is none: "
            f"{why}; choose another, such as accuracy, or raise split.validation"
        )


def _sampling(recipe: "Recipe", dataset: Dataset) -> Iterator[str]:
    name = recipe.sampling.name
    if dataset.task == "regression" and recipe.sampling.needs_classes:
        yield f"sampling.{name} needs classes, {_but(dataset)}; choose another, such as shuffled"
    if recipe.sampling.uses_weights and dataset.weights is None:
        yield (
            f"sampling.{name} needs the weight of each example, but {dataset.name} has none; "
            "pass weights= or choose another, such as shuffled"
        )


def _tricks(recipe: "Recipe", dataset: Dataset) -> Iterator[str]:
    for trick in recipe.tricks:
        if dataset.task not in trick.tasks:
            yield f"tricks.{trick.name} is for {' and '.join(trick.tasks)}, {_but(dataset)}; take the trick out"
        if trick.needs_pictures and not dataset.is_picture:
            yield f"tricks.{trick.name} changes pictures, but {dataset.name} holds {dataset.form}; take the trick out"
