"""Which parts of a recipe go together: every rule in one list, `RULES`, with the stage at which each can be known.

A rule is a function that yields a message for everything that breaks it: the rule, the value received, the remedy.
`check_recipe`, `check_dataset`, `check_split` and `check_network` ask all rules of a stage and return the messages, so
that a caller can raise them at once.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from luthier.data import Dataset, Split
from luthier.data.followed import find_unfollowed
from luthier.models.architecture import Shape
from luthier.recipe.compatibility.data import (
    find_loss_of_other_task,
    find_model_of_other_data,
    find_monitor_of_other_task,
    find_nothing_to_label,
    find_other_data,
    find_sampling_by_weights,
    find_settings_of_classes,
    find_settings_of_given_parts,
    find_settings_of_pictures,
    find_tricks_of_other_task,
    find_unused_unlabelled,
)
from luthier.recipe.compatibility.parts import (
    find_empty_test,
    find_empty_validation,
    find_lone_batches,
    find_lone_groups,
    find_missing_streams,
    find_nothing_to_compare_on,
    find_undefined_monitor,
    find_unlike_streams,
)
from luthier.recipe.compatibility.settings import (
    find_batch_norm_of_single_examples,
    find_calibration_without_run,
    find_fold_to_be_dealt,
    find_initialiser_of_own_module,
    find_no_validation_share,
    find_own_parts,
    find_repeated_augmentations,
    find_spread_targets,
    find_tricks_for_whole_trainings,
    find_unequal_streams,
)
from luthier.recipe.recipe import Recipe
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


RULES: tuple[Rule, ...] = (
    Rule("recipe", lambda recipe: conflicts(recipe.tricks)),
    Rule("recipe", find_repeated_augmentations),
    Rule("recipe", lambda recipe: recipe.split.check_settings() if recipe.split else ()),
    Rule("recipe", find_no_validation_share),
    Rule("recipe", find_spread_targets),
    Rule("recipe", find_batch_norm_of_single_examples),
    Rule("recipe", find_unequal_streams),
    Rule("recipe", find_initialiser_of_own_module),
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
    Rule("dataset", lambda recipe, dataset: find_unfollowed(recipe.data, dataset)),
    Rule("dataset", find_settings_of_pictures),
    Rule("dataset", find_settings_of_given_parts),
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
