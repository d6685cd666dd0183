"""The battery for tricks."""

import difflib
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from luthier.testing.compare import require, require_same
from luthier.testing.material import Shade, pictures
from luthier.testing.part import check_part
from luthier.testing.training import check_repeats, check_resumes, copy_weights, prepared, start_training
from luthier.testing.witness import Witness, witness
from luthier.training import Trainer
from luthier.training.evaluate import choose_network
from luthier.training.trick import Trick

HOOKS = tuple(name for name, one in vars(Trick).items() if callable(one) and not name.startswith("_"))


STREAM_EXAMPLES = 47


def check_trick(
    trick: Trick,
    *,
    off: Trick | None = None,
    recipe: Mapping[str, Any] | None = None,
    module: nn.Module | None = None,
) -> None:
    """Check that a trick trains, repeats, resumes to the bit in mid-epoch, and changes nothing else.

    Everything else: the draws of all other parts, the labels, the trained network in `eval_model`, the caller's
    random state.
    off: the trick with the values that switch it off; training must then equal training without it, bit for bit.
    recipe: sections laid over the battery's own small recipe. module: the network, where the recipe names none.
    Raises AssertionError with what is wrong.

    >>> from luthier.training.tricks import EarlyStopping
    >>> check_trick(EarlyStopping(patience=1))
    """
    check_part(trick)
    _check_hooks(trick)
    bench = Bench(recipe or {}, module)

    def make() -> Trainer:
        return bench.trainer(trick.model_copy(deep=True))

    _check_alone(bench, trick)
    trained = check_repeats(make, trick.name)
    _check_eval_model(trained.trainer, trick, trained.state)
    _check_batch_of_one(bench, trick)
    check_resumes(make, trick.name)
    if off is not None:
        _check_off(bench, off)


class Bench:
    """Makes the same small training with different tricks.

    recipe: sections laid over SMALL. module: the network, where the recipe names none.
    """

    def __init__(self, recipe: Mapping[str, Any], module: nn.Module | None) -> None:
        self.recipe = recipe
        self.module = module

    def trainer(self, *tricks: Trick, shade: Shade | None = None, **sections: Any) -> Trainer:
        """Prepare a training with these tricks, and with extra streams for those that need them."""
        wanted = {name for trick in tricks for name in trick.streams()}
        extra = {name: pictures(STREAM_EXAMPLES).inputs for name in wanted}
        own = {"augment": [shade or Shade()], "tricks": list(tricks), **self.recipe, **sections}
        return prepared(own, self.module, extra=extra).trainer


def _check_hooks(trick: Trick) -> None:
    """Check for at least one hook, and for none that the loop would never call because its name is misspelt."""
    own = {name for one in type(trick).__mro__[: type(trick).__mro__.index(Trick)] for name in vars(one)}
    for name in sorted(one for one in own - set(HOOKS) if not one.startswith("_")):
        close = difflib.get_close_matches(name, HOOKS, n=1, cutoff=0.75)
        what = f"{trick.name} must name its hooks as the contract does, but has {name}"
        require(not close, f"{what}; is {''.join(close)} meant?")
    require(bool(own & set(HOOKS)), f"{trick.name} must have a hook; they are {', '.join(HOOKS)}")


def _check_eval_model(trainer: Trainer, trick: Trick, state: Any) -> None:
    before = copy_weights(trainer.network)
    for final in (False, True):
        network = choose_network(trainer, state, final)
        what = f"{trick.name}.eval_model {'at the end' if final else 'after an epoch'}"
        require_same(copy_weights(trainer.network), before, f"{what} must leave the trained network as it is")
        shapes = {name: tensor.shape for name, tensor in network.state_dict().items()}
        expected = {name: tensor.shape for name, tensor in before.items()}
        require(shapes == expected, f"{what} must give a network with the tensors of the trained one")


def _check_alone(bench: Bench, trick: Trick) -> None:
    """Check that the order, augmentations, dropout masks and others' draws are those of a training without it."""
    plain, beside = (_watch(bench, tricks) for tricks in ((), (trick.model_copy(deep=True),)))
    what = f"{trick.name} must not move"
    require(plain.setup_draws == beside.setup_draws, f"{what} what other tricks draw in setup")
    for number, (one, other) in enumerate(zip(plain.steps, beside.steps, strict=False)):
        require(torch.equal(one.index, other.index), f"{what} the order of the examples, but did in step {number}")
        require(one.own == other.own, f"{what} what other tricks draw, but did in step {number}")
        require(set(one.masks) <= set(other.masks), f"{what} the masks of dropout, but did in step {number}")
        require(set(one.shades) <= set(other.shades), f"{what} the augmentations, but did in step {number}")
    told = trick.spreads_targets or not beside.spread
    require(told, f"{trick.name} must say so, spreads_targets = True, where it spreads targets over classes")
    require(bool(beside.steps), f"{trick.name} must let training take a step")


def _watch(bench: Bench, tricks: tuple[Trick, ...]) -> Witness:
    shade = Shade()
    watcher = witness(shade, after=tricks[0].name if tricks else "")
    start_training(lambda: bench.trainer(watcher.first, *tricks, watcher, shade=shade)).advance()
    return watcher


def _check_batch_of_one(bench: Bench, trick: Trick) -> None:
    single: dict[str, Any] = {
        "training": {"epochs": 1, "batch_size": 1},
        "optimizer": {"name": "sgd", "learning_rate": 0.001},
    }
    try:
        start_training(lambda: bench.trainer(trick.model_copy(deep=True), **single)).advance()
    except Exception as error:
        raise AssertionError(f"{trick.name} must train on batches of one example, but failed: {error}") from error


def _check_off(bench: Bench, off: Trick) -> None:
    plain, same = start_training(bench.trainer).advance(), start_training(lambda: bench.trainer(off)).advance()
    what = f"{off!r} must train as without it"
    for part in ("network", "optimizer"):
        require_same(same.tree()[part], plain.tree()[part], f"{what}, but the {part} differs")
    require_same(same.rows, plain.rows, f"{what}, but the history differs")
    require_same(same.final(), plain.final(), f"{what}, but the network that is kept differs")
