"""Embedding of token numbers that come as floats."""

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
