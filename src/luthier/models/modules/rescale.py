"""The user's units as the last layer of a regression network, so that every saved or exported network contains them."""

import torch
from torch import Tensor, nn


class Rescale(nn.Module):
    """Bring answers in standard deviations (B, D) to the user's units.

    mean, std: of each value over the training part (D,); a constant value has std 1, so nothing is divided by 0.

    >>> layer = Rescale(torch.tensor([5.0]), torch.tensor([2.0]))
    >>> layer(torch.tensor([[3.0]])), layer.inverse(torch.tensor([[11.0]]))
    (tensor([[11.]]), tensor([[3.]]))
    """

    mean: Tensor
    std: Tensor

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", torch.where(std > 0, std, torch.ones_like(std)))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.std + self.mean

    def inverse(self, values: Tensor) -> Tensor:
        """Say values in the user's units (B, D) in standard deviations from the mean."""
        return (values - self.mean) / self.std


def fit_rescale(values: Tensor) -> Rescale:
    """Take the constants from values (M, D), normally those of the training part, in the precision that they have."""
    exact = values.double()
    return Rescale(exact.mean(0).to(values), exact.std(0, correction=0).to(values))
