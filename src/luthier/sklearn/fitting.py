"""Training in memory, on everything that is given: no test part, no directory. The estimators stand on it."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from luthier.core.errors import raise_all
from luthier.data import Dataset, Split
from luthier.data.loader import to_device
from luthier.data.units import Units
from luthier.models import OwnModule
from luthier.optim.optimizers.optimizer import Optimizer
from luthier.optim.schedules import Constant
from luthier.recipe.build import Prepared, prepare
from luthier.recipe.compatibility import check_recipe
from luthier.recipe.network import resize_further
from luthier.recipe.recipe import Recipe
from luthier.run.progress import progress_bar
from luthier.training import TrainState, choose_final_network, start, train
from luthier.training.device import plain_torch
from luthier.training.history import Row


@dataclass(frozen=True)
class TrainingPosition:
    """Where a training stands between two calls of `another_epoch`: all that the network to use does not hold."""

    step: int
    weights: Mapping[str, Tensor]
    optimizer: Mapping[str, Any]
    memory: Mapping[str, Any]


@dataclass(frozen=True)
class FitResult:
    """What a training in memory leaves, on the CPU.

    network: the one to use, in evaluation mode. recipe: the one that was followed. history: its rows.
    epochs: how many were done. place: None after `fit`, which has come to its end.
    """

    network: nn.Module
    recipe: Recipe
    history: tuple[Row, ...]
    epochs: int
    place: TrainingPosition | None = None


@plain_torch()
def fit(
    recipe: Recipe, dataset: Dataset, device: torch.device, module: nn.Module | None = None, *, quiet: bool = True
) -> FitResult:
    """Train a recipe to its end on all examples, but for a validation part where a trick needs one.

    module: the user's own network, where the recipe names it. quiet: no progress on stderr.
    Raises BadInput where recipe and data do not fit together, Diverged where training meets a non-finite number.
    """
    raise_all(check_recipe(recipe, "estimator"))
    validates = any(trick.needs_validation for trick in recipe.tricks)
    prepared = prepare(recipe, dataset, device, module, parts=None if validates else _use_all(dataset))
    state = start(prepared.trainer)
    return _make_result(prepared, state, _train(prepared, state, quiet))


@plain_torch()
def another_epoch(
    recipe: Recipe,
    dataset: Dataset,
    device: torch.device,
    module: nn.Module | None,
    before: FitResult | None,
    *,
    quiet: bool = True,
) -> FitResult:
    """Train one epoch on these data at a constant rate, from new weights or from where the last call ended.

    The standardisation of inputs and values is that of the first data. A place that `fit` left is gone on from with the
    optimizer as new.
    Raises as `fit`, and BadInput where a trick needs a validation part or where the network, the optimizer or the
    tricks are no longer those of the last call; the learning rate may change.
    """
    raise_all(check_recipe(recipe, "single-epochs"))
    done = before.epochs if before else 0
    training = recipe.training.model_copy(update={"epochs": done + 1})
    constant = recipe.model_copy(update={"schedule": Constant(), "training": training})
    if before:
        raise_all(_check_unchanged(constant, before))
    prepared = prepare(constant, dataset, device, module, parts=_use_all(dataset))
    state = start(prepared.trainer)
    if before:
        _put_back(prepared, state, before)
    rows = _train(prepared, state, quiet)
    trainer = prepared.trainer
    left = {
        "weights": trainer.network.state_dict(),
        "optimizer": trainer.optimizer.state_dict(),
        "memory": state.memory,
    }
    place = TrainingPosition(state.step, **_on(torch.device("cpu"), left))
    return _make_result(prepared, state, (*(before.history if before else ()), *rows), place)


@plain_torch()
def predict(fitted: FitResult, inputs: np.ndarray, units: Units = "plain") -> Tensor:
    """What the network answers to inputs in the form of `Dataset.inputs` (N, K) or (N, D). units: of its pictures.

    It answers in double precision, so that an answer does not depend on what stands beside it; a module of the user's
    own answers in its own.
    """
    examples = resize_further(fitted.recipe, inputs, units)
    residents = to_device(examples, np.zeros(len(inputs), np.int64), 1, torch.device("cpu"))
    own = isinstance(fitted.recipe.model, OwnModule)
    network = fitted.network if own else copy_in_double(fitted.network)
    with torch.inference_mode():
        parts = [one.inputs for one in residents.in_order()]
        return torch.cat([network(part if own else part.double()) for part in parts]).double()  # type: ignore[union-attr]


def copy_in_double(network: nn.Module) -> nn.Module:
    """Copy a network and let the copy compute in double precision."""
    return copy.deepcopy(network).double()


def _use_all(dataset: Dataset) -> Split:
    none = np.zeros(0, np.int64)
    return Split(train=np.arange(len(dataset)), validation=none, test=none)


def _check_unchanged(recipe: Recipe, before: FitResult) -> list[str]:
    """What cannot be gone on with: the weights are of one model, the place of one optimizer and of its tricks."""
    kept = ("model", "optimizer", "tricks") if before.place else ("model",)
    pairs = [(name, getattr(before.recipe, name), getattr(recipe, name)) for name in kept]
    return [
        f"{name} must stay what it was when another epoch is trained, {old!r}, but got {new!r}; "
        "set it back, or train anew with fit"
        for name, old, new in pairs
        if _without_rate(old) != _without_rate(new)
    ]


def _without_rate(part: Any) -> Any:
    """The part with a learning rate that is the same for all: the rate is the one thing that may change."""
    return part.model_copy(update={"learning_rate": 1.0}) if isinstance(part, Optimizer) else part


def _put_back(prepared: Prepared, state: TrainState, before: FitResult) -> None:
    trainer, place = prepared.trainer, before.place
    if hasattr(trainer.network, "rescale"):
        trainer.network.get_submodule("rescale").to(before.network.get_buffer("rescale.mean").dtype)
    trainer.network.load_state_dict(place.weights if place else before.network.state_dict())
    state.epoch = before.epochs
    if place:
        trainer.optimizer.load_state_dict(dict(place.optimizer))
        state.step, state.memory = place.step, _on(trainer.device, place.memory)


def _on(device: torch.device, tree: Any) -> Any:
    """Copy nested values, their tensors to a device."""
    if isinstance(tree, Tensor):
        return tree.detach().to(device, copy=True)
    if isinstance(tree, Mapping):
        return {key: _on(device, one) for key, one in tree.items()}
    return [_on(device, one) for one in tree] if isinstance(tree, list | tuple) else tree


def _train(prepared: Prepared, state: TrainState, quiet: bool) -> tuple[Row, ...]:
    history: list[Row] = []
    with progress_bar(prepared, quiet) as watch:
        for rows in train(prepared.trainer, state):
            history += rows
            watch(state, rows)
    return tuple(history)


def _make_result(
    prepared: Prepared, state: TrainState, history: tuple[Row, ...], place: TrainingPosition | None = None
) -> FitResult:
    network = choose_final_network(prepared.trainer, state).cpu().eval()
    return FitResult(network, prepared.recipe, history, state.epoch, place)
