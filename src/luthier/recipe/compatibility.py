"""Which parts of a recipe go together: every rule in one list, `RULES`, with the stage at which each can be known.

A rule is a function that yields a message for everything that breaks it: the rule, the value received, the remedy.
`check_recipe`, `check_dataset`, `check_split` and `check_network` ask all rules of a stage and return the messages, so
that a caller can raise them at once.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from luthier.data import Dataset, Split
from luthier.data.loader import DeviceDataset
from luthier.data.unlabelled import SEQUENCES, STREAM
from luthier.models import ARCHITECTURES, OwnModule, SequenceArchitecture
from luthier.models.architecture import Shape, find_lone_group, find_lone_norm
from luthier.models.losses import LOSSES
from luthier.recipe.recipe import Recipe
from luthier.recipe.streams import wanted_streams
from luthier.stats.metrics import CLASSES, CLASSIFICATION, METRICS
from luthier.training import Trainer
from luthier.training.trick import conflicts

Stage = Literal["recipe", "dataset", "split", "network"]
Use = Literal["run", "pseudo-labels", "folds", "search", "batch-size", "estimator", "single-epochs"]
"""What a recipe may be used for, where that has rules of its own."""


@dataclass(frozen=True)
class Rule:
    """What must hold.

    stage: from which on it can be known. find: yields what breaks it, given what is known at that stage: the recipe;
    the recipe and the data; these and the parts; or the trainer and the shape of an example. uses: of the recipe, to
    which alone it applies; none are all.
    """

    stage: Stage
    find: Callable[..., Iterable[str]]
    uses: tuple[Use, ...] = ()


def check_recipe(recipe: Recipe, use: Use | None = None) -> list[str]:
    """Say what is wrong with a recipe whatever the data; parts of it that could not be read may be None."""
    return _ask("recipe", use, recipe)


def check_dataset(recipe: Recipe, dataset: Dataset, use: Use | None = None) -> list[str]:
    """Say what a recipe has that is for other data than these."""
    return _ask("dataset", use, recipe, dataset)


def check_split(recipe: Recipe, dataset: Dataset, parts: Split, use: Use | None = None) -> list[str]:
    """Say what a recipe needs of the parts of its data and does not find there."""
    return _ask("split", use, recipe, dataset, parts)


def check_network(trainer: Trainer, shape: Shape) -> list[str]:
    """Say what cannot be trained as it was built. shape: of an example when it reaches the network."""
    return _ask("network", None, trainer, shape)


def _ask(stage: Stage, use: Use | None, *known: object) -> list[str]:
    rules = [rule for rule in RULES if rule.stage == stage and (not rule.uses or use in rule.uses)]
    return [problem for rule in rules for problem in rule.find(*known)]


def find_repeated_augmentations(recipe: Recipe) -> Iterator[str]:
    names = [augmentation.name for augmentation in recipe.augment]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"augment.{name} must be given once, but is given {names.count(name)} times; take one of them out"


def find_no_validation_share(recipe: Recipe) -> Iterator[str]:
    if recipe.split and recipe.split.validation == 0:
        for name, remedy in _in_need_of_validation(recipe):
            yield f"{name} needs a validation part, but split.validation is 0; set it above 0 or {remedy}"


def _in_need_of_validation(recipe: Recipe) -> Iterator[tuple[str, str]]:
    """Name the parts that cannot do without a validation part, each with what else could be done."""
    for trick in recipe.tricks:
        if trick.needs_validation:
            yield f"tricks.{trick.name}", "take the trick out"
    if recipe.schedule and recipe.schedule.needs_validation:
        yield f"schedule.{recipe.schedule.name}", "choose another schedule"
    if recipe.training and recipe.training.calibration != "none":
        yield "training.calibration", "take it out"


def find_spread_targets(recipe: Recipe) -> Iterator[str]:
    if recipe.loss and not recipe.loss.soft:
        for trick in recipe.tricks:
            if trick.spreads_targets:
                yield (
                    f"loss {recipe.loss.name} takes one class per example, but tricks.{trick.name} spreads targets "
                    "over several; take another loss, such as cross-entropy, or take the trick out"
                )


def find_batch_norm_of_single_examples(recipe: Recipe) -> Iterator[str]:
    if recipe.training and recipe.training.batch_size == 1 and getattr(recipe.model, "norm", None) == "batch":
        yield (
            "model.norm = 'batch' needs batches of two examples at least, but training.batch_size is 1; "
            "raise it, or set model.norm = 'group'"
        )


def find_unequal_streams(recipe: Recipe) -> Iterator[str]:
    wanted: dict[str, int] = {}
    for trick in sorted(recipe.tricks, key=lambda trick: trick.name):
        for name, ratio in trick.streams().items():
            if wanted.setdefault(name, ratio) != ratio:
                yield (
                    f"tricks that share an extra stream must want as much of it, but tricks.{trick.name} wants {ratio} "
                    f"examples of {name} per example and another trick {wanted[name]}; give them the same ratio"
                )


def find_frequencies_for_own_module(recipe: Recipe) -> Iterator[str]:
    if recipe.initialiser and recipe.initialiser.class_frequencies and isinstance(recipe.model, OwnModule):
        yield (
            "initialiser.class_frequencies needs an architecture of the catalogue, but the network is the user's own; "
            "set its biases before, or take it out of the recipe"
        )


def find_own_parts(recipe: Recipe, who: str) -> Iterator[str]:
    """Say which parts no other process would know. who: trains in such a one."""
    own = recipe.own_classes()
    if own:
        names = ", ".join(part.name for part in own)
        yield (
            f"{who} trains in processes of their own, which know the names of the catalogue alone, but the recipe "
            f"has {names}; use parts of the catalogue"
        )


def find_calibration_without_run(recipe: Recipe) -> Iterator[str]:
    if recipe.training.calibration != "none":
        yield (
            f"training.calibration is for runs, but got {recipe.training.calibration!r} without one; take it out, and "
            "put the estimator into scikit-learn's CalibratedClassifierCV"
        )


def find_tricks_for_whole_trainings(recipe: Recipe) -> Iterator[str]:
    for trick in recipe.tricks:
        if trick.needs_validation:
            yield f"single epochs have no validation part, but tricks.{trick.name} needs one; use fit"


def find_fold_to_be_dealt(recipe: Recipe) -> Iterator[str]:
    if recipe.split.folds is not None:
        yield (
            f"folds are dealt to the whole of the data, but the recipe is fold {recipe.split.fold} of "
            f"{recipe.split.folds}; take split.folds and split.fold out"
        )


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
    if recipe.data.size:
        yield (
            f"data.size is a side of pictures, but {dataset.name} holds {dataset.form}; "
            "take data.size out of the recipe"
        )
    if recipe.augment:
        yield f"augmentations change pictures, but the data are {dataset.form}; take [augment] out of the recipe"
    for trick in recipe.tricks:
        if trick.needs_pictures:
            yield f"tricks.{trick.name} changes pictures, but {dataset.name} holds {dataset.form}; take the trick out"


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


def find_empty_validation(recipe: Recipe, dataset: Dataset, parts: Split) -> Iterator[str]:
    if not len(parts.validation):
        for name, remedy in _in_need_of_validation(recipe):
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


RULES: tuple[Rule, ...] = (
    Rule("recipe", lambda recipe: conflicts(recipe.tricks)),
    Rule("recipe", find_repeated_augmentations),
    Rule("recipe", lambda recipe: recipe.split.check_settings() if recipe.split else ()),
    Rule("recipe", find_no_validation_share),
    Rule("recipe", find_spread_targets),
    Rule("recipe", find_batch_norm_of_single_examples),
    Rule("recipe", find_unequal_streams),
    Rule("recipe", find_frequencies_for_own_module),
    Rule("recipe", partial(find_own_parts, who="a search"), uses=("search",)),
    Rule("recipe", partial(find_own_parts, who="trying batch sizes"), uses=("batch-size",)),
    Rule("recipe", find_calibration_without_run, uses=("estimator",)),
    Rule("recipe", find_tricks_for_whole_trainings, uses=("single-epochs",)),
    Rule("recipe", find_fold_to_be_dealt, uses=("folds",)),
    Rule("dataset", find_other_data),
    Rule("dataset", find_model_of_other_data),
    Rule("dataset", find_loss_of_other_task),
    Rule("dataset", find_monitor_of_other_task),
    Rule("dataset", find_settings_of_classes),
    Rule("dataset", find_sampling_by_weights),
    Rule("dataset", find_tricks_of_other_task),
    Rule("dataset", find_settings_of_pictures),
    Rule("dataset", find_unused_unlabelled, uses=("run", "folds")),
    Rule("dataset", find_nothing_to_label, uses=("pseudo-labels",)),
    Rule("split", find_empty_validation),
    Rule("split", find_undefined_monitor),
    Rule("split", find_empty_test, uses=("run",)),
    Rule("split", find_nothing_to_compare_on, uses=("search",)),
    Rule("network", find_lone_groups),
    Rule("network", find_lone_batches),
    Rule("network", find_missing_streams),
    Rule("network", find_unlike_streams),
)
