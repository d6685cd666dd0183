"""The forms in which sequences reach a network."""

import torch

from luthier.models.modules import Rows, as_sequences


def test_pictures_are_read_row_by_row():
    x = torch.arange(210.0).view(2, 3, 5, 7)
    sequence, lengths = as_sequences(x)
    assert torch.equal(sequence, Rows()(x)) and lengths is None


def test_sequences_stay_and_lengths_come_with_them():
    x, length = torch.zeros(2, 7, 5), torch.tensor([3, 7])
    assert as_sequences(x) == (x, None)
    sequence, lengths = as_sequences({"sequence": x, "length": length})
    assert sequence is x and lengths is length
