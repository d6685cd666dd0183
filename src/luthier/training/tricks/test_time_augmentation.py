"""Test-time augmentation: Krizhevsky, Sutskever and Hinton, 2012."""

import copy
from collections import OrderedDict
from itertools import product
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from luthier.core.card import TrickCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models import Network
from luthier.training.trick import StepContext, Trick, TrickState


def shift_views(pictures: Tensor, shift: int) -> list[Tensor]:
    """Make the views of pictures (B, C, H, W): as they are, and moved towards each corner, their borders repeated."""
    if shift == 0:
        return [pictures]
    height, width = pictures.shape[2:]
    padded = F.pad(pictures, (shift,) * 4, mode="replicate")
    places = product((0, 2 * shift), repeat=2)
    return [pictures, *(padded[:, :, top : top + height, left : left + width] for top, left in places)]


class Views(Network):
    """A network that gives the mean of its outputs for several views; its tensors keep their names."""

    def __init__(self, network: Network, flip: bool, shift: int) -> None:
        nn.Sequential.__init__(self, OrderedDict(network.named_children()))
        self.flip = flip
        self.shift = shift

    def forward(self, input: Tensor) -> Tensor:
        views = shift_views(input, self.shift)
        if self.flip:
            views += [one.flip(3) for one in views]
        outputs = [super(Views, self).forward(one) for one in views]  # type: ignore[no-untyped-call]  # so in torch
        return torch.stack(outputs).mean(0)


class TestTimeAugmentation(Trick):
    """Predict with the mean of the outputs, logits or values, for several views of a picture; training is unchanged.

    A run keeps the trained network, and its recipe says that views are averaged: it evaluates and predicts so too.
    """

    __test__ = False  # no test, whatever pytest makes of the name

    name = "test-time-augmentation"
    card = TrickCard(
        summary="Answers with the mean of the answers to several views of a picture.",
        source="Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural networks, "
        "2012",
        after=("early-stopping", "ema", "lookahead", "mean-teacher", "swa"),
        cost="an answer takes five times as long with shifts, twice with flips, ten times with both",
        claim="AlexNet on ILSVRC-2010 from 39.0% to 37.5% error with ten views",
    )
    needs_pictures = True

    shift: int = hyperparameter(
        1, bounds=Range(0), search=Search(0, 4), description="pixels that four of the views are moved by; 0 moves none"
    )
    flip: bool = hyperparameter(
        False, description="whether each view is mirrored as well; wrong where a mirrored picture means another class"
    )

    def inference_model(self, network: Network) -> Network:
        return Views(network, self.flip, self.shift) if self.flip or self.shift else network

    def eval_model(self, network: nn.Module, trick_state: TrickState, context: StepContext) -> nn.Module:
        """Wrap a copy: views share the layers, and evaluation would put the trained ones into their other mode."""
        return self.inference_model(copy.deepcopy(cast(Network, network)))
