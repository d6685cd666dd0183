"""The activation of LeNet-5."""

import torch
from torch import Tensor, nn


class ScaledTanh(nn.Module):
    """1.7159 tanh(2x/3): f(1) = 1 and f(-1) = -1, with the largest curvature there.

    Source: LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998.

    >>> ScaledTanh()(torch.tensor([-1.0, 0.0, 1.0]))
    tensor([-1.0000,  0.0000,  1.0000])
    """

    AMPLITUDE = 1.7159
    SLOPE = 2 / 3

    def forward(self, x: Tensor) -> Tensor:
        return self.AMPLITUDE * torch.tanh(self.SLOPE * x)
