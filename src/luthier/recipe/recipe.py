"""The recipe: everything that decides a training result, frozen, validated, in TOML, with a hash."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

import tomli_w

from luthier.core.declare import Declared, OneOf, Part, Range, Registry, Search, hyperparameter, read
from luthier.core.errors import BadInput, nearest, raise_all
from luthier.data.augment import AUGMENTATIONS, Augmentation
from luthier.data.config import DataConfig
from luthier.data.dataset import Dataset
from luthier.data.samplers import SAMPLERS, Sampler
from luthier.data.splitters import SPLITTERS, Splitter
from luthier.models import ARCHITECTURES, Architecture, OwnModule
from luthier.models.initialisers import INITIALISERS, Initialiser
from luthier.models.losses import LOSSES, Loss
from luthier.optim import OPTIMIZERS, SCHEDULES, Optimizer, Schedule
from luthier.recipe.compatibility import check_recipe_fits
from luthier.stats.metrics import METRICS
from luthier.training.trick import Trick, conflicts, sort_tricks
from luthier.training.tricks import TRICKS

LARGEST_FILE = 1 << 20


LENET_SIDE = 40


LARGEST_SEED = (1 << 63) - 1


class TrainingConfig(Declared):
    """How long and in what portions."""

    epochs: int = hyperparameter(
        20, bounds=Range(1), search=Search(5, 100, log=True), description="how often each example is seen"
    )
    batch_size: int = hyperparameter(
        64,
        bounds=Range(1),
        search=Search(16, 512, log=True),
        description="examples per step; batches of an epoch differ by one at most",
    )
    monitor: Annotated[str, OneOf(METRICS)] = hyperparameter(
        "accuracy",
        description="the metric on the validation part that decides; by default r2 where values are predicted",
    )
    class_weights: Literal["none", "balanced"] = hyperparameter(
        "none",
        description="how classes count in the training loss: balanced weighs each by the inverse of its frequency",
    )
    calibration: Literal["none", "temperature"] = hyperparameter(
        "none",
        description="how probabilities are mended on the validation part; temperature makes all more or less certain",
    )


class Recipe(Declared):
    """One training, completely described; the same resolved recipe gives the same result.

    >>> recipe = read_recipe({"model": "lenet5", "training": {"epochs": 3}})
    >>> recipe.training.epochs, recipe.optimizer.name
    (3, 'adamw')
    """

    seed: int
    data: DataConfig
    split: Splitter
    training: TrainingConfig
    model: Architecture
    initialiser: Initialiser
    loss: Loss
    optimizer: Optimizer
    schedule: Schedule
    sampling: Sampler
    augment: tuple[Augmentation, ...]
    tricks: tuple[Trick, ...]

    def own_classes(self) -> tuple[type[Part], ...]:
        """Classes of the parts that are the user's own, not in a catalogue."""
        single = [(getattr(self, name), family) for name, family in FAMILIES.items()]
        several = [(part, family) for name, family in TABLES.items() for part in getattr(self, name)]
        parts = single + several
        outer = [type(part) for part, family in parts if family.members.get(part.name) is not type(part)]
        return tuple(dict.fromkeys((*outer, *(inner for part, _ in parts for inner in part.inner_own()))))

    def dump(self) -> dict[str, Any]:
        """Turn the recipe into plain nested values."""
        sections = {name: getattr(self, name).dump() for name in (*PLAIN, *FAMILIES)}
        tables = {name: {part.name: _without_name(part.dump()) for part in getattr(self, name)} for name in TABLES}
        return {"seed": self.seed, **sections, **tables}

    def to_toml(self) -> str:
        """Write the recipe as TOML that `read_recipe` reads back."""
        return tomli_w.dumps(self.dump())

    def hash(self, with_seed: bool = True) -> str:
        """SHA-256 of what decides the result; the data count by their fingerprint, not by where they lie."""
        values = self.dump()
        for name in OF_THE_FINGERPRINT:
            values["data"].pop(name, None)
        values["augment"] = list(values["augment"].items())
        if not with_seed:
            values.pop("seed")
        return hashlib.sha256(json.dumps(values, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    def resolve(self, dataset: Dataset) -> "Recipe":
        """Fill in what the data decide: the fingerprint and the size of pictures.

        Raises BadInput where the recipe is made for other data than these, or for another task.
        """
        known = self.data.fingerprint
        if known not in (None, dataset.fingerprint):
            raise BadInput(
                f"the recipe was made for data with fingerprint {known[:12]}, "
                f"but {dataset.name} has {dataset.fingerprint[:12]}; "
                "restore the data, or take data.fingerprint out of the recipe to train on the new ones"
            )
        if self.data.size and not dataset.is_picture:
            raise BadInput(
                f"data.size is a side of pictures, but {dataset.name} holds {dataset.form}; "
                "take data.size out of the recipe"
            )
        raise_all(check_recipe_fits(self, dataset))
        size = (self.data.size or self.model.card.native_size or max(dataset.shape[1:])) if dataset.is_picture else None
        data = self.data.model_copy(update={"fingerprint": dataset.fingerprint, "size": size})
        return self.model_copy(update={"data": data})


OF_THE_FINGERPRINT = (
    "bad", "extra", "form", "group", "part", "pseudo_labels", "source", "target", "task", "text", "time", "unlabelled",
)  # fmt: skip
"""What a recipe says of its data that the fingerprint says too, by what these came to."""


def _without_name(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != "name"}


PLAIN: dict[str, type[Declared]] = {"data": DataConfig, "training": TrainingConfig}


FAMILIES: dict[str, Registry[Any]] = {
    "split": SPLITTERS,
    "model": ARCHITECTURES,
    "initialiser": INITIALISERS,
    "loss": LOSSES,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "sampling": SAMPLERS,
}


TABLES: dict[str, Registry[Any]] = {"augment": AUGMENTATIONS, "tricks": TRICKS}


DEFAULTS = {
    "split": "stratified",
    "model": "lenet5",
    "initialiser": "he-normal",
    "loss": "cross-entropy",
    "optimizer": "adamw",
    "schedule": "one-cycle",
    "sampling": "shuffled",
}


def read_recipe(values: Mapping[str, Any], own: Sequence[type[Part]] = ()) -> Recipe:
    """Build a recipe from nested plain values, with objects where the user has parts of their own.

    own: classes of such parts, so that plain values may name them.
    Raises BadInput with every broken rule, one line each.
    """
    problems: list[str] = []
    known = {"seed", *PLAIN, *FAMILIES, *TABLES}
    problems += [
        f"{key} is not a section that exists; {nearest(key, known)}" for key in map(str, values) if key not in known
    ]
    model = values.get("model", DEFAULTS["model"])
    if (model.get("name") if isinstance(model, Mapping) else model) == OwnModule.name:
        own = (*own, OwnModule)  # not otherwise: no one can choose it by name
    architecture = ARCHITECTURES.read(model, "model", problems, own)
    layered = _lay_over_suggested(architecture.card.suggests if architecture else {}, values)
    parts: dict[str, Any] = {"model": architecture, "seed": _seed(values.get("seed", 0), problems)}
    parts |= {name: read(cls, layered.get(name, {}), name, problems) for name, cls in PLAIN.items()}
    families = {name: family for name, family in FAMILIES.items() if name != "model"}
    parts |= {name: family.read(layered[name], name, problems, own) for name, family in families.items()}
    parts |= {name: _table(family, values.get(name, {}), name, problems, own) for name, family in TABLES.items()}
    problems += conflicts(parts["tricks"])
    names = [part.name for part in parts["augment"]]
    problems += [
        f"augment.{name} must be given once, but is given {names.count(name)} times; take one of them out"
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    problems += parts["split"].check_settings() if parts["split"] else []
    if parts["split"] and parts["split"].validation == 0:
        problems += [
            f"{name} needs a validation part, but split.validation is 0; set it above 0 or {remedy}"
            for name, remedy in parts_needing_validation(parts["tricks"], parts["schedule"], parts["training"])
        ]
    if parts["loss"] and not parts["loss"].soft:
        problems += [
            f"loss {parts['loss'].name} takes one class per example, but tricks.{trick.name} spreads targets over "
            "several; take another loss, such as cross-entropy, or take the trick out"
            for trick in parts["tricks"]
            if trick.spreads_targets
        ]
    if parts["training"] and parts["training"].batch_size == 1 and getattr(architecture, "norm", None) == "batch":
        problems.append(
            "model.norm = 'batch' needs batches of two examples at least, but training.batch_size is 1; "
            "raise it, or set model.norm = 'group'"
        )
    raise_all(problems)
    return Recipe(**{**parts, "tricks": sort_tricks(parts["tricks"])})


def parts_needing_validation(
    tricks: Sequence[Trick], schedule: Schedule | None, training: TrainingConfig | None
) -> list[tuple[str, str]]:
    """Name the parts that cannot do without a validation part, each with what else could be done."""
    needy = [(f"tricks.{trick.name}", "take the trick out") for trick in tricks if trick.needs_validation]
    if schedule and schedule.needs_validation:
        needy.append((f"schedule.{schedule.name}", "choose another schedule"))
    if training and training.calibration != "none":
        needy.append(("training.calibration", "take it out"))
    return needy


def _lay_over_suggested(suggests: Mapping[str, object], values: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the user's values over what the architecture suggests, and that over the defaults."""
    below: dict[str, Any] = {**DEFAULTS, **suggests}
    return {**below, **{key: _lay_over(below.get(key, {}), value) for key, value in values.items()}}


def _lay_over(below: Any, value: Any) -> Any:
    """A table extends the one below it, unless it names another member of the family."""
    base = {"name": below} if isinstance(below, str) else below
    if not isinstance(value, Mapping) or value.get("name", base.get("name")) != base.get("name"):
        return value
    return {**base, **value}


def _seed(value: object, problems: list[str]) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_SEED:
        return value
    problems.append(f"seed must be a whole number from 0 to {LARGEST_SEED}, but got {value!r}; set it with --seed 0")
    return 0


def _table(
    family: Registry[Any], values: Any, where: str, problems: list[str], own: Sequence[type[Part]]
) -> tuple[Any, ...]:
    """Read a table of parts by name, or a sequence of names and objects."""
    if isinstance(values, Mapping):
        specs: Iterable[Any] = [
            {"name": name, **one} if isinstance(one, Mapping) else (name, one) for name, one in values.items()
        ]
    elif isinstance(values, list | tuple):
        specs = values
    else:
        problems.append(f"{where} must be a table of parts, but got {values!r}; write [{where}.NAME]")
        return ()
    return tuple(part for spec in specs if (part := _member(family, spec, where, problems, own)) is not None)


def _member(family: Registry[Any], spec: Any, where: str, problems: list[str], own: Sequence[type[Part]]) -> Any:
    if isinstance(spec, tuple):
        problems.append(
            f"{where}.{spec[0]} must be a table of settings, but got {spec[1]!r}; "
            f"write [{where}.{spec[0]}] and its keys"
        )
        return None
    name = spec.get("name") if isinstance(spec, Mapping) else spec
    return family.read(spec, f"{where}.{name}" if isinstance(name, str) else where, problems, own)
