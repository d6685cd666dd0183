"""The battery for architectures, over the catalogue and on broken ones."""

import random

import pytest
import torch
from torch import nn

from luthier.core.card import ArchitectureCard
from luthier.core.errors import BadInput
from luthier.models import ARCHITECTURES, MLP, Architecture, LeNet5, ResNet18, ResNet20, TimmModel
from luthier.models.picture import PictureNetwork
from luthier.testing import check_architecture


def tiny(member):
    """A tenth of the channels where that can be said."""
    factor = any(one.name == "width" and one.kind == "float" for one in member.hyperparameters())
    return member(width=0.1) if factor else member()


def shape_for(member):
    """About the smallest picture that it takes, wider than high; None for the native size."""
    if not issubclass(member, PictureNetwork):
        return None
    side = max(7, member().smallest(3))
    return (3, side, side + 4)


@pytest.mark.usefixtures("timm")
@pytest.mark.parametrize("member", list(ARCHITECTURES), ids=lambda member: member.name)
def test_catalogue(member):
    check_architecture(tiny(member), (3, 7, 11) if member is TimmModel else shape_for(member))


@pytest.mark.parametrize(
    ("architecture", "shape"),
    [
        (LeNet5(), (1, 12, 19)),
        (LeNet5(norm="batch", dropout=0.5), (2, 13, 12)),
        (MLP(depth=0), (5,)),
        (MLP(depth=3, width=2), (2, 3, 5)),
        (MLP(norm="batch", dropout=0.5), (7,)),
        (ResNet20(depth=1, width=0.2, dropout=0.2, stochastic_depth=0.5, zero_gamma=True), (2, 9, 7)),
        (ResNet20(depth=1, width=0.2, shortcut="projection", norm="group", activation="leaky-relu"), (2, 9, 7)),
        (ResNet18(width=0.05, stem="large"), (2, 9, 7)),
    ],
    ids=repr,
)
def test_other_shapes(architecture, shape):
    check_architecture(architecture, shape)


class Plain(Architecture):
    """A linear layer behind whatever `make` gives."""

    name = "plain"
    card = ArchitectureCard(summary="Plain.", source="tests")

    def build(self, shape, outputs):
        if len(shape) != 1:
            raise BadInput("plain needs rows; use rows")
        return self.make(shape[0], outputs)

    def make(self, features, outputs):
        return nn.Linear(features, outputs)


class Cosmic(Plain):
    """Draws its weights from a generator of its own."""

    def make(self, features, outputs):
        layer = nn.PReLU(features)
        layer.weight.data = torch.rand(features, generator=torch.Generator().manual_seed(torch.seed()))
        return nn.Sequential(layer, nn.Linear(features, outputs))


class Noisy(Plain):
    """Draws from a generator that is not PyTorch's."""

    def make(self, features, outputs):
        layer = nn.PReLU(features)
        layer.weight.data.fill_(random.random())
        return nn.Sequential(layer, nn.Linear(features, outputs))


class Endless(Plain):
    """Starts with a weight that is not finite."""

    def make(self, features, outputs):
        layer = nn.PReLU(features)
        layer.weight.data.fill_(torch.inf)
        return nn.Sequential(layer, nn.Linear(features, outputs))


class Wrong(Plain):
    """Gives one logit too many."""

    def make(self, features, outputs):
        return nn.Linear(features, outputs + 1)


class Mixer(nn.Module):
    """Subtracts the mean of the batch."""

    def forward(self, x):
        return x - x.mean(0)


class Mixing(Plain):
    """Lets examples look at one another."""

    def make(self, features, outputs):
        return nn.Sequential(nn.Linear(features, outputs), Mixer())


class Scale(nn.Module):
    """Multiplies twice by more than a real number of 32 bits holds."""

    def forward(self, x):
        return x * 1e30 * 1e30


class Exploding(Plain):
    """Gives logits that are not finite."""

    def make(self, features, outputs):
        return nn.Sequential(nn.Linear(features, outputs), Scale())


class Clinging(nn.Module):
    """Multiplies with a weight that its copies do not have."""

    def __init__(self, features, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(features, outputs))
        self.product = lambda x: x @ self.weight

    def forward(self, x):
        return self.product(x)


class Cloned(Plain):
    """Answers from the weights of the original."""

    def make(self, features, outputs):
        return Clinging(features, outputs)


class Copied(nn.Linear):
    """Starts anew when it is copied."""

    def __deepcopy__(self, memo):
        return nn.Linear(self.in_features, self.out_features)


class Renewed(Plain):
    """Forgets its weights when copied."""

    def make(self, features, outputs):
        return Copied(features, outputs)


class Dead(Plain):
    """Has a parameter that nothing uses."""

    def make(self, features, outputs):
        layer = nn.Linear(features, outputs)
        layer.register_parameter("unused", nn.Parameter(torch.ones(3)))
        return layer


class Tied(Plain):
    """Keeps one tensor under two names."""

    def make(self, features, outputs):
        first, second = nn.Linear(features, features), nn.Linear(features, features)
        second.weight = first.weight
        return nn.Sequential(first, second, nn.Linear(features, outputs))


class Rude(Plain):
    """Fails on pictures with an error of its own."""

    def build(self, shape, outputs):
        return self.make(*shape, outputs)


class Greedy(Plain):
    """Builds for pictures, and answers wrongly."""

    def build(self, shape, outputs):
        return nn.Linear(shape[-1], outputs)


RED = {
    Cosmic: "plain must be built the same for the same seed; the first difference is in body.0.weight",
    Endless: "plain must start finite, but ['body.0.weight'] is not",
    Noisy: "building plain must leave the global generators alone",
    Wrong: "plain must give (4, 5) float32 logits for four examples of shape (7,), but gave (4, 6) torch.float32",
    Mixing: "plain must answer each example by itself in evaluation, but a batch of one gave other logits",
    Exploding: "plain must give finite logits before training",
    Cloned: "a copy of plain must answer from weights of its own",
    Renewed: "plain must answer alike when copied",
    Dead: "plain must give every parameter a finite gradient, but body.unused gets none",
    Tied: "plain must keep each tensor under one name, but shares some",
    Rude: "plain must build for shape (1, 1, 1) or raise BadInput, but raised TypeError(",
    Greedy: "plain must answer for shape (1, 1, 1) or refuse to be built",
}


def test_a_good_one():
    check_architecture(Plain())


@pytest.mark.parametrize("broken", RED, ids=lambda broken: broken.__name__)
def test_red(broken, red):
    assert red(check_architecture, broken()).startswith(RED[broken])
