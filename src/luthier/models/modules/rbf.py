"""Euclidean radial basis outputs with fixed codes."""

import torch
from torch import Tensor, nn

from luthier.core.errors import BadInput
from luthier.core.rng import generator

PRIME = 83


class EuclideanRBF(nn.Module):
    """Minus the squared distance of (B, F) to each class's fixed code: logits (B, K). It has no parameters.

    features: F. classes: K. codes (K, F) of +1 and -1: with F = 84, the rows of the Paley-Hadamard matrix of order
    84 (any two differ in exactly half of the places), then the same rows negated, which serves 168 classes;
    further classes, and other F, get rows of coin tosses from a fixed stream, all different. The paper draws its ten
    codes as 7x12 pictures of the characters, which exist for characters only.
    Sources: LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998;
    Paley, On orthogonal matrices, 1933.

    >>> layer = EuclideanRBF(84, 10)
    >>> layer(layer.codes).argmax(1).tolist()
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """

    codes: Tensor

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.register_buffer("codes", class_codes(features, classes))

    def forward(self, x: Tensor) -> Tensor:
        squares = x.square().sum(1, keepdim=True) + self.codes.square().sum(1)
        return 2 * x @ self.codes.T - squares


def class_codes(features: int, classes: int) -> Tensor:
    """Make one code of +1 and -1 per class (K, F); see EuclideanRBF."""
    if classes > 2**features:
        raise BadInput(
            f"{features} signs make {2**features} different codes, but {classes} classes need one each; "
            "use more features"
        )
    rows = list(_paley()) if features == PRIME + 1 else []
    rows = rows + [-row for row in rows]
    known = {tuple(row.tolist()) for row in rows}
    rng = generator(0, f"rbf-codes/{features}")
    while len(rows) < classes:
        row = torch.randint(2, (features,), generator=rng) * 2.0 - 1
        if tuple(row.tolist()) not in known:
            known.add(tuple(row.tolist()))
            rows.append(row)
    return torch.stack(rows[:classes])


def _paley() -> Tensor:
    """The Hadamard matrix of order 84 from the quadratic residues modulo 83 (Paley's first construction)."""
    residues = {k * k % PRIME for k in range(1, PRIME)}
    character = torch.tensor([0.0] + [1.0 if k in residues else -1.0 for k in range(1, PRIME)])
    number = torch.arange(PRIME)
    matrix = torch.ones(PRIME + 1, PRIME + 1)
    matrix[1:, 0] = -1
    matrix[1:, 1:] = character[(number[:, None] - number) % PRIME] + torch.eye(PRIME)
    return matrix
