"""The recurrent classifiers: pictures by rows, sequences, padded sequences, sizes."""

import pytest
import torch

from luthier.core.batch import Text
from luthier.core.errors import BadInput
from luthier.core.rng import generator
from luthier.models import ARCHITECTURES, GRU, LSTM, MLP, RNN, SequenceArchitecture, assemble
from luthier.models.initialisers import HeNormal
from luthier.models.modules import make_first_layer

MEMBERS = [RNN, LSTM, GRU]


GATES = {RNN: 1, LSTM: 4, GRU: 3}


def inputs(*shape):
    return torch.rand(*shape, generator=generator(0, "x"))


@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.parametrize(("depth", "bidirectional"), [(1, False), (2, True), (3, False)])
def test_sizes(member, depth, bidirectional):
    """Each gate has weights from the inputs and from the state, and two biases."""
    network = member(depth=depth, width=5, bidirectional=bidirectional).build((7, 3), 11)
    ways = 1 + bidirectional
    sizes = [3] + [5 * ways] * (depth - 1)
    cells = sum(GATES[member] * ways * (5 * size + 5 * 5 + 2 * 5) for size in sizes)
    assert sum(one.numel() for one in network.parameters()) == cells + 5 * ways * 11 + 11


@pytest.mark.parametrize("member", MEMBERS)
def test_a_picture_is_the_sequence_of_its_rows(member):
    network, x = member(width=5).build((2, 7, 3), 4), inputs(3, 2, 7, 3)
    rows = torch.cat((x[:, 0], x[:, 1]), 2)
    assert torch.equal(network(x), network(rows))


@pytest.mark.parametrize("member", MEMBERS)
def test_logits_come_from_the_last_state_of_both_directions(member):
    network, x = member(width=5, bidirectional=True).build((7, 3), 4), inputs(2, 7, 3)
    states = network.recurrent(x)
    last = torch.cat((states[:, -1, :5], states[:, 0, 5:]), 1)
    torch.testing.assert_close(network(x), last @ network.output.weight.T + network.output.bias)


@pytest.mark.parametrize("member", MEMBERS)
def test_a_padded_sequence_is_answered_as_if_it_stood_alone_of_recurrent(member):
    network, x = member(width=5, depth=2, bidirectional=True).build((7, 3), 4), inputs(3, 7, 3)
    lengths = torch.tensor([4, 7, 1])
    found = network({"sequence": x, "length": lengths})
    alone = torch.cat([network(x[[row], :length]) for row, length in enumerate(lengths.tolist())])
    torch.testing.assert_close(found, alone)


def test_dropout_is_between_layers_and_before_the_output():
    network = LSTM(depth=2, width=5, dropout=0.25).build((7, 3), 4)
    assert network.recurrent.cell.dropout == network.dropout.p == 0.25


@pytest.mark.parametrize("member", MEMBERS)
def test_rows_of_a_table_are_refused(member):
    with pytest.raises(BadInput) as caught:
        member().build((7,), 3)
    assert str(caught.value) == (
        f"{member.name} needs pictures or sequences, but an example has shape (7,); use --model mlp for rows"
    )


READERS = [one for one in ARCHITECTURES if issubclass(one, SequenceArchitecture)]


def test_these_read_sequences():
    assert [one.name for one in READERS] == ["cnn1d", "gru", "lstm", "rnn"]


@pytest.mark.parametrize("architecture", READERS)
def test_a_padded_sequence_is_answered_as_if_it_stood_alone_of_sequence(architecture):
    x = torch.rand(3, 7, 5, generator=generator(0, "x"))
    lengths = (7, 1, 4)
    for row, length in zip(x, lengths, strict=True):
        row[length:] = torch.nan
    network = assemble(architecture(), HeNormal(), make_first_layer("sequences", [x], 0), (7, 5), 2, seed=1).eval()
    together = network(x)
    for answer, row, length in zip(together, x, lengths, strict=True):
        torch.testing.assert_close(network(row[None, :length])[0], answer, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("architecture", READERS)
def test_words_are_read_with_the_columns_beside_them(architecture):
    x = torch.tensor([[0.5, 3, 2, 1], [1.5, 3, 2, torch.nan], [0.5, 2, 3, 1], [0.5, 3, 2, 1]])
    built = architecture(embedding=6)
    network = assemble(built, HeNormal(), make_first_layer("text", [x], 1), (4,), 2, seed=1, text=Text(1, 4)).eval()
    assert network.body.words.embedding.weight.shape == (4, 6)
    answers = network(x)
    assert torch.equal(answers[0], answers[3])
    assert not torch.allclose(answers[0], answers[2]), "the order of the words must count"
    other = x.clone()
    other[:, 0] += 1
    assert not torch.allclose(network(other)[0], answers[0]), "the columns must count"


def test_other_networks_read_no_text():
    with pytest.raises(BadInput, match="mlp reads no texts, but the data hold one; use --model gru"):
        MLP().body((4,), 2, Text(1, 4))
