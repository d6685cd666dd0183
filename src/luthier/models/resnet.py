"""ResNet for large pictures: He, Zhang, Ren and Sun, Deep residual learning for image recognition, 2015."""

from typing import ClassVar

from torch import nn

from luthier.core.card import ArchitectureCard
from luthier.models.architecture import Shape
from luthier.models.modules import Residual
from luthier.models.picture import Layers
from luthier.models.residual import ResidualNetwork
from luthier.models.settings import Stem, chain, is_small, layers, make_norm, scale_width, stem_field

CHANNELS = (64, 128, 256, 512)
PAPER = "He, Zhang, Ren and Sun, Deep residual learning for image recognition, 2015, arXiv 1512.03385"


def _card(network: str) -> ArchitectureCard:
    summary = f"ResNet of {network}; pictures keep their own size."
    return ArchitectureCard(summary=summary, source=PAPER, paper_shape=(3, 224, 224))


class ResNet(ResidualNetwork):
    """Declares four stages of residual blocks.

    stages: number of blocks in each stage. expansion: channels that a block gives per channel that it works on; 1 is
    the basic block of two 3x3 convolutions, above 1 the bottleneck of 1x1, 3x3 and 1x1, which strides in the 3x3.
    The small stem is a 3x3 convolution of stride 1 and no pooling behind it.
    """

    stages: ClassVar[tuple[int, ...]]
    expansion: ClassVar[int] = 1

    stem: Stem = stem_field()

    def features(self, shape: Shape) -> Layers:
        found, before, rates = (
            self._stem(shape),
            scale_width(CHANNELS[0], self.width),
            iter(self.rates(sum(self.stages))),
        )
        for stage, (count, channels) in enumerate(zip(self.stages, CHANNELS, strict=True), start=1):
            inner = scale_width(channels, self.width)
            blocks = nn.Sequential()
            for number in range(count):
                stride = 2 if stage > 1 and number == 0 else 1
                blocks.append(self._block(before, inner, stride, next(rates)))
                before = inner * self.expansion
            found[f"stage{stage}"] = blocks
        return found

    def _stem(self, shape: Shape) -> Layers:
        after = scale_width(CHANNELS[0], self.width)
        if is_small(self.stem, shape):
            return layers(conv1=self.unit(shape[0], after, 3))
        return layers(conv1=self.unit(shape[0], after, 7, stride=2), pool1=nn.MaxPool2d(3, 2, 1))

    def _block(self, before: int, inner: int, stride: int, rate: float) -> Residual:
        after = inner * self.expansion
        branch = self.basic(before, inner, stride) if self.expansion == 1 else self._bottleneck(before, inner, stride)
        same = before == after and stride == 1
        shortcut = nn.Identity() if same else self.projection(before, after, stride)
        return self.residual(branch, shortcut, rate, self.activation.build())

    def _bottleneck(self, before: int, inner: int, stride: int) -> nn.Sequential:
        return chain(
            unit1=self.unit(before, inner, 1),
            unit2=self.unit(inner, inner, 3, stride),
            conv=self.conv(inner, inner * self.expansion, 1),
            norm=make_norm(self.norm, inner * self.expansion),
        )


class ResNet18(ResNet):
    """18 layers with weights; 11,689,512 parameters on 224x224x3 with 1,000 classes.

    >>> ResNet18(width=0.1).build((3, 9, 9), 7).output
    Linear(in_features=51, out_features=7, bias=True)
    """

    name = "resnet18"
    card = _card("18 layers")
    stages = (2, 2, 2, 2)


class ResNet34(ResNet):
    """34 layers with weights; 21,797,672 parameters on 224x224x3 with 1,000 classes."""

    name = "resnet34"
    card = _card("34 layers")
    stages = (3, 4, 6, 3)


class ResNet50(ResNet):
    """50 layers with weights, in bottlenecks; 25,557,032 parameters on 224x224x3 with 1,000 classes."""

    name = "resnet50"
    card = _card("50 layers, in bottlenecks")
    stages = (3, 4, 6, 3)
    expansion = 4
