"""Small trainings, and checks that every one of them repeats, and resumes to the bit."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from luthier.core.errors import Diverged
from luthier.data import Dataset
from luthier.recipe.build import Prepared, prepare
from luthier.recipe.network import describe_module
from luthier.recipe.read import read_recipe
from luthier.recipe.recipe import Recipe
from luthier.recipe.resolve import resolve
from luthier.testing.compare import CPU, difference, isolate_global_states, read_global_states, require, require_same
from luthier.testing.material import SmallNet, pictures
from luthier.training import Trainer, TrainState, choose_final_network, start, train
from luthier.training.checkpoint import open_checkpoint, restore, save

Make = Callable[[], Trainer]


SMALL: dict[str, Any] = {
    "training": {"epochs": 3, "batch_size": 9},
    "split": {"validation": 0.2},
    "optimizer": {"name": "momentum", "learning_rate": 0.05, "weight_decay": 0.01},
    "schedule": "cosine",
}
"""A recipe of three epochs of five steps on the 42 training examples of `pictures()`, in batches of 9, 9, 8, 8, 8."""


def prepared(
    values: Mapping[str, Any] | None = None,
    module: nn.Module | None = None,
    dataset: Dataset | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Prepared:
    """Prepare a small training on the CPU.

    values: laid over SMALL. module: the network where values name no model; SmallNet by default.
    """
    own = module or SmallNet()
    layered = {"model": describe_module(own), **SMALL, **(values or {})}
    return prepare_recipe(read_recipe(layered), dataset or pictures(), CPU, own, extra)


def prepare_recipe(recipe: Recipe, dataset: Dataset, *further: Any, **named: Any) -> Prepared:
    """Resolve a recipe against its data and prepare it; the arguments are those of `prepare`."""
    return prepare(resolve(recipe, dataset), dataset, *further, **named)


@dataclass
class Trained:
    """A training and its history rows so far."""

    trainer: Trainer
    state: TrainState
    rows: list[dict[str, Any]] = field(default_factory=list)

    def advance(self, stop: int | None = None) -> "Trained":
        """Train up to a step, or to the end."""
        while not has_ended(self) and (stop is None or self.state.step < stop):
            self.rows += next(train(self.trainer, self.state))
        return self

    def tree(self) -> dict[str, Any]:
        """Return everything that training has made: weights, optimizer, state of the tricks and position."""
        optimizer = self.trainer.optimizer.state_dict()["state"]
        return {"network": copy_weights(self.trainer.network), "optimizer": optimizer, "state": self.state.tree()}

    def final(self) -> dict[str, torch.Tensor]:
        """Return the weights that would be kept."""
        return copy_weights(choose_final_network(self.trainer, self.state))


def has_ended(one: Trained) -> bool:
    """Return whether a training has reached its end."""
    return one.state.stopped or one.state.epoch == one.trainer.training.epochs


def copy_weights(network: nn.Module) -> dict[str, torch.Tensor]:
    """Copy all tensors of a network, by name."""
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}


def start_training(make: Make) -> Trained:
    """Make a training that has not taken its first step."""
    trainer = make()
    return Trained(trainer, start(trainer))


def check_repeats(make: Make, what: str) -> Trained:
    """Train twice under different global random states; check that the bits are equal and the states untouched.

    make: makes the same trainer anew at each call.
    """
    results = []
    for seed in (1, 2):
        with isolate_global_states(seed):
            before = read_global_states()
            results.append(start_training(make).advance())
            results[-1].final()
            require(read_global_states() == before, f"training with {what} must leave the global generators alone")
    require_same(results[0].tree(), results[1].tree(), f"two trainings with {what} must end with equal bits")
    require_same(results[0].rows, results[1].rows, f"two trainings with {what} must write equal history rows")
    require_same(results[0].final(), results[1].final(), f"two trainings with {what} must keep equal networks")
    return results[0]


def check_resumes(make: Make, what: str) -> None:
    """Save a training in the middle and at the end of epochs; resume from each; check that the bits are equal.

    Checks as well that training changed something after each checkpoint, without which equality would mean nothing.
    """
    whole = start_training(make).advance()
    per_epoch = whole.trainer.steps_per_epoch
    places = [epoch * per_epoch + per_epoch // 2 for epoch in range(whole.trainer.training.epochs)] + [per_epoch]
    end = whole.state.step
    require(end > 1, f"{what} must train for two steps at least, or nothing is proved; it took {end}")
    for stop in (place for place in places if 0 < place < end):
        _check_resume(make, whole, stop, f"{what}, saved after step {stop} and resumed,")


def _check_resume(make: Make, whole: Trained, stop: int, what: str) -> None:
    first = start_training(make).advance(stop)
    with tempfile.TemporaryDirectory() as folder:
        path = _save(Path(folder), first, what)
        trainer = make()
        second = Trained(trainer, restore(open_checkpoint(path), trainer))
    require_same(second.tree(), first.tree(), f"{what} must come back from the checkpoint as it was")
    changed = difference(dict(first.trainer.network.named_parameters()), dict(whole.trainer.network.named_parameters()))
    require(changed is not None, f"{what} must still change a weight, or nothing is proved; train for longer")
    second.advance()
    require_same(second.tree(), whole.tree(), f"{what} must end with the bits of the uninterrupted training")
    require(first.rows + second.rows == whole.rows, f"{what} must write the rows of the uninterrupted training")
    require_same(second.final(), whole.final(), f"{what} must keep the network of the uninterrupted training")


def _save(folder: Path, one: Trained, what: str) -> Path:
    try:
        return save(folder, one.trainer, one.state, {})
    except (Diverged, TypeError, ValueError) as error:
        rule = "must remember only tensors, finite numbers, texts and None, in dicts and lists"
        raise AssertionError(f"{what} {rule}, but the checkpoint could not be written ({error})") from error
