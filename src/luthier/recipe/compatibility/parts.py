"""Rules of what a recipe and its data come to: the parts of the data, the network, the streams beside a batch."""

from collections.abc import Iterator

import numpy as np

from luthier.data import Dataset, Split
from luthier.data.loader import DeviceDataset
from luthier.data.unlabelled import SEQUENCES, STREAM
from luthier.models.architecture import Shape, find_lone_group, find_lone_norm
from luthier.recipe.compatibility.settings import in_need_of_validation
from luthier.recipe.recipe import Recipe
from luthier.recipe.streams import wanted_streams
from luthier.stats.metrics import CLASSES, CLASSIFICATION
from luthier.training import Trainer


def find_empty_validation(recipe: Recipe, dataset: Dataset, parts: Split) -> Iterator[str]:
    if not len(parts.validation):
        for name, remedy in in_need_of_validation(recipe):
            yield (
                f"{name} needs a validation part, but {dataset.name} leaves none of its {len(dataset)} examples; "
                f"raise split.validation, add examples or {remedy}"
            )


def find_undefined_monitor(recipe: Recipe, dataset: Dataset, parts: Split) -> Iterator[str]:
    """Find the metric that decides to be one that nothing defines on the validation part, whatever is predicted."""
    monitor = recipe.training.monitor
    measure = CLASSIFICATION.get(monitor)
    if measure is None or dataset.task != CLASSES:
        return
    labels = dataset.labels[parts.validation if len(parts.validation) else parts.train]
    alike = np.full((len(labels), len(dataset.classes)), 1 / len(dataset.classes))
    why = measure(alike, labels).undefined
    if why:
        yield (
            f"training.monitor must be a metric that the validation part defines, but {monitor} is none: "
            f"{why}; choose another, such as accuracy, or raise split.validation"
        )


def find_empty_test(recipe: Recipe, dataset: Dataset, parts: Split) -> Iterator[str]:
    if not len(parts.test):
        fewest = "3 that differ to a class" if dataset.classes else "3 that differ"
        yield (
            f"a run needs a test part, but {dataset.name} leaves it none of its {len(dataset)} examples; "
            f"give at least {fewest}"
        )


def find_nothing_to_compare_on(recipe: Recipe, dataset: Dataset, parts: Split) -> Iterator[str]:
    if not len(parts.validation):
        yield "trials are compared on a validation part, but split.validation leaves none; set it above 0"


def find_lone_groups(trainer: Trainer, shape: Shape) -> Iterator[str]:
    name = find_lone_group(trainer.network, shape)
    if name is not None:
        yield (
            f"a group norm needs two values in each group of an example, but {name} gets one, which leaves nothing of "
            "it; set fewer groups, a larger data.size or model.width, or take another norm"
        )


def find_lone_batches(trainer: Trainer, shape: Shape) -> Iterator[str]:
    count = trainer.sampler.length(len(trainer.training.examples))
    if count // trainer.steps_per_epoch > 1:  # the smallest batch
        return
    name = find_lone_norm(trainer.network, shape)
    if name is not None:
        yield (
            f"a batch norm needs two values of each channel, but {name} gets one where a batch is one example, "
            f"as training.batch_size = {trainer.training.batch_size} makes of {count} examples; "
            "give two examples or more and set training.batch_size = 3 or more, or take another norm"
        )


def find_missing_streams(trainer: Trainer, shape: Shape) -> Iterator[str]:
    missing = sorted(wanted_streams(trainer.tricks).keys() - trainer.streams.keys())
    if STREAM in missing:
        missing.remove(STREAM)
        name = next(trick.name for trick in trainer.tricks if STREAM in trick.streams())
        yield (
            f"tricks.{name} learns from examples without labels, but there are none; "
            "give them with --unlabelled, or unlabelled= in Python"
        )
    if missing:
        yield (
            f"the recipe's tricks need extra streams, but {', '.join(missing)} is not given; "
            f"pass extra={{{missing[0]!r}: inputs}}"
        )


def find_unlike_streams(trainer: Trainer, shape: Shape) -> Iterator[str]:
    wanted = _form(trainer.training.examples)
    for name, stream in trainer.streams.items():
        if _form(stream.examples) != wanted or not len(stream.examples):
            yield (
                f"extra stream {name} must hold inputs like those of training, {wanted}, "
                f"but got {len(stream.examples)} of {_form(stream.examples)}; bring them to that form"
            )


def _form(examples: DeviceDataset) -> str:
    """Write shape and type of an example; sequences may differ in length."""
    store = examples.store
    return f"{tuple(store.shape[2 if store.ndim == SEQUENCES else 1 :])} {store.dtype}"
