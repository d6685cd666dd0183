"""Vectors for tokens."""

from torch import nn

from luthier.core.card import Card
from luthier.core.declare import Range, Search, hyperparameter
from luthier.core.errors import BadInput
from luthier.models.layers.layer import Layer, Shape
from luthier.models.modules import TokenEmbedding


class Embedding(Layer):
    """Replace each token number of a row (T,) by a learned vector, which makes a sequence (T, width).

    Where it comes first, the rows are not standardised.

    >>> import torch
    >>> Embedding(tokens=9, width=3).build((4,))(torch.tensor([[0.0, 8.0, 8.0, 1.0]])).shape
    torch.Size([1, 4, 3])
    """

    name = "embedding"
    card = Card(
        summary="Embedding: a learned vector for each token.",
        source="Bengio, Ducharme, Vincent and Jauvin, A neural probabilistic language model, 2003",
    )

    tokens: int = hyperparameter(
        10_000, bounds=Range(1), description="size of the vocabulary; tokens are numbers from 0 to one less"
    )
    width: int = hyperparameter(
        64, bounds=Range(1), search=Search(8, 512, log=True), description="numbers that stand for a token"
    )

    @property
    def vocabulary(self) -> int:
        return self.tokens

    def build(self, shape: Shape) -> nn.Module:
        if len(shape) != 1:
            remedy = "pictures hold none, so take it out" if len(shape) == 3 else "put it first, or take it out"
            raise BadInput(f"{self.name} needs rows of tokens (T,), but gets shape {shape}; {remedy}")
        return TokenEmbedding(self.tokens, self.width)
