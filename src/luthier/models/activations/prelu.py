"""Parametric rectified linear unit."""

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.models.activations.activation import Activation


class PReLU(Activation):
    """x above 0, a learned slope times x below; one slope for all channels of the layer (the paper's shared form).

    The slope has one dimension, so weight decay leaves it alone, as in the paper.

    >>> import torch
    >>> PReLU(start=0.5).build()(torch.tensor([-1.0, 2.0]))
    tensor([-0.5000,  2.0000], grad_fn=<PreluKernelBackward0>)
    """

    name = "prelu"
    card = Card(
        summary="Parametric ReLU: x above 0, a learned slope times x below.",
        source="He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015, arXiv 1502.01852",
    )

    start: float = hyperparameter(
        0.25,
        bounds=Range(-1, 1),
        search=Search(0, 0.5),
        description="slope below 0 before training; 0 is ReLU, 1 the identity",
    )

    def build(self) -> nn.Module:
        return nn.PReLU(init=self.start)
