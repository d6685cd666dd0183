"""Modules of rows and texts: embeddings of token numbers that come as floats, sparse connections."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from luthier.core.errors import BadInput


class TokenEmbedding(nn.Embedding):
    """Replace token numbers (B, T), floats that hold whole numbers, by vectors (B, T, D) drawn from N(0, 1).

    Raises BadInput for a number that is no token.
    Source: Bengio, Ducharme, Vincent and Jauvin, A neural probabilistic language model, 2003.

    >>> import torch
    >>> layer = TokenEmbedding(3, 2)
    >>> torch.equal(layer(torch.tensor([[2.0]]))[0, 0], layer.weight[2])
    True
    """

    def forward(self, input: Tensor) -> Tensor:
        check_tokens(input, self.num_embeddings)
        return super().forward(input.long())


def check_tokens(numbers: Tensor, vocabulary: int) -> None:
    """Raise BadInput where not all numbers are tokens, whole from 0 to one less than the size of the vocabulary.

    An index that is not there would end the whole program on a GPU.

    >>> import torch
    >>> check_tokens(torch.tensor([0.0, 4.0]), 5)
    """
    tokens = (numbers >= 0) & (numbers < vocabulary) & (numbers == numbers.round())
    if not tokens.all():
        bad = numbers[~tokens]
        raise BadInput(
            f"tokens must be whole numbers from 0 to {vocabulary - 1}, but {len(bad)} are not, such as {bad[0]:g}; "
            "mend them or raise the number of tokens"
        )


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


class Rows(nn.Module):
    """Read pictures (B, C, H, W) as sequences of their rows from the top (B, H, C W), the channels one after another.

    >>> import torch
    >>> Rows()(torch.zeros(2, 3, 7, 5)).shape
    torch.Size([2, 7, 15])
    """

    def forward(self, x: Tensor) -> Tensor:
        return x.transpose(1, 2).flatten(2)


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
        """Return the connections into and out of each parameter's unit: for weights, how many units see their input."""
        units, fan_in = self.weight.shape
        uses = torch.bincount(self.sources.flatten(), minlength=self.inputs).float()
        into = torch.full_like(uses[self.sources], fan_in)
        return {"weight": (into, uses[self.sources]), "bias": (float(fan_in), units * fan_in / self.inputs)}
