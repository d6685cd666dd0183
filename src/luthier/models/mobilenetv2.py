"""MobileNetV2: Sandler, Howard, Zhu, Zhmoginov and Chen, Inverted residuals and linear bottlenecks, 2018."""

from torch import nn

from luthier.core.card import ArchitectureCard
from luthier.core.declare import hyperparameter
from luthier.models.activations import ActivationField, ReLU6
from luthier.models.architecture import Shape
from luthier.models.picture import Layers
from luthier.models.resnet import ResidualNetwork
from luthier.models.settings import Stem, chain, dropout_field, is_small, layers, make_norm, scale_width, stem_field

FIRST, LAST = 32, 1280


TABLE = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
"""Table 2 of the paper: expansion, channels, blocks and stride of the first block in each stage."""


class MobileNetV2(ResidualNetwork):
    """Inverted residuals with depthwise convolutions; 3,504,872 parameters on 224x224x3 with 1,000 classes.

    The last convolution grows with the width above 1 and does not shrink below it, as in the paper. The small stem has
    stride 1 in the first convolution and in the second stage.

    >>> MobileNetV2(width=0.1).build((3, 9, 9), 7).output
    Linear(in_features=1280, out_features=7, bias=True)
    """

    name = "mobilenetv2"
    card = ArchitectureCard(
        summary="MobileNetV2: inverted residuals with depthwise convolutions; pictures keep their own size.",
        source="Sandler, Howard, Zhu, Zhmoginov and Chen, MobileNetV2: inverted residuals and linear bottlenecks, "
        "2018, arXiv 1801.04381",
        paper_shape=(3, 224, 224),
    )

    activation: ActivationField = hyperparameter(ReLU6(), description="what follows each layer but the last of a block")
    dropout: float = dropout_field(0.2, "before the last layer")
    stem: Stem = stem_field()

    def features(self, shape: Shape) -> Layers:
        small = is_small(self.stem, shape)
        before, rates = scale_width(FIRST, self.width), iter(self.rates(sum(row[2] for row in TABLE)))
        modules = layers(conv1=self.unit(shape[0], before, 3, stride=1 if small else 2))
        for stage, (expansion, channels, count, first) in enumerate(TABLE, start=1):
            after, blocks = scale_width(channels, self.width), nn.Sequential()
            for number in range(count):
                stride = 1 if number or (small and stage == 2) else first
                branch, rate = self._branch(before, after, expansion, stride), next(rates)
                blocks.append(self.residual(branch, nn.Identity(), rate) if number else branch)
                before = after
            modules[f"stage{stage}"] = blocks
        return {**modules, "conv2": self.unit(before, scale_width(LAST, max(1, self.width)), 1)}

    def _branch(self, before: int, after: int, expansion: int, stride: int) -> nn.Sequential:
        inner = before * expansion
        return chain(
            expand=self.unit(before, inner, 1) if expansion > 1 else None,
            depthwise=self.unit(inner, inner, 3, stride, groups=inner),
            project=self.conv(inner, after, 1),
            norm=make_norm(self.norm, after),
        )
