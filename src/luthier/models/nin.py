"""NiN: Lin, Chen and Yan, Network in network, 2013."""

from torch import nn

from luthier.core.card import ArchitectureCard
from luthier.models.architecture import Shape
from luthier.models.picture import Layers, PictureNetwork
from luthier.models.settings import dropout_field, layers, make_dropout, scale_width


class NiN(PictureNetwork):
    """Three convolutions, each followed by two of 1x1, and one map per class, averaged; 966,986 parameters on 32x32x3.

    The paper's network for small pictures, with the authors' numbers of channels. Any picture will do, but the first
    layers keep its size, so that a large one is slow. The last layer is a convolution and has an activation nowhere
    behind it, so that logits may be negative.

    >>> sum(p.numel() for p in NiN().build((3, 32, 32), 10).parameters())
    966986
    """

    name = "nin"
    card = ArchitectureCard(
        summary="Network in network: convolutions followed by 1x1 convolutions, without fully connected layers.",
        source="Lin, Chen and Yan, Network in network, 2013, arXiv 1312.4400",
        native_size=32,
    )

    dropout: float = dropout_field(0.5, "after the first and the second pooling")

    def features(self, shape: Shape) -> Layers:
        wide, middle, narrow = (scale_width(channels, self.width) for channels in (192, 160, 96))
        return layers(
            conv1=self.unit(shape[0], wide, 5),
            mix1=self.unit(wide, middle, 1),
            mix2=self.unit(middle, narrow, 1),
            pool1=nn.MaxPool2d(3, 2, 1),
            dropout1=make_dropout(self.dropout),
            conv2=self.unit(narrow, wide, 5),
            mix3=self.unit(wide, wide, 1),
            mix4=self.unit(wide, wide, 1),
            pool2=nn.MaxPool2d(3, 2, 1),
            dropout2=make_dropout(self.dropout),
            conv3=self.unit(wide, wide, 3),
            mix5=self.unit(wide, wide, 1),
        )

    def head(self, maps: Shape, outputs: int) -> Layers:
        return layers(output=nn.Conv2d(maps[0], outputs, 1), pool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten())
