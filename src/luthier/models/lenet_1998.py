"""LeNet-5 exactly as published.

Source: LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998.
"""

from collections import OrderedDict

from torch import nn

from luthier.core.card import ArchitectureCard
from luthier.core.errors import BadInput
from luthier.models.architecture import Architecture, Shape
from luthier.models.modules import EuclideanRBF, ScaledTanh, TableConv2d, TrainableSubsampling
from luthier.models.modules.lenet_1998 import C3_TABLE

SIDE = 32


class LeNet51998(Architecture):
    """The published network on 32x32 pictures: 60,000 parameters with one grey channel, for any number of classes.

    Trainable subsampling, the sparse connections of C3, the activation 1.7159 tanh(2x/3) after every layer up to
    F6, and Euclidean distances to fixed codes of +1 and -1 as outputs; a logit is minus such a distance, so
    adding classes adds no parameters. Codes: see EuclideanRBF.

    >>> sum(p.numel() for p in LeNet51998().build((1, 32, 32), 10).parameters())
    60000
    """

    name = "lenet5-1998"
    card = ArchitectureCard(
        summary="LeNet-5 exactly as published, sparse C3 and Euclidean outputs included.",
        source="LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998",
        native_size=SIDE,
        suggests={
            "data": {"fit": "pad"},
            "initialiser": {"name": "lecun-1998"},
            "loss": {"name": "map-1998"},
            "optimizer": {"name": "adamw", "learning_rate": 0.002},
        },
    )

    tasks = ("classification",)

    def build(self, shape: Shape, outputs: int) -> nn.Module:
        if len(shape) != 3:
            raise BadInput(f"{self.name} needs pictures, but an example has shape {shape}; use --model mlp for rows")
        if shape[1:] != (SIDE, SIDE):
            raise BadInput(
                f"lenet5-1998 needs pictures of {SIDE}x{SIDE} pixels, but an example has shape {shape}; "
                f"set data.size = {SIDE}"
            )
        return nn.Sequential(
            OrderedDict(
                c1=nn.Conv2d(shape[0], 6, 5),
                f1=ScaledTanh(),
                s2=TrainableSubsampling(6),
                f2=ScaledTanh(),
                c3=TableConv2d(C3_TABLE, 5),
                f3=ScaledTanh(),
                s4=TrainableSubsampling(16),
                f4=ScaledTanh(),
                c5=nn.Conv2d(16, 120, 5),
                f5=ScaledTanh(),
                flatten=nn.Flatten(),
                f6=nn.Linear(120, 84),
                squash=ScaledTanh(),
                output=EuclideanRBF(84, outputs),
            )
        )
