"""The catalogue: every part and tip that a recipe may name, with its card and its hyperparameters."""

from dataclasses import dataclass
from typing import Any

from luthier.core.card import Card, TipCard, TrickCard
from luthier.core.declare import Declared, Hyperparameter, Part, Registry, rule
from luthier.core.errors import BadInput, suggest_nearest
from luthier.data import SOURCES, SPLITTERS, DataConfig
from luthier.data.augment import AUGMENTATIONS
from luthier.data.samplers import SAMPLERS, Balanced, Weighted
from luthier.models import ARCHITECTURES, MLP
from luthier.models.activations import ACTIVATIONS
from luthier.models.initialisers import INITIALISERS
from luthier.models.layers import LAYERS
from luthier.models.losses import LOSSES
from luthier.models.resnet import ResidualNetwork
from luthier.optim import OPTIMIZERS, SCHEDULES, Optimizer, Schedule
from luthier.recipe.recipe import TrainingConfig
from luthier.stats.metrics import METRICS
from luthier.training.tricks import TRICKS


@dataclass(frozen=True)
class Tip:
    """One setting of a recipe that is a tip in itself.

    name: usual name. where: place in a recipe. of: declaration whose setting of that name it is, one of several that
    have it; or the part itself, where the tip is its choice.
    """

    name: str
    where: str
    of: type[Declared]
    card: Card


TIPS = (
    Tip("balanced-sampling", "sampling.balanced", Balanced, Balanced.card),
    Tip(
        "batch-norm",
        "model.norm",
        MLP,
        Card(
            summary="Normalises what layers give over the batch, where model.norm is batch.",
            source="Ioffe and Szegedy, Batch normalization: accelerating deep network training by reducing internal "
            "covariate shift, 2015, arXiv 1502.03167",
        ),
    ),
    Tip(
        "class-weights",
        "training.class_weights",
        TrainingConfig,
        Card(
            summary="Lets rare classes count more in the loss.",
            source="King and Zeng, Logistic regression in rare events data, 2001",
        ),
    ),
    Tip(
        "dropout",
        "model.dropout",
        MLP,
        Card(
            summary="Leaves out random values in training; of whole maps as the layer spatial-dropout.",
            source="Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout: a simple way to prevent "
            "neural networks from overfitting, 2014; whole maps: Tompson and others, Efficient object localization "
            "using convolutional networks, 2015",
        ),
    ),
    Tip(
        "pseudo-labels",
        "data.pseudo_labels",
        DataConfig,
        Card(
            summary="Trains in rounds on examples that an earlier network labelled: luthier train --pseudo-labels N.",
            source="Lee, Pseudo-label: the simple and efficient semi-supervised learning method for deep neural "
            "networks, 2013",
        ),
    ),
    Tip(
        "stochastic-depth",
        "model.stochastic_depth",
        ResidualNetwork,
        Card(
            summary="Leaves out whole residual blocks at random in training.",
            source="Huang, Sun, Liu, Sedra and Weinberger, Deep networks with stochastic depth, 2016, arXiv 1603.09382",
        ),
    ),
    Tip(
        "warm-up",
        "schedule.warmup",
        Schedule,
        Card(
            summary="Lets the learning rate rise from near 0 at first.",
            source="Goyal and others, Accurate, large minibatch SGD: training ImageNet in 1 hour, 2017, "
            "arXiv 1706.02677",
        ),
    ),
    Tip(
        "weight-decay",
        "optimizer.weight_decay",
        Optimizer,
        Card(
            summary="Shrinks weights at every step, beside the gradient where the optimizer decouples it.",
            source="Loshchilov and Hutter, Decoupled weight decay regularization, 2019, arXiv 1711.05101",
        ),
    ),
    Tip("weighted-sampling", "sampling.weighted", Weighted, Weighted.card),
)
"""Sorted by name; augmentations and tricks, which have families of their own, are tips as they are."""


Item = dict[str, Any]


FAMILIES: dict[str, Registry[Any]] = {
    "activations": ACTIVATIONS,
    "architectures": ARCHITECTURES,
    "augmentations": AUGMENTATIONS,
    "initialisers": INITIALISERS,
    "layers": LAYERS,
    "losses": LOSSES,
    "optimizers": OPTIMIZERS,
    "sampling": SAMPLERS,
    "schedules": SCHEDULES,
    "splits": SPLITTERS,
    "tricks": TRICKS,
}


def items(kind: str) -> list[Item]:
    """List the members of one kind by name.

    Under tricks stand all tips, whichever section of a recipe they live in; `where` says which.
    Raises BadInput for an unknown kind.

    >>> [item["name"] for item in items("optimizers")]
    ['adagrad', 'adam', 'adamw', 'lion', 'momentum', 'muon', 'nadam', 'nesterov', 'radam', 'rmsprop', 'sgd']
    """
    if kind == "data":
        return [_card(name, card) for name, card in sorted(SOURCES.items())]
    if kind == "metrics":
        return [{**_card(name, one), "better": one.better, "tasks": [*one.tasks]} for name, one in METRICS.items()]
    if kind not in FAMILIES:
        known = sorted([*FAMILIES, "data", "metrics"])
        raise BadInput(f"list takes the name of a catalogue, but got {kind!r}; {suggest_nearest(kind, known)}")
    return tips() if kind == "tricks" else [_part(member) for member in FAMILIES[kind]]


def tips() -> list[Item]:
    """List what may be added to a recipe without changing its task, by name, each with its place in the recipe."""
    own = [{**_part(one), "where": f"tricks.{one.name}"} for one in TRICKS]
    augmentations = [{**_part(one), "where": f"augment.{one.name}"} for one in AUGMENTATIONS]
    return sorted([*own, *augmentations, *map(_tip, TIPS)], key=lambda item: str(item["name"]))


def _tip(tip: Tip) -> Item:
    setting = tip.where.rpartition(".")[2]
    chosen = [one for one in tip.of.hyperparameters() if one.name == setting] or tip.of.hyperparameters()
    return {**_card(tip.name, tip.card), "where": tip.where, "hyperparameters": [_setting(one) for one in chosen]}


def _card(name: str, card: Card) -> Item:
    return {"name": name, "summary": card.summary, "source": card.source}


def _part(member: type[Part]) -> Item:
    card, own = member.card, Item()
    if isinstance(card, TipCard):
        own = {"cost": card.cost, "claim": card.claim}
    if isinstance(card, TrickCard):
        own["conflicts"] = dict(card.conflicts)
    return {**_card(member.name, card), **own, "hyperparameters": [_setting(one) for one in member.hyperparameters()]}


def _setting(one: Hyperparameter) -> Item:
    search = (
        None
        if one.search is None
        else {"low": one.search.low, "high": one.search.high, "log": one.search.log, "step": one.search.step}
    )
    return {
        "name": one.name,
        "default": _as_json(one.default),
        "rule": rule(one),
        "search": search,
        "says": one.description,
    }


def _as_json(value: Any) -> Any:
    """JSON knows lists in place of tuples."""
    if isinstance(value, dict):
        return {key: _as_json(one) for key, one in value.items()}
    return [_as_json(one) for one in value] if isinstance(value, tuple) else value
