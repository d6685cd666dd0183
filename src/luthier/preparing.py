"""What comes before a training: the recipe and its data are read, looked at and made ready."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from luthier.build import Prepared, prepare
from luthier.core.errors import BadInput, LuthierWarning, raise_all
from luthier.data import SOURCES, Dataset, Task
from luthier.data import load as load_data
from luthier.data.check import Finding, quick
from luthier.planning import Model, add_sources, make_data_config, make_recipe, recipe_values
from luthier.recipe import Recipe


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
