"""Rules between a recipe and its data: what is for other data than these."""

from collections.abc import Iterator

from luthier.data import Dataset
from luthier.data.splitters import Stratified
from luthier.data.unlabelled import STREAM
from luthier.models import ARCHITECTURES, OwnModule, SequenceArchitecture
from luthier.models.losses import LOSSES
from luthier.recipe.recipe import Recipe
from luthier.stats.metrics import METRICS


def _but(dataset: Dataset) -> str:
    return f"but {dataset.name} is for {dataset.task}"


def find_other_data(recipe: Recipe, dataset: Dataset) -> Iterator[str]:
    known = recipe.data.fingerprint
    if known not in (None, dataset.fingerprint):
        yield (
            f"the recipe was made for data with fingerprint {known[:12]}, "
            f"but {dataset.name} has {dataset.fingerprint[:12]}; "
            "restore the data, or take data.fingerprint out of the recipe to train on the new ones"
        )
    if recipe.data.columns not in (None, dataset.columns):
        columns, got = (", ".join(names or ["none"]) for names in (recipe.data.columns, dataset.columns))
        yield f"the recipe was made for columns {columns}, but {dataset.name} has {got}; restore their names and order"


def find_model_of_other_data(recipe: Recipe, dataset: Dataset) -> Iterator[str]:
    model = recipe.model
    if dataset.task not in model.tasks:
        yield (
            f"model {model.name} is for {' and '.join(model.tasks)}, {_but(dataset)}; "
            "choose another, such as lenet5 or mlp"
        )
    if dataset.form in ("sequences", "text") and not isinstance(model, SequenceArchitecture | OwnModule):
        known = ", ".join(name for name, one in ARCHITECTURES.members.items() if issubclass(one, SequenceArchitecture))
        yield f"{model.name} reads no sequences, but {dataset.name} holds {dataset.form}; choose one of {known}"


def find_loss_of_other_task(recipe: Recipe, dataset: Dataset) -> Iterator[str]:
    loss = recipe.loss
    if dataset.task not in loss.tasks:
        known = ", ".join(name for name, one in LOSSES.members.items() if dataset.task in one.tasks)
        yield f"loss {loss.name} is for {' and '.join(loss.tasks)}, {_but(dataset)}; choose one of {known}"


def find_monitor_of_other_task(recipe: Recipe, dataset: Dataset) -> Iterator[str]:
    monitor = recipe.training.monitor
    if dataset.task not in METRICS[monitor].tasks:
        known = ", ".join(name for name, metric in METRICS.items() if dataset.task in metric.tasks)
        yield f"training.monitor must be a metric of the task, {_but(dataset)}, {monitor} is not; choose one of {known}"


def find_settings_of_classes(recipe: Recipe, dataset: Dataset) -> Iterator[str]:
    training, sampling = recipe.training, recipe.sampling
    if dataset.classes:
        return
    if training.class_weights != "none":
        yield f"training.class_weights = {training.class_weights!r} needs classes, {_but(dataset)}; take it out"
    if training.calibration != "none":
        yield f"training.calibration mends probabilities of classes, {_but(dataset)}; take it out"
    if sampling.needs_classes:
        yield f"sampling.{sampling.name} needs classes, {_but(dataset)}; choose another, such as shuffled"
    if recipe.initialiser.class_frequencies:
        yield "initialiser.class_frequencies needs classes, but the data hold values; take it out of the recipe"


def find_sampling_by_weights(recipe: Recipe, dataset: Dataset) -> Iterator[str]:
    if recipe.sampling.uses_weights and dataset.weights is None:
        yield (
            f"sampling.{recipe.sampling.name} needs the weight of each example, but {dataset.name} has none; "
            "pass weights= or choose another, such as shuffled"
        )


def find_tricks_of_other_task(recipe: Recipe, dataset: Dataset) -> Iterator[str]:
    for trick in recipe.tricks:
        if dataset.task not in trick.tasks:
            yield f"tricks.{trick.name} is for {' and '.join(trick.tasks)}, {_but(dataset)}; take the trick out"


def find_settings_of_pictures(recipe: Recipe, dataset: Dataset) -> Iterator[str]:
    if dataset.is_picture:
        return
    if recipe.augment:
        yield f"augmentations change pictures, but the data are {dataset.form}; take [augment] out of the recipe"
    for trick in recipe.tricks:
        if trick.needs_pictures:
            yield f"tricks.{trick.name} changes pictures, but {dataset.name} holds {dataset.form}; take the trick out"


def find_settings_of_given_parts(recipe: Recipe, dataset: Dataset) -> Iterator[str]:
    """Find settings of parts to be drawn where the data give these parts themselves."""
    way, usual = recipe.split, Stratified()
    if dataset.official_validation is None:
        return
    if way.validation != usual.validation:
        yield (
            f"split.validation is the share of a validation part to be drawn, but got {way.validation} where "
            f"{dataset.name} gives that part; take split.validation out, or the part out of the data"
        )
    if dataset.official_test is not None and way.folds is None and way.name != usual.name:
        yield (
            f"split.name says how parts are drawn, but got {way.name!r} where {dataset.name} gives all of them; "
            "take split.name out, or the parts out of the data"
        )


def find_unused_unlabelled(recipe: Recipe, dataset: Dataset) -> Iterator[str]:
    learns = recipe.data.pseudo_labels or any(STREAM in trick.streams() for trick in recipe.tricks)
    if dataset.unlabelled is not None and not learns:
        yield (
            f"unlabelled examples are for tricks that learn from them, but nothing uses these {len(dataset.unlabelled)}"
            "; add --set tricks.fixmatch.weight=1 or --set tricks.mean-teacher.weight=10, or --pseudo-labels 5"
        )


def find_nothing_to_label(recipe: Recipe, dataset: Dataset) -> Iterator[str]:
    if dataset.unlabelled is None:
        yield (
            "--pseudo-labels needs examples without labels, but there are none; "
            "give them with --unlabelled, or unlabelled= in Python"
        )
    if not dataset.classes:
        yield f"--pseudo-labels gives classes, but {dataset.name} is for regression; leave it out"
    if dataset.extra is not None:
        yield (
            "--pseudo-labels makes extra examples of its own, but there are extra ones already; "
            "put those among the data, or leave them out"
        )
