"""The layer gru: which states it gives; the cell itself is tried in tests/models/modules/test_recurrent.py."""

import torch

from luthier.models.layers import GRU
from luthier.models.modules import recurrent


def test_it_gives_all_states_or_the_last(noise):
    x = noise(2, 7, 3).float()
    network = GRU(units=5, layers=2, bidirectional=True).build((7, 3))
    states, last = network[0](x), network(x)
    assert states.shape == (2, 7, 10)
    assert torch.equal(last, torch.cat((states[:, -1, :5], states[:, 0, 5:]), 1))
    assert GRU(units=5, output="sequence").build((7, 3))(x).shape == (2, 7, 5)


def test_its_settings_reach_the_cell():
    cell = GRU(units=5, layers=2, bidirectional=True, dropout=0.25, output="sequence").build((7, 3)).cell
    assert isinstance(cell, recurrent.GRU)
    assert (cell.input_size, cell.hidden_size, cell.num_layers, cell.bidirectional, cell.dropout) == (
        3,
        5,
        2,
        True,
        0.25,
    )


def test_pictures_must_be_read_as_rows_first(refusal):
    assert refusal(GRU(), (1, 28, 28)) == (
        "gru needs sequences (T, F), but gets shape (1, 28, 28); put rows before it to read pictures"
    )
