"""Embedding of token numbers that come as floats."""

from torch import Tensor, nn


class TokenEmbedding(nn.Embedding):
    """Replace token numbers (B, T), floats that hold whole numbers, by vectors (B, T, D) drawn from N(0, 1).

    Source: Bengio, Ducharme, Vincent and Jauvin, A neural probabilistic language model, 2003.

    >>> import torch
    >>> layer = TokenEmbedding(3, 2)
    >>> torch.equal(layer(torch.tensor([[2.0]]))[0, 0], layer.weight[2])
    True
    """

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input.long())
