"""The contract of networks for pictures: features that take any size, then a head for the maps that they leave."""

from bisect import bisect_left
from collections import OrderedDict

import torch
from torch import nn

from luthier.core.declare import hyperparameter
from luthier.core.errors import BadInput
from luthier.models.activations import ActivationField, ReLU
from luthier.models.architecture import Architecture, Shape
from luthier.models.settings import Norm, chain, dropout_field, layers, make_dropout, make_norm, norm_field, width_field

Layers = dict[str, nn.Module]


LARGEST_SIDE = 4096


class PictureNetwork(Architecture):
    """Declares a network for pictures; a member says what its features and its head are."""

    width: float = width_field()
    activation: ActivationField = hyperparameter(ReLU(), description="what follows each layer but the last")
    norm: Norm = norm_field("none")
    dropout: float = dropout_field(0.0, "before the last layer")

    def features(self, shape: Shape) -> Layers:
        """Make the layers, by name, that turn pictures of shape (C, H, W) into maps."""
        raise NotImplementedError

    def head(self, maps: Shape, outputs: int) -> Layers:
        """Make the layers, by name, that turn maps of shape (C, H, W) into logits: by default their means, linearly."""
        return layers(
            pool=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
            dropout=make_dropout(self.dropout),
            output=nn.Linear(maps[0], outputs),
        )

    def build(self, shape: Shape, outputs: int) -> nn.Module:
        if len(shape) != 3:
            raise BadInput(f"{self.name} needs pictures, but an example has shape {shape}; use --model mlp for rows")
        try:
            maps = self._maps(shape)
        except Vanished as error:
            side = self.smallest(shape[0])
            if side == LARGEST_SIDE:  # the fault is the network's own
                raise
            raise BadInput(
                f"{self.name} needs pictures of at least {side} pixels a side, but got {shape[1]}x{shape[2]}, of which "
                f"nothing is left after {error}; set data.size = {side} or more"
            ) from None
        return nn.Sequential(OrderedDict({**self.features(shape), **self.head(maps, outputs)}))

    def unit(self, before: int, after: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
        """Make a convolution that keeps the size at stride 1, its norm and its activation."""
        return chain(
            conv=self.conv(before, after, kernel, stride, groups),
            norm=make_norm(self.norm, after),
            activation=self.activation.build(),
        )

    def conv(self, before: int, after: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
        """Make a convolution that keeps the size at stride 1, with a bias where no norm follows."""
        return nn.Conv2d(before, after, kernel, stride, kernel // 2, groups=groups, bias=self.norm == "none")

    def _maps(self, shape: Shape) -> Shape:
        """Return the features' shape, found without computing a value; raise Vanished where a picture is too small."""
        plain = self.model_copy(update={"norm": "none"})  # norms keep the shape, and would take most of the time
        with torch.device("meta"), torch.no_grad():
            x = torch.empty(1, *shape)
            for name, layer in plain.features(shape).items():
                try:
                    x = layer.eval()(x)
                except RuntimeError as error:
                    raise Vanished(name) from error
        return tuple(x.shape[1:])

    def smallest(self, channels: int) -> int:
        """Return the side of the smallest square pictures that the network takes."""
        return bisect_left(range(LARGEST_SIDE), True, lo=1, key=lambda side: self._takes((channels, side, side)))

    def _takes(self, shape: Shape) -> bool:
        try:
            self._maps(shape)
        except Vanished:
            return False
        return True


class Vanished(Exception):
    """A picture is too small for the layer that the message names; the cause is what PyTorch said."""
