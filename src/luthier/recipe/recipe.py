"""The recipe: everything that decides a training result, frozen, validated, in TOML, with a hash."""

import hashlib
import json
from typing import Annotated, Any, Literal

import tomli_w

from luthier.core.declare import Declared, OneOf, Part, Range, Registry, Search, hyperparameter
from luthier.data.augment import AUGMENTATIONS, Augmentation
from luthier.data.config import DataConfig
from luthier.data.samplers import SAMPLERS, Sampler
from luthier.data.splitters import SPLITTERS, Splitter
from luthier.models import ARCHITECTURES, Architecture
from luthier.models.initialisers import INITIALISERS, Initialiser
from luthier.models.losses import LOSSES, Loss
from luthier.optim import OPTIMIZERS, SCHEDULES, Optimizer, Schedule
from luthier.stats.metrics import METRICS
from luthier.training.trick import Trick
from luthier.training.tricks import TRICKS


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

    >>> from luthier.recipe.read import read_recipe
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


OF_THE_FINGERPRINT = (
    "bad", "dates", "extra", "form", "group", "header", "part", "pseudo_labels", "source", "target", "task", "text",
    "time", "units", "unlabelled",
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
