"""The catalogue: every part that a recipe may name, with its card and its hyperparameters."""

from typing import Any

from luthier.augment import AUGMENTATIONS
from luthier.core.card import Card, TipCard, TrickCard
from luthier.core.declare import Hyperparameter, Part, Registry, rule
from luthier.core.errors import BadInput, nearest
from luthier.data import SOURCES, SPLITTERS
from luthier.data.sampling import SAMPLERS
from luthier.models import ARCHITECTURES
from luthier.models.activations import ACTIVATIONS
from luthier.models.initialisers import INITIALISERS
from luthier.models.layers import LAYERS
from luthier.models.losses import LOSSES
from luthier.optim import OPTIMIZERS, SCHEDULES
from luthier.stats.measures import METRICS
from luthier.tips import TIPS, Tip
from luthier.tricks import TRICKS

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
        raise BadInput(f"list takes the name of a catalogue, but got {kind!r}; {nearest(kind, known)}")
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
