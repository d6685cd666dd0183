"""ResNet for large and small pictures: He, Zhang, Ren and Sun, Deep residual learning for image recognition, 2015."""

from typing import Any, ClassVar, Literal

from torch import nn

from luthier.core.card import ArchitectureCard
from luthier.core.declare import Range, Search, hyperparameter
from luthier.core.errors import BadInput
from luthier.models.architecture import Shape
from luthier.models.modules import PaddedShortcut, Residual, StochasticDepth
from luthier.models.picture import Layers, PictureNetwork
from luthier.models.settings import Norm, Stem, chain, is_small, layers, make_norm, norm_field, scale_width, stem_field


class ResidualNetwork(PictureNetwork):
    """Declares a network of residual blocks."""

    norm: Norm = norm_field("batch")
    zero_gamma: bool = hyperparameter(
        False,
        description="start the last norm of each branch at 0, so that a block begins as its shortcut (Goyal and "
        "others, "
        "Accurate, large minibatch SGD, 2017; He and others, Bag of tricks, 2019), or at 1 as usual",
    )
    stochastic_depth: float = hyperparameter(
        0.0,
        bounds=Range(0, 1, high_open=True),
        search=Search(0, 0.5),
        description="share of examples whose last branch is left out in training, less in earlier blocks; 0 leaves "
        "none out, "
        "near 1 nearly all (Huang and others, Deep networks with stochastic depth, 2016)",
    )

    def build(self, shape: Shape, outputs: int) -> nn.Module:
        if self.zero_gamma and self.norm == "none":
            raise BadInput(
                "zero_gamma needs a norm whose factor can start at 0, but norm is 'none'; "
                "set model.norm = 'batch' or model.zero_gamma = false"
            )
        return super().build(shape, outputs)

    def rates(self, blocks: int) -> list[float]:
        """Compute the stochastic depth rate of each block: linear up to that of the last, as in the paper."""
        return [self.stochastic_depth * number / blocks for number in range(1, blocks + 1)]

    def basic(self, before: int, after: int, stride: int) -> nn.Sequential:
        """Make a branch of two 3x3 convolutions, the first with the stride."""
        return chain(
            unit=self.unit(before, after, 3, stride), conv=self.conv(after, after, 3), norm=make_norm(self.norm, after)
        )

    def projection(self, before: int, after: int, stride: int) -> nn.Sequential:
        """Make a shortcut with parameters, for where the shape changes."""
        return chain(conv=self.conv(before, after, 1, stride), norm=make_norm(self.norm, after))

    def residual(
        self, branch: nn.Sequential, shortcut: nn.Module, rate: float, after: nn.Module | None = None
    ) -> Residual:
        """Join a branch that ends in a norm and its shortcut; rate: of stochastic depth in this block."""
        if self.zero_gamma and self.norm != "none":
            norm: nn.BatchNorm2d | nn.GroupNorm = branch[-1]  # type: ignore[assignment]  # it ends in one
            nn.init.zeros_(norm.weight)
        if rate:
            branch.append(StochasticDepth(rate))
        return Residual(branch, shortcut, after)


IMAGENET_CHANNELS = (64, 128, 256, 512)


PAPER = "He, Zhang, Ren and Sun, Deep residual learning for image recognition, 2015, arXiv 1512.03385"


def _imagenet_card(network: str) -> ArchitectureCard:
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
        modules, before, rates = (
            self._stem(shape),
            scale_width(IMAGENET_CHANNELS[0], self.width),
            iter(self.rates(sum(self.stages))),
        )
        for stage, (count, channels) in enumerate(zip(self.stages, IMAGENET_CHANNELS, strict=True), start=1):
            inner = scale_width(channels, self.width)
            blocks = nn.Sequential()
            for number in range(count):
                stride = 2 if stage > 1 and number == 0 else 1
                blocks.append(self._block(before, inner, stride, next(rates)))
                before = inner * self.expansion
            modules[f"stage{stage}"] = blocks
        return modules

    def _stem(self, shape: Shape) -> Layers:
        after = scale_width(IMAGENET_CHANNELS[0], self.width)
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
    card = _imagenet_card("18 layers")
    stages = (2, 2, 2, 2)


class ResNet34(ResNet):
    """34 layers with weights; 21,797,672 parameters on 224x224x3 with 1,000 classes."""

    name = "resnet34"
    card = _imagenet_card("34 layers")
    stages = (3, 4, 6, 3)


class ResNet50(ResNet):
    """50 layers with weights, in bottlenecks; 25,557,032 parameters on 224x224x3 with 1,000 classes."""

    name = "resnet50"
    card = _imagenet_card("50 layers, in bottlenecks")
    stages = (3, 4, 6, 3)
    expansion = 4


CIFAR_CHANNELS = (16, 32, 64)


def _cifar_card(layers: int) -> ArchitectureCard:
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
        before, rates = scale_width(CIFAR_CHANNELS[0], self.width), iter(self.rates(3 * self.depth))
        modules = layers(conv1=self.unit(shape[0], before, 3))
        for stage, channels in enumerate(CIFAR_CHANNELS, start=1):
            after = scale_width(channels, self.width)
            blocks = nn.Sequential()
            for number in range(self.depth):
                stride = 2 if stage > 1 and number == 0 else 1
                blocks.append(self._block(before, after, stride, next(rates)))
                before = after
            modules[f"stage{stage}"] = blocks
        return modules

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
    card = _cifar_card(20)
    depth: int = depth_field(3)


class ResNet32(CifarResNet):
    """32 layers with weights; 464,154 parameters on 32x32x3 with 10 classes."""

    name = "resnet32"
    card = _cifar_card(32)
    depth: int = depth_field(5)


class ResNet56(CifarResNet):
    """56 layers with weights; 853,018 parameters on 32x32x3 with 10 classes."""

    name = "resnet56"
    card = _cifar_card(56)
    depth: int = depth_field(9)
