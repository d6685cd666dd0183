"""From what the user gives to the recipe that a training follows: merged once, read once, resolved once."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn

from luthier.core.declare import Part
from luthier.core.errors import BadInput, LuthierWarning, raise_all, with_article
from luthier.data import SOURCES, DataArguments, Dataset
from luthier.data.check import Finding, check_quickly
from luthier.models import ARCHITECTURES, Architecture
from luthier.models.losses import MSE, CrossEntropy
from luthier.recipe.compatibility import check_dataset, check_recipe
from luthier.recipe.network import describe_module
from luthier.recipe.read import Draft, read_draft
from luthier.recipe.recipe import FAMILIES, Recipe
from luthier.recipe.values import RecipeLike, lay_over, recipe_values
from luthier.stats.metrics import CLASSES, VALUES

LENET_SIDE = 40
"""Pixels up to which pictures are small enough for lenet5."""

USUAL = {CLASSES: "accuracy", VALUES: "r2"}
"""The metric that decides where nobody named one."""

Model = str | Mapping[str, Any] | Architecture | nn.Module


def load_and_resolve(
    data: DataArguments,
    model: Model | None = None,
    recipe: RecipeLike = None,
    overrides: Mapping[str, Any] | None = None,
) -> tuple[Recipe, Dataset]:
    """Read a recipe, load its data, and resolve the one against the other; each of these once."""
    draft = read_draft(*merge_values(data, model, recipe, overrides or {}))
    dataset = data.load(draft.data)
    return resolve(decide(draft, dataset), dataset), dataset


def merge_values(
    data: DataArguments,
    model: Model | None = None,
    recipe: RecipeLike = None,
    overrides: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], tuple[type[Part], ...]]:
    """Lay the overrides, the model and what names the data over a recipe's values; and collect classes of own parts."""
    _check_model(model)
    given, over = recipe_values(recipe), overrides or {}
    own = tuple(type(part) for part in (*given.values(), *over.values()) if isinstance(part, Part))
    values = lay_over(given, over)
    if model is not None:
        values["model"] = describe_module(model) if isinstance(model, nn.Module) else model
    section = values.get("data", {})
    if isinstance(section, Mapping):
        values["data"] = {**section, **data.section()}
    return values, own


def _check_model(model: object) -> None:
    """Refuse values in the place of a model: the y of an X that was not put into a pair with it."""
    if hasattr(model, "__len__") and not isinstance(model, str | Mapping | Part | nn.Module):
        raise BadInput(
            "a model must be a name, a table of settings, a declared architecture or an nn.Module, but got "
            f"{with_article(type(model).__name__)}; where it is y, pass X and y as one pair, (X, y)"
        )


def decide(draft: Draft, dataset: Dataset) -> Recipe:
    """Fill in what the data decide: the architecture and what it suggests, the loss, and the metric that decides.

    Raises BadInput where settings are none of that architecture, or do not go together with it.

    >>> from luthier.data import load
    >>> recipe = decide(read_draft({}), load(([[0], [1], [2], [3], [4]], [0.5, 1.5, 2, 3, 4])))
    >>> recipe.model.name, recipe.loss.name, recipe.training.monitor
    ('mlp', 'mse', 'r2')
    """
    recipe, parts = draft.recipe, dict[str, Any]()
    if "model" in draft.open:
        parts["model"] = _default_architecture(draft, dataset)
        parts |= _lay_under(parts["model"].card.suggests, draft)
    if "loss" in draft.open:
        parts["loss"] = MSE() if dataset.task == VALUES else parts.get("loss") or recipe.loss or CrossEntropy()
    if "monitor" in draft.open:
        parts["training"] = recipe.training.model_copy(update={"monitor": USUAL[dataset.task]})
    decided = recipe.model_copy(update=parts)
    raise_all(check_recipe(decided))
    return decided


def _default_architecture(draft: Draft, dataset: Dataset) -> Architecture:
    """Give the settings that were to wait to the architecture that the data ask for."""
    problems: list[str] = []
    settings = {"name": default_model(dataset), **draft.values.get("model", {})}
    architecture = ARCHITECTURES.read(settings, "model", problems, draft.own)
    raise_all(problems)
    assert architecture is not None
    return architecture


def _lay_under(suggests: Mapping[str, Any], draft: Draft) -> dict[str, Part]:
    """Lay what an architecture suggests under the settings that were given; a name or an object says all itself."""
    parts: dict[str, Part] = {}
    for section in suggests.keys() & FAMILIES.keys():
        given, part = draft.values.get(section, {}), getattr(draft.recipe, section)
        below: Part = FAMILIES[section].read(suggests[section], section, [])  # type: ignore[assignment]  # it can be read
        if section not in draft.values:
            parts[section] = below
        elif isinstance(given, Mapping) and type(part) is type(below):
            settings = {name: getattr(part, name) for name in part.model_fields_set}
            parts[section] = below.model_copy(update=settings)
    return parts


def default_model(dataset: Dataset) -> str:
    """The architecture where nobody named one.

    mlp for rows, gru for sequences and texts, lenet5 for small pictures, resnet20 for larger ones.

    Its native size, to which pictures are brought unless data.size says otherwise, keeps a first training short.
    """
    if not dataset.is_picture:
        return "mlp" if dataset.form == "rows" else "gru"
    side = dataset.side or max(dataset.shape[1:])
    return "lenet5" if side <= LENET_SIDE else "resnet20"


def resolve(recipe: Recipe, dataset: Dataset) -> Recipe:
    """Fill in what the data say: their fingerprint, columns and task, and the size of pictures.

    A recipe that was resolved before columns were noted keeps its hash: they stay open.
    Raises BadInput where the recipe is made for other data than these, or for another task.
    """
    raise_all(check_dataset(recipe, dataset))
    size = recipe.data.size or recipe.model.card.native_size or max(dataset.shape[1:]) if dataset.is_picture else None
    columns = recipe.data.columns if recipe.data.fingerprint else dataset.columns
    filled = {"fingerprint": dataset.fingerprint, "columns": columns, "size": size, "task": dataset.task}
    return recipe.model_copy(update={"data": recipe.data.model_copy(update=filled)})


def pre_flight(recipe: Recipe, dataset: Dataset, allow_leaks: bool) -> tuple[Finding, ...]:
    """Refuse data on which a training would be worth nothing; return what may spoil it."""
    findings = check_quickly(dataset, allow_leaks=allow_leaks or recipe.data.source in SOURCES)
    raise_all(one.line for one in findings if one.severity == "stop")
    return findings


def warn_of_findings(findings: Sequence[Finding]) -> None:
    """Warn of what may spoil a training."""
    for one in findings:
        warnings.warn(one.line, LuthierWarning, stacklevel=3)
