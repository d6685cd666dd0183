"""Recurrent layers: cells against their equations, padded sequences against the same alone, first values."""

import numpy as np
import pytest
import torch

from luthier.core.errors import BadInput
from luthier.core.rng import generator
from luthier.models.initialisers import INITIALISERS, initialise_
from luthier.models.modules import LastState, Recurrent, Rows, to_sequences
from luthier.models.modules.recurrent import CELLS

UNITS, FEATURES, STEPS = 5, 3, 7


def made(cell, **settings):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = Recurrent(cell, FEATURES, UNITS, **settings)
        for one in module.parameters():  # biases too, which start at 0
            one.data = torch.randn(one.shape)
    return module.eval()


def inputs(*shape):
    return torch.randn(*shape, generator=generator(0, "x"))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def rnn(gates, recurrent, state):
    return (np.tanh(gates + recurrent),)


def lstm(gates, recurrent, state):
    """Hochreiter and Schmidhuber, 1997, with the forget gate of Gers, Schmidhuber and Cummins, 2000."""
    enter, forget, cell, show = np.split(gates + recurrent, 4)
    memory = sigmoid(forget) * state[1] + sigmoid(enter) * np.tanh(cell)
    return sigmoid(show) * np.tanh(memory), memory


def gru(gates, recurrent, state):
    """Cho et al., 2014, with the reset gate behind the product, as in cuDNN."""
    (reset, update, new), (past_reset, past_update, past_new) = np.split(gates, 3), np.split(recurrent, 3)
    reset, update = sigmoid(reset + past_reset), sigmoid(update + past_update)
    return ((1 - update) * np.tanh(new + reset * past_new) + update * state[0],)


def walked(cell, x, weights):
    """States of one layer over one sequence (T, F), step by step; weights: of inputs and states, and their biases."""
    into, past, into_bias, past_bias = weights
    state, states = (np.zeros(UNITS), np.zeros(UNITS)), []
    for one in x:
        state = cell(into @ one + into_bias, past @ state[0] + past_bias, state)
        states.append(state[0])
    return np.array(states)


def arrays(module, layer, suffix=""):
    names = ("weight_ih_l", "weight_hh_l", "bias_ih_l", "bias_hh_l")
    return [getattr(module.cell, f"{name}{layer}{suffix}").detach().numpy().astype(np.float64) for name in names]


@pytest.mark.parametrize("cell", [rnn, lstm, gru], ids=lambda cell: cell.__name__)
def test_states_follow_the_equations(cell):
    """Two layers, both directions, on one sequence."""
    module, x = made(cell.__name__, layers=2, bidirectional=True), inputs(1, STEPS, FEATURES)
    states = x[0].numpy().astype(np.float64)
    for layer in (0, 1):
        forward = walked(cell, states, arrays(module, layer))
        back = walked(cell, states[::-1], arrays(module, layer, "_reverse"))[::-1]
        states = np.concatenate((forward, back), 1)
    np.testing.assert_allclose(module(x)[0].detach().numpy(), states, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_padded_sequence_is_read_as_if_it_stood_alone(cell, bidirectional):
    module = made(cell, layers=2, bidirectional=bidirectional)
    last = LastState(bidirectional)
    x, lengths = inputs(4, STEPS, FEATURES), torch.tensor([3, 7, 1, 5])
    for row, length in enumerate(lengths.tolist()):
        x[row, length:] = 1e3  # what stands behind the end must not be read
    states = module(x, lengths)
    found = last(states, lengths)
    assert states.shape == (4, STEPS, UNITS * (1 + bidirectional))
    for row, length in enumerate(lengths.tolist()):
        alone = module(x[[row], :length])
        torch.testing.assert_close(states[row, :length], alone[0])
        torch.testing.assert_close(found[row], last(alone)[0])
        assert states[row, length:].eq(0).all()


def test_full_lengths_change_nothing():
    module, x = made("gru", bidirectional=True), inputs(2, STEPS, FEATURES)
    full = torch.full((2,), STEPS)
    torch.testing.assert_close(module(x, full), module(x))
    assert torch.equal(LastState(True)(module(x), full), LastState(True)(module(x)))


@pytest.mark.parametrize("cell", CELLS)
def test_recurrent_weights_start_orthogonal_and_biases_at_0_but_the_forget_gate_at_1(cell):
    module = Recurrent(cell, FEATURES, UNITS, layers=2, bidirectional=True).cell
    for name, one in module.named_parameters():
        gates = one.detach().split(UNITS)
        if name.startswith("weight_hh"):
            for gate in gates:
                torch.testing.assert_close(gate @ gate.T, torch.eye(UNITS))
        if name.startswith("bias"):
            ones = [number for number, gate in enumerate(gates) if gate.eq(1).all()]
            assert ones == ([1] if cell == "lstm" and "_ih_" in name else [])
            assert one.sum() == len(ones) * UNITS


@pytest.mark.parametrize("initialiser", [member() for member in INITIALISERS], ids=lambda one: one.name)
def test_an_initialiser_sets_the_input_weights_only(initialiser):
    module = Recurrent("lstm", FEATURES, UNITS, layers=2)
    before = {name: one.detach().clone() for name, one in module.named_parameters()}
    initialise_(module, initialiser, seed=3)
    changed = {name for name, one in module.named_parameters() if not torch.equal(one, before[name])}
    assert changed == {"cell.weight_ih_l0", "cell.weight_ih_l1"}


def test_fans_are_counted_per_gate():
    fans = Recurrent("gru", FEATURES, UNITS, layers=2, bidirectional=True).cell.fans()
    assert fans == {
        "weight_ih_l0": (FEATURES, UNITS),
        "weight_ih_l0_reverse": (FEATURES, UNITS),
        "weight_ih_l1": (2 * UNITS, UNITS),
        "weight_ih_l1_reverse": (2 * UNITS, UNITS),
    }


def test_dropout_lies_between_layers_alone():
    assert Recurrent("rnn", FEATURES, UNITS, dropout=0.5).cell.dropout == 0
    module, x = made("rnn", layers=2, dropout=0.5), inputs(2, STEPS, FEATURES)
    assert torch.equal(module(x), module(x))
    module.train()
    assert not torch.equal(module(x), module(x))


def test_pictures_are_read_row_by_row():
    x = torch.arange(210.0).view(2, 3, 5, 7)
    sequence, lengths = to_sequences(x)
    assert torch.equal(sequence, Rows()(x)) and lengths is None


def test_sequences_stay_and_lengths_come_with_them():
    x, length = torch.zeros(2, 7, 5), torch.tensor([3, 7])
    assert to_sequences(x) == (x, None)
    sequence, lengths = to_sequences({"sequence": x, "length": length})
    assert sequence is x and lengths is length


def test_lengths_may_be_left_out_where_all_have_every_step():
    x = torch.zeros(2, 7, 5)
    assert to_sequences({"sequence": x}) == (x, None)


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
        to_sequences({"sequence": torch.zeros(3, 7, 5), "length": torch.tensor(inputs["length"])})
    assert str(caught.value).startswith(problem)


def test_inputs_without_a_sequence_are_refused():
    with pytest.raises(BadInput, match="inputs must hold 'sequence', but hold length; name it so"):
        to_sequences({"length": torch.tensor([1])})
