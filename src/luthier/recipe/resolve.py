"""From what the user gives to the recipe that a training follows."""

import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from luthier.core.declare import Declared, Part
from luthier.core.errors import BadInput, LuthierWarning, raise_all
from luthier.data import SOURCES, DataConfig, Dataset, Task
from luthier.data import load as load_data
from luthier.data.check import Finding, quick
from luthier.data.unlabelled import STREAM
from luthier.models import ARCHITECTURES, Architecture
from luthier.recipe.build import Prepared, describe_module, prepare
from luthier.recipe.compatibility import USUAL
from luthier.recipe.recipe import LENET_SIDE, Recipe, read_recipe
from luthier.recipe.values import read_toml, with_value

SHORT = {
    "epochs": ("training", "epochs"),
    "batch_size": ("training", "batch_size"),
    "learning_rate": ("optimizer", "learning_rate"),
    "monitor": ("training", "monitor"),
    "weight_decay": ("optimizer", "weight_decay"),
}
"""Keyword arguments of `train` for the settings that everybody changes."""


SHOWN = 40
"""Letters of a file's name that the name of a new directory takes up."""


Model = str | Mapping[str, Any] | Architecture | nn.Module


def make_recipe(
    data: Any,
    dataset: Dataset,
    model: Model | None = None,
    recipe: Recipe | Mapping[str, Any] | Path | str | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Recipe:
    """The recipe that `train` would follow: what is given over the file, defaults below both."""
    values, own = _lay_over(recipe_values(recipe), overrides or {}, model)
    section = values.get("data", {})
    if isinstance(section, Mapping):
        values["data"] = {**section, "source": _source(data), "task": dataset.task}
    chosen = values.get("model", {})
    if isinstance(chosen, Mapping) and "name" not in chosen:
        values["model"] = {"name": default_model(dataset), **chosen}
    return read_recipe(fill_task_defaults(values, dataset), own)


def _lay_over(
    given: Mapping[str, Any], overrides: Mapping[str, Any], model: Model | None
) -> tuple[dict[str, Any], tuple[type[Part], ...]]:
    """Lay the overrides and the model over a recipe's values; with the classes of the user's own parts in them."""
    own = tuple(type(part) for part in (*given.values(), *overrides.values()) if isinstance(part, Part))
    plain = {key: one.item() if isinstance(one, np.generic) else one for key, one in overrides.items()}
    values = _override(dict(given), plain)
    if model is not None:
        values["model"] = describe_module(model) if isinstance(model, nn.Module) else model
    return values, own


def make_data_config(
    given: Mapping[str, Any], overrides: Mapping[str, Any], model: Model | None = None, task: Task = "auto"
) -> DataConfig:
    """How the data are to be read: as the recipe says, its size by default that of the architecture it names.

    Raises BadInput with everything that is wrong with the recipe and does not depend on the data, as to read these may
    take long. Settings of an architecture that nobody named must wait until they are there.
    """
    values, own = _lay_over(given, overrides, model)
    if isinstance(values.get("data", {}), Mapping | DataConfig):
        values["data"] = {**_section(given), **_section(overrides), **({} if task == "auto" else {"task": task})}
    chosen = values.get("model")
    if isinstance(chosen, Mapping) and "name" not in chosen:
        del values["model"]
    settings = read_recipe(values, own).data
    named = model if model is not None else overrides.get("model", given.get("model"))
    return settings if settings.size else settings.model_copy(update={"size": _native_size(named)})


def _section(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The data section of a recipe's values; none where it is no table."""
    section = values.get("data", {})
    if isinstance(section, DataConfig):
        return section.dump()
    return section if isinstance(section, Mapping) else {}


def _native_size(model: Model | None) -> int | None:
    """Side of the pictures that a named or declared architecture wants by itself; None where there is none."""
    if isinstance(model, Architecture):
        return model.card.native_size
    name = model.get("name") if isinstance(model, Mapping) else model
    found = ARCHITECTURES.members.get(name) if isinstance(name, str) else None
    return found.card.native_size if found else None


def recipe_values(recipe: Recipe | Mapping[str, Any] | Path | str | None) -> dict[str, Any]:
    """Nested values of a recipe in any of its forms; none of None."""
    if recipe is None:
        return {}
    if isinstance(recipe, Recipe):
        return objects(recipe)
    if isinstance(recipe, Mapping):
        return dict(recipe)
    if not isinstance(recipe, str | Path):
        raise BadInput(
            f"recipe must be a Recipe, a dict or the path of a TOML file, but got {recipe!r}; pass one of these"
        )
    return read_toml(Path(recipe))


def objects(recipe: Recipe) -> dict[str, Any]:
    """The recipe's values, its parts as objects, so that a user's own parts survive."""
    plain = recipe.dump()
    parts = {name: getattr(recipe, name) for name in plain if name not in ("seed", "data", "training")}
    return {**plain, **parts}


def _override(values: dict[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in overrides.items():
        if name in SHORT:
            section, key = SHORT[name]
            below = values.get(section, {})
            values = {**values, section: below.dump() if isinstance(below, Declared) else below}
            values = with_value(values, f"{section}.{key}", value)
        else:
            values = {**values, name: value}
    return values


def add_sources(values: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Name further examples that were passed, such as extra=, in a recipe's values; None are none."""
    section = values.get("data", {})
    named = {name: _source(one) for name, one in more.items() if one is not None}
    if not named or not isinstance(section, Mapping):
        return dict(values)
    return {**values, "data": {**section, **named}}


def check_unlabelled_used(recipe: Recipe, dataset: Dataset) -> list[str]:
    """Say where there are unlabelled examples and nothing in the recipe that learns from them."""
    if dataset.unlabelled is None or recipe.data.pseudo_labels or any(STREAM in one.streams() for one in recipe.tricks):
        return []
    return [
        f"unlabelled examples are for tricks that learn from them, but nothing uses these {len(dataset.unlabelled)}; "
        "add --set tricks.fixmatch.weight=1 or --set tricks.mean-teacher.weight=10, or --pseudo-labels 5"
    ]


def _source(data: Any) -> str:
    """How the recipe names its data: a path in full, so that it is found from anywhere."""
    name = data.name if isinstance(data, Dataset) else str(data) if isinstance(data, str | Path) else ""
    if name in SOURCES:
        return name
    if not isinstance(data, str | Path):
        return "arrays"
    source = str(Path(data).resolve()) if Path(data).exists() else name
    if source.encode(errors="ignore").decode() != source:
        raise BadInput(f"a path must be Unicode to stand in a recipe, but got {source!r}; rename the file or folder")
    return source


def stored_source(recipe: Recipe, data: Any) -> Any:
    if data is not None:
        return data
    if recipe.data.source == "arrays":
        raise BadInput(
            "a run needs its data again, but it was trained on arrays that no file holds; "
            "pass them from Python as data=(X, y)"
        )
    return recipe.data.source


def new_directory(recipe: Recipe, below: Path | str = "runs") -> Path:
    """Make a directory that did not exist, even where others do so too: the time, the data, the architecture."""
    source = recipe.data.source
    data = Path(source).stem[:SHOWN] if "/" in source else source
    name = f"{datetime.now():%Y%m%d-%H%M%S}-{data}-{recipe.model.name}"
    try:
        Path(below).mkdir(parents=True, exist_ok=True)
        for number in count(1):
            path = Path(below) / (name if number == 1 else f"{name}-{number}")
            with suppress(FileExistsError):
                path.mkdir()
                break
    except OSError as error:
        raise BadInput(f"{below} must be a directory to write in, but is not ({error.strerror}); use --out") from None
    return path


def default_model(dataset: Dataset) -> str:
    """The architecture where nobody named one.

    mlp for rows, gru for sequences and texts, lenet5 for small pictures, resnet20 for larger ones.

    Its native size, to which pictures are brought unless data.size says otherwise, keeps a first training short.
    """
    if not dataset.is_picture:
        return "mlp" if dataset.form == "rows" else "gru"
    side = dataset.side or max(dataset.shape[1:])
    return "lenet5" if side <= LENET_SIDE else "resnet20"


def fill_task_defaults(values: Mapping[str, Any], dataset: Dataset) -> dict[str, Any]:
    """Fill in the loss and the deciding metric of regression where the values name none.

    >>> from luthier.data import load
    >>> fill_task_defaults({}, load(([[0], [1], [2], [3], [4]], [0.5, 1.5, 2, 3, 4])))
    {'loss': 'mse', 'training': {'monitor': 'r2'}}
    """
    if dataset.task == "classification":
        return dict(values)
    training = values.get("training", {})
    if isinstance(training, Mapping):
        training = {"monitor": USUAL[dataset.task], **training}
    return {"loss": "mse", **values, "training": training}


def read_recipe_and_data(
    data: Any,
    model: Model | None,
    recipe: Recipe | Mapping[str, Any] | Path | str | None,
    overrides: Mapping[str, Any],
    *,
    data_dir: Path | str | None,
    task: Task,
    **known: Any,
) -> tuple[Recipe, Dataset]:
    """The recipe to follow, resolved, and the data that it is about; known: what `luthier.data.load` is told beside."""
    given = add_sources(recipe_values(recipe), extra=known["extra"], unlabelled=known["unlabelled"])
    settings = make_data_config(given, overrides, model, task)
    dataset = load_data(data, path_of(data_dir), settings, **known)
    return make_recipe(data, dataset, model, given, overrides).resolve(dataset), dataset


def pre_flight(recipe: Recipe, dataset: Dataset, allow_leaks: bool) -> tuple[Finding, ...]:
    """Refuse data on which a training would be worth nothing; return what may spoil it."""
    findings = quick(dataset, allow_leaks=allow_leaks or recipe.data.source in SOURCES)
    raise_all(one.line for one in findings if one.severity == "stop")
    return findings


def warn_of_findings(findings: Sequence[Finding]) -> None:
    """Warn of what may spoil a training."""
    for one in findings:
        warnings.warn(one.line, LuthierWarning, stacklevel=3)


def prepare_run(
    recipe: Recipe,
    dataset: Dataset,
    place: torch.device,
    module: nn.Module | None,
    extra: Mapping[str, np.ndarray] | None = None,
) -> Prepared:
    """Build all that a training needs; refuse one without a test part."""
    prepared = prepare(recipe, dataset, place, module, extra)
    if not len(prepared.test):
        fewest = "3 that differ to a class" if dataset.classes else "3 that differ"
        raise BadInput(
            f"a run needs a test part, but {dataset.name} leaves it none of its {len(dataset)} examples; "
            f"give at least {fewest}"
        )
    return prepared


def path_of(folder: Path | str | None) -> Path | None:
    """A folder as the rooms below take it."""
    return None if folder is None else Path(folder)


def module_of(model: object) -> nn.Module | None:
    """The user's own network, where the model is one."""
    return model if isinstance(model, nn.Module) else None
