"""Rules between the settings of a recipe, whatever the data; parts that could not be read are None."""

from collections.abc import Iterator

from luthier.models import OwnModule
from luthier.models.initialisers import INITIALISERS
from luthier.recipe.recipe import DEFAULTS, Recipe


def find_repeated_augmentations(recipe: Recipe) -> Iterator[str]:
    names = [augmentation.name for augmentation in recipe.augment]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"augment.{name} must be given once, but is given {names.count(name)} times; take one of them out"


def find_no_validation_share(recipe: Recipe) -> Iterator[str]:
    if recipe.split and recipe.split.validation == 0:
        for name, remedy in in_need_of_validation(recipe):
            yield f"{name} needs a validation part, but split.validation is 0; set it above 0 or {remedy}"


def in_need_of_validation(recipe: Recipe) -> Iterator[tuple[str, str]]:
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


def find_initialiser_of_own_module(recipe: Recipe) -> Iterator[str]:
    if not isinstance(recipe.model, OwnModule) or not recipe.initialiser:
        return
    if recipe.initialiser.class_frequencies:
        yield (
            "initialiser.class_frequencies needs an architecture of the catalogue, but the network is the user's own; "
            "set its biases before, or take it out of the recipe"
        )
    elif recipe.initialiser != INITIALISERS.members[DEFAULTS["initialiser"]]():
        yield (
            f"an initialiser needs an architecture of the catalogue, but got {recipe.initialiser.name} where the "
            "network is the user's own, which starts from its own weights; take [initialiser] out of the recipe"
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
