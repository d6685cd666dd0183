"""A text and the columns beside it as one sequence."""

import torch
from torch import Tensor, nn

from luthier.models.modules.embedding import TokenEmbedding


class WordsAndColumns(nn.Module):
    """Make sequences of words: each step is the word's learned vector with the row's columns beside it.

    Takes {"columns": (B, F), "tokens": (B, T), "length": (B,)}, gives {"sequence": (B, T, width + F), "length": (B,)}.

    tokens: size of the vocabulary. width: numbers that stand for a word.

    >>> row = {"columns": torch.ones(2, 3), "tokens": torch.zeros(2, 7), "length": torch.tensor([7, 1])}
    >>> WordsAndColumns(11, 5)(row)["sequence"].shape
    torch.Size([2, 7, 8])
    """

    def __init__(self, tokens: int, width: int) -> None:
        super().__init__()
        self.embedding = TokenEmbedding(tokens, width)

    def forward(self, x: dict[str, Tensor]) -> dict[str, Tensor]:
        vectors = self.embedding(x["tokens"])
        beside = x["columns"].unsqueeze(1).expand(-1, vectors.shape[1], -1)
        return {"sequence": torch.cat((vectors, beside), 2), "length": x["length"]}
