"""Hard swish."""

from torch import nn

from luthier.core.card import Card
from luthier.models.activations.activation import Activation


class HardSwish(Activation):
    """x times min(max(x + 3, 0), 6) / 6.

    >>> import torch
    >>> HardSwish().build()(torch.tensor([-1.0, 2.0]))
    tensor([-0.3333,  1.6667])
    """

    name = "hard-swish"
    card = Card(
        summary="Swish with the logistic function replaced by a straight line cut off at 0 and 1.",
        source="Howard, Sandler, Chu, Chen, Chen, Tan, Wang, Zhu, Pang, Vasudevan, Le and Adam, "
        "Searching for MobileNetV3, 2019, arXiv 1905.02244",
    )

    def build(self) -> nn.Module:
        return nn.Hardswish()
