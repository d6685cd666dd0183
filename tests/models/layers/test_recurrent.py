"""The layer gru: which states it gives; the cell itself is tried in tests/models/modules/test_recurrent.py."""

import torch

from luthier.models.layers import GRU, LSTM, RNN, RowsOfPixels
from luthier.models.modules import recurrent


def test_it_gives_all_states_or_the_last_of_gru(noise):
    x = noise(2, 7, 3).float()
    network = GRU(units=5, layers=2, bidirectional=True).build((7, 3))
    states, last = network[0](x), network(x)
    assert states.shape == (2, 7, 10)
    assert torch.equal(last, torch.cat((states[:, -1, :5], states[:, 0, 5:]), 1))
    assert GRU(units=5, output="sequence").build((7, 3))(x).shape == (2, 7, 5)


def test_its_settings_reach_the_cell_of_gru():
    cell = GRU(units=5, layers=2, bidirectional=True, dropout=0.25, output="sequence").build((7, 3)).cell
    assert isinstance(cell, recurrent.GRU)
    assert (cell.input_size, cell.hidden_size, cell.num_layers, cell.bidirectional, cell.dropout) == (
        3,
        5,
        2,
        True,
        0.25,
    )


def test_pictures_must_be_read_as_rows_first_of_gru(refusal):
    assert refusal(GRU(), (1, 28, 28)) == (
        "gru needs sequences (T, F), but gets shape (1, 28, 28); put rows before it to read pictures"
    )


def test_it_gives_all_states_or_the_last_of_lstm(noise):
    x = noise(2, 7, 3).float()
    network = LSTM(units=5, layers=2, bidirectional=True).build((7, 3))
    states, last = network[0](x), network(x)
    assert states.shape == (2, 7, 10)
    assert torch.equal(last, torch.cat((states[:, -1, :5], states[:, 0, 5:]), 1))
    assert LSTM(units=5, output="sequence").build((7, 3))(x).shape == (2, 7, 5)


def test_its_settings_reach_the_cell_of_lstm():
    cell = LSTM(units=5, layers=2, bidirectional=True, dropout=0.25, output="sequence").build((7, 3)).cell
    assert isinstance(cell, recurrent.LSTM)
    assert (cell.input_size, cell.hidden_size, cell.num_layers, cell.bidirectional, cell.dropout) == (
        3,
        5,
        2,
        True,
        0.25,
    )


def test_pictures_must_be_read_as_rows_first_of_lstm(refusal):
    assert refusal(LSTM(), (1, 28, 28)) == (
        "lstm needs sequences (T, F), but gets shape (1, 28, 28); put rows before it to read pictures"
    )


def test_it_gives_all_states_or_the_last_of_rnn(noise):
    x = noise(2, 7, 3).float()
    network = RNN(units=5, layers=2, bidirectional=True).build((7, 3))
    states, last = network[0](x), network(x)
    assert states.shape == (2, 7, 10)
    assert torch.equal(last, torch.cat((states[:, -1, :5], states[:, 0, 5:]), 1))
    assert RNN(units=5, output="sequence").build((7, 3))(x).shape == (2, 7, 5)


def test_its_settings_reach_the_cell_of_rnn():
    cell = RNN(units=5, layers=2, bidirectional=True, dropout=0.25, output="sequence").build((7, 3)).cell
    assert isinstance(cell, recurrent.RNN)
    assert (cell.input_size, cell.hidden_size, cell.num_layers, cell.bidirectional, cell.dropout) == (
        3,
        5,
        2,
        True,
        0.25,
    )


def test_pictures_must_be_read_as_rows_first_of_rnn(refusal):
    assert refusal(RNN(), (1, 28, 28)) == (
        "rnn needs sequences (T, F), but gets shape (1, 28, 28); put rows before it to read pictures"
    )


def test_a_step_is_a_row_with_its_channels_one_after_another():
    x = torch.arange(210.0).view(2, 3, 5, 7)
    found = RowsOfPixels().build((3, 5, 7))(x)
    assert found.shape == (2, 5, 21)
    for row in range(5):
        assert torch.equal(found[:, row], torch.cat([x[:, channel, row] for channel in range(3)], 1))


def test_what_is_no_picture_is_refused(refusal):
    assert refusal(RowsOfPixels(), (7, 5)).startswith("rows needs pictures (C, H, W)")
