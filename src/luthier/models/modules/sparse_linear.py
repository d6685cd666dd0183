"""Full connection thinned to a few random inputs per unit: sparse in what it stores."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class SparseLinear(nn.Module):
    """Take (..., inputs) to (..., units), each unit a weighted sum of fan_in inputs of its own plus a bias.

    inputs, units: sizes. fan_in: from 1 to inputs. The inputs of each unit, all different, are drawn from the global
    generator, which the caller seeds, and are saved with the network. For the product the weights are laid into a
    dense matrix for a moment: at the sizes of one layer that is faster than gathering.
    Source: Mocanu et al., Scalable training of artificial neural networks with adaptive sparse connectivity inspired
    by network science, 2018 (random sparse layers, the connections here staying as drawn).

    >>> layer = SparseLinear(7, 5, fan_in=2)
    >>> sum(p.numel() for p in layer.parameters()), layer(torch.ones(3, 7)).shape
    (15, torch.Size([3, 5]))
    """

    sources: Tensor

    def __init__(self, inputs: int, units: int, fan_in: int) -> None:
        super().__init__()
        self.inputs = inputs
        self.register_buffer("sources", torch.rand(units, inputs).argsort(1)[:, :fan_in].contiguous())
        self.weight = nn.Parameter(torch.empty(units, fan_in).uniform_(-1, 1) / fan_in**0.5)
        self.bias = nn.Parameter(torch.zeros(units))

    def forward(self, x: Tensor) -> Tensor:
        dense = self.weight.new_zeros(len(self.weight), self.inputs).scatter(1, self.sources, self.weight)
        return F.linear(x, dense, self.bias)

    def fans(self) -> dict[str, tuple[float | Tensor, float | Tensor]]:
        """Connections into and out of the unit of each parameter: for weights, how many units see their input."""
        units, fan_in = self.weight.shape
        uses = torch.bincount(self.sources.flatten(), minlength=self.inputs).float()
        into = torch.full_like(uses[self.sources], fan_in)
        return {"weight": (into, uses[self.sources]), "bias": (float(fan_in), units * fan_in / self.inputs)}
