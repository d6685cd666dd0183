"""ResNet for small pictures: He, Zhang, Ren and Sun, Deep residual learning for image recognition, 2015, part 4.2."""

from typing import Any, Literal

from torch import nn

from luthier.core.card import ArchitectureCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.architecture import Shape
from luthier.models.modules import PaddedShortcut, Residual
from luthier.models.picture import Layers
from luthier.models.residual import ResidualNetwork
from luthier.models.settings import layers, scale_width

CHANNELS = (16, 32, 64)


def _card(layers: int) -> ArchitectureCard:
    return ArchitectureCard(
        summary=f"ResNet of {layers} layers for small pictures.",
        source="He, Zhang, Ren and Sun, Deep residual learning for image recognition, 2015, arXiv 1512.03385",
        native_size=32,
    )


def depth_field(default: int) -> Any:
    """Declare the number of blocks in a stage; a network has 6 depth + 2 layers with weights."""
    return hyperparameter(
        default,
        bounds=Range(1),
        search=Search(1, 9),
        description="blocks in each of the three stages; 6 times as many layers and 2",
    )


class CifarResNet(ResidualNetwork):
    """Declares three stages of equally many basic blocks, on 16, 32 and 64 channels."""

    depth: int
    shortcut: Literal["identity", "projection"] = hyperparameter(
        "identity",
        description="where the shape changes: identity adds maps of zeros, as in the paper, projection a 1x1 "
        "convolution",
    )

    def features(self, shape: Shape) -> Layers:
        before, rates = scale_width(CHANNELS[0], self.width), iter(self.rates(3 * self.depth))
        found = layers(conv1=self.unit(shape[0], before, 3))
        for stage, channels in enumerate(CHANNELS, start=1):
            after = scale_width(channels, self.width)
            blocks = nn.Sequential()
            for number in range(self.depth):
                stride = 2 if stage > 1 and number == 0 else 1
                blocks.append(self._block(before, after, stride, next(rates)))
                before = after
            found[f"stage{stage}"] = blocks
        return found

    def _block(self, before: int, after: int, stride: int, rate: float) -> Residual:
        branch, shortcut = self.basic(before, after, stride), self._shortcut(before, after, stride)
        return self.residual(branch, shortcut, rate, self.activation.build())

    def _shortcut(self, before: int, after: int, stride: int) -> nn.Module:
        if stride == 1 and before == after:
            return nn.Identity()
        if self.shortcut == "projection":
            return self.projection(before, after, stride)
        return PaddedShortcut(stride, after - before)


class ResNet20(CifarResNet):
    """20 layers with weights; on 32x32x3 with 10 classes 269,722 parameters, with projections 272,474.

    >>> sum(p.numel() for p in ResNet20().build((3, 32, 32), 10).parameters())
    269722
    """

    name = "resnet20"
    card = _card(20)
    depth: int = depth_field(3)


class ResNet32(CifarResNet):
    """32 layers with weights; 464,154 parameters on 32x32x3 with 10 classes."""

    name = "resnet32"
    card = _card(32)
    depth: int = depth_field(5)


class ResNet56(CifarResNet):
    """56 layers with weights; 853,018 parameters on 32x32x3 with 10 classes."""

    name = "resnet56"
    card = _card(56)
    depth: int = depth_field(9)
