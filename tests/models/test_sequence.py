"""Networks for sequences behind their first layer: what stands behind an end must not count."""

import pytest
import torch

from luthier.core.batch import Text
from luthier.core.errors import BadInput
from luthier.core.rng import generator
from luthier.models import ARCHITECTURES, MLP, SequenceArchitecture, assemble
from luthier.models.initialisers import HeNormal
from luthier.models.modules import first_layer

READERS = [one for one in ARCHITECTURES if issubclass(one, SequenceArchitecture)]


def test_these_read_sequences():
    assert [one.name for one in READERS] == ["cnn1d", "gru", "lstm", "rnn"]


@pytest.mark.parametrize("architecture", READERS)
def test_a_padded_sequence_is_answered_as_if_it_stood_alone(architecture):
    x = torch.rand(3, 7, 5, generator=generator(0, "x"))
    lengths = (7, 1, 4)
    for row, length in zip(x, lengths, strict=True):
        row[length:] = torch.nan
    network = assemble(architecture(), HeNormal(), first_layer("sequences", [x], 0), (7, 5), 2, seed=1).eval()
    together = network(x)
    for answer, row, length in zip(together, x, lengths, strict=True):
        torch.testing.assert_close(network(row[None, :length])[0], answer, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("architecture", READERS)
def test_words_are_read_with_the_columns_beside_them(architecture):
    x = torch.tensor([[0.5, 3, 2, 1], [1.5, 3, 2, torch.nan], [0.5, 2, 3, 1], [0.5, 3, 2, 1]])
    built = architecture(embedding=6)
    network = assemble(built, HeNormal(), first_layer("text", [x], 1), (4,), 2, seed=1, text=Text(1, 4)).eval()
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
