"""AlexNet: Krizhevsky, One weird trick for parallelizing convolutional neural networks, 2014 (the one-tower form)."""

from torch import nn

from luthier.core.card import ArchitectureCard
from luthier.models.architecture import Shape
from luthier.models.full_head import FullHead
from luthier.models.picture import Layers
from luthier.models.settings import Stem, chain, is_small, layers, make_norm, scale_width, stem_field

CHANNELS = (64, 192, 384, 256, 256)


class AlexNet(FullHead):
    """Five convolutions, three max-poolings, three fully connected layers; 61,100,840 parameters on 224x224x3.

    The small stem is a 3x3 convolution of stride 1 in place of 11x11 of stride 4.

    >>> AlexNet(width=0.1).build((3, 32, 32), 7).output
    Linear(in_features=410, out_features=7, bias=True)
    """

    name = "alexnet"
    card = ArchitectureCard(
        summary="AlexNet in one tower; pictures keep their own size.",
        source="Krizhevsky, One weird trick for parallelizing convolutional neural networks, 2014, arXiv 1404.5997; "
        "after Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional networks, 2012",
        paper_shape=(3, 224, 224),
    )
    side = 6

    stem: Stem = stem_field()

    def features(self, shape: Shape) -> Layers:
        first, second, third, fourth, fifth = (scale_width(one, self.width) for one in CHANNELS)
        small = is_small(self.stem, shape)
        return layers(
            conv1=self.unit(shape[0], first, 3) if small else self._large_stem(shape[0], first),
            pool1=nn.MaxPool2d(3, 2),
            conv2=self.unit(first, second, 5),
            pool2=nn.MaxPool2d(3, 2),
            conv3=self.unit(second, third, 3),
            conv4=self.unit(third, fourth, 3),
            conv5=self.unit(fourth, fifth, 3),
            pool5=nn.MaxPool2d(3, 2),
        )

    def _large_stem(self, channels: int, after: int) -> nn.Sequential:
        """The paper pads by 2, not by half the kernel."""
        conv = nn.Conv2d(channels, after, 11, stride=4, padding=2, bias=self.norm == "none")
        return chain(conv=conv, norm=make_norm(self.norm, after), activation=self.activation.build())
