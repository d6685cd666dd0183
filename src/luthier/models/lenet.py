"""LeNet-5 as it is built today.

Source: LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998.
"""

from collections import OrderedDict

from torch import nn

from luthier.core.card import ArchitectureCard
from luthier.core.errors import BadInput
from luthier.models.architecture import Architecture, Shape

FULL_SIDE = 32
SMALLEST = 12


class LeNet5(Architecture):
    """Two convolutions with ReLU and max-pooling, then three fully connected layers; 61,706 parameters on 28x28x1.

    Pictures below 32 pixels a side are padded by 2, so that 28x28 yields the same maps as the paper's 32x32. ReLU comes
    after the pooling: cut off at 0, the largest value is the same, and only a quarter of the values is left to cut.

    >>> sum(p.numel() for p in LeNet5().build((1, 28, 28), 10).parameters())
    61706
    """

    name = "lenet5"
    card = ArchitectureCard(
        summary="LeNet-5 with ReLU, max-pooling and a softmax output.",
        source="LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998",
        native_size=28,
    )

    def build(self, shape: Shape, outputs: int) -> nn.Module:
        channels, height, width = picture(self.name, shape, SMALLEST)
        padding = 2 if min(height, width) < FULL_SIDE else 0
        rows, columns = (((length + 2 * padding - 4) // 2 - 4) // 2 for length in (height, width))
        return nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(channels, 6, 5, padding=padding),
                pool1=nn.MaxPool2d(2),
                relu1=nn.ReLU(),
                conv2=nn.Conv2d(6, 16, 5),
                pool2=nn.MaxPool2d(2),
                relu2=nn.ReLU(),
                flatten=nn.Flatten(),
                full1=nn.Linear(16 * rows * columns, 120),
                relu3=nn.ReLU(),
                full2=nn.Linear(120, 84),
                relu4=nn.ReLU(),
                output=nn.Linear(84, outputs),
            )
        )


def picture(name: str, shape: Shape, smallest: int) -> Shape:
    """Return the shape if it is a picture's with sides of at least smallest pixels; raise BadInput otherwise."""
    if len(shape) != 3:
        raise BadInput(f"{name} needs pictures, but an example has shape {shape}; use --model mlp for rows")
    if min(shape[1:]) < smallest:
        raise BadInput(
            f"{name} needs pictures of at least {smallest} pixels a side, but got {shape[1]}x{shape[2]}; "
            f"set data.size = {smallest} or more"
        )
    return shape
