"""The forms in which sequences reach a network."""

import pytest
import torch

from luthier.core.errors import BadInput
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


def test_lengths_may_be_left_out_where_all_have_every_step():
    x = torch.zeros(2, 7, 5)
    assert as_sequences({"sequence": x}) == (x, None)


@pytest.mark.parametrize(
    ("inputs", "problem"),
    [
        ({"length": [3, 0, -1]}, "lengths must be from 1 to the 7 steps of the sequences, but 2 are not, such as 0; "),
        ({"length": [8, 7, 1]}, "lengths must be from 1 to the 7 steps of the sequences, but 1 are not, such as 8; "),
        (
            {"length": [1, 2]},
            "lengths must be 3 whole numbers, one for each sequence, but got torch.int64 of shape (2,)",
        ),
        ({"length": [1.0, 2, 3]}, "lengths must be 3 whole numbers, one for each sequence, but got torch.float32 of "),
    ],
)
def test_other_lengths_are_refused(inputs, problem):
    with pytest.raises(BadInput) as caught:
        as_sequences({"sequence": torch.zeros(3, 7, 5), "length": torch.tensor(inputs["length"])})
    assert str(caught.value).startswith(problem)


def test_inputs_without_a_sequence_are_refused():
    with pytest.raises(BadInput, match="inputs must hold 'sequence', but hold length; name it so"):
        as_sequences({"length": torch.tensor([1])})
