"""A batch that is sent through in parts takes the step of the whole: every trick, loss and weighting, all samplers.

In 64 bits, where nothing but the order of sums can differ. What sees a part alone is known to differ, and is left out
of the network here: batch norm, and the masks of dropout.
"""

import dataclasses
from itertools import count, product

import numpy as np
import pytest
import torch
from torch import nn

from luthier.core.card import TrickCard
from luthier.data.dataset import with_weights
from luthier.data.samplers import SAMPLERS
from luthier.models.losses import LOSSES
from luthier.testing.material import pictures, rows, values
from luthier.testing.training import prepared, start_training
from luthier.training.trick import Trick
from luthier.training.tricks import SWA, TRICKS, EarlyStopping, FixMatch, GradientAccumulation, MeanTeacher

SIZE, PART = 12, 4
SETTINGS = {
    "early-stopping": EarlyStopping(patience=1),
    "fixmatch": FixMatch(threshold=0.3, ratio=2),
    "gradient-accumulation": GradientAccumulation(micro_batch=PART),
    "mean-teacher": MeanTeacher(ratio=2, decay=0.8),
    "swa": SWA(start=0.3),
}
WEIGHTINGS = ("examples", "classes", "both")


class Widen(Trick):
    """Lets targets and weights be of 64 bits, as the network is."""

    name = "widen"
    card = TrickCard(summary="Widens targets and weights.", source="This test")

    def edit_batch(self, batch, trick_state, context):
        return batch.replace(target=batch.target.double(), weight=batch.weight.double())


class Wide(nn.Module):
    """A layer for rows or a convolution, and a linear layer behind it, in 64 bits."""

    def __init__(self, channels, outputs):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        seen = [nn.Conv2d(channels, 5, 3), nn.AdaptiveAvgPool2d(2), nn.Flatten()] if channels else [nn.Linear(7, 20)]
        self.layers = nn.Sequential(*seen, nn.Tanh(), nn.Linear(20, outputs)).double()
        with torch.no_grad():
            for one in self.parameters():
                one.copy_(torch.randn(one.shape, generator=generator, dtype=torch.float64) / 3)

    def forward(self, x):
        return self.layers(x.double())


def uneven(dataset):
    """The same data with two rare classes and with weights, some of which are 0."""
    generator = np.random.default_rng(0)
    chosen = np.flatnonzero((dataset.labels == 0) | (generator.random(len(dataset)) < 0.4)) if dataset.classes else ...
    kept = type(dataset)(dataset.name, dataset.inputs[chosen], dataset.labels[chosen], dataset.classes)
    return kept, with_weights(kept, generator.uniform(0.2, 5, len(kept)) * (generator.random(len(kept)) > 0.1))


PLAIN = {"rows": uneven(rows(67)), "pictures": uneven(pictures(67, side=8)), "values": uneven(values(43))}


def train(kind, weighting, sections, halved):
    """The weights of a training whole and in parts, with the weights before: after each of its two epochs."""
    dataset = PLAIN[kind][weighting in ("examples", "both")]
    channels = 1 if kind == "pictures" else 0
    training = {"epochs": 2, "batch_size": SIZE}
    if weighting in ("classes", "both"):
        training["class_weights"] = "balanced"
    if kind == "values":
        training["monitor"] = "r2"
    values = {
        "split": {"validation": 0.2}, "optimizer": {"name": "sgd", "learning_rate": 0.05}, "schedule": "constant",
        **sections, "training": training,
    }  # fmt: skip
    extra = {"unlabelled": PLAIN[kind][0].inputs[:29]}
    trainer = prepared(values, Wide(channels, dataset.outputs), dataset, extra).trainer
    if trainer.class_weights is not None:
        trainer = dataclasses.replace(trainer, class_weights=trainer.class_weights.double())
    one = start_training(lambda: trainer)
    one.state.micro_batch = PART if halved else None
    before = flat(one)
    return before, flat(one.advance()), one.state


def flat(one):
    return torch.cat([parameter.detach().flatten() for parameter in one.trainer.network.body.parameters()])


def check_same(kind, weighting, sampler, loss, trick, halved):  # noqa: PLR0917  # one for each side of the table
    """One whole training and one in parts, halved as where memory runs out or by accumulation."""
    unweighted = sampler == "weighted" and weighting not in ("examples", "both")
    tied = (sampler, loss) == ("curriculum", "hinge")  # examples whose loss is 0 are put in order by rounding errors
    samples = "shuffled" if unweighted or tied else sampler
    tricks = [Widen()]
    if trick != "gradient-accumulation":
        tricks.append(SETTINGS.get(trick) or TRICKS.members[trick]())
    parts = tricks if halved else [*tricks, SETTINGS["gradient-accumulation"]]
    sections = {"loss": loss, "sampling": samples}
    before, whole, _ = train(kind, weighting, {**sections, "tricks": tricks}, False)
    _, cut, state = train(kind, weighting, {**sections, "tricks": parts}, halved)
    moved = (whole - before).abs().max()
    assert moved > 0 and state.step > 3
    assert (cut - whole).abs().max() < 1e-6 * moved, (kind, weighting, samples, loss, trick, halved)


@pytest.fixture(autouse=True)
def without_trial(monkeypatch):
    """No process to find out whether this machine has lower precision, which 64 bits do not use."""
    monkeypatch.setattr("luthier.training.tricks.mixed_precision.autocast_fault", lambda *_: None)


@pytest.mark.parametrize("trick", TRICKS.members)
def test_parts_of_a_batch_take_its_step(trick):
    member, turn = TRICKS.members[trick], count(sum(map(ord, trick)))
    for (name, loss), weighting in product(LOSSES.members.items(), WEIGHTINGS):
        if "classification" in loss.tasks and (loss.soft or not member.spreads_targets):
            number = next(turn)
            sampler = list(SAMPLERS.members)[number % len(SAMPLERS.members)]
            check_same("pictures" if member.needs_pictures else "rows", weighting, sampler, name, trick, number % 2)


@pytest.mark.parametrize("trick", [one.name for one in TRICKS if "regression" in one.tasks and not one.needs_pictures])
def test_parts_of_a_batch_of_values_take_its_step(trick):
    for number, (loss, weighting) in enumerate(product(("mse", "huber"), ("none", "examples"))):
        sampler = ("shuffled", "sequential", "curriculum", "hard-examples")[number]
        check_same("values", weighting, sampler, loss, trick, number % 2)


def test_classes_weigh_where_targets_are_spread_too():
    """The weight of a mixture is that of its classes by their shares, before the batch is cut."""
    for halved in (True, False):
        check_same("rows", "classes", "balanced", "cross-entropy", "mixup", halved)
        check_same("rows", "both", "square-root-balanced", "focal", "label-smoothing", halved)
