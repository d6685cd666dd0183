"""Assembling a network, and probing a foreign one."""

import pytest
import torch
from torch import nn

from luthier.core.card import ArchitectureCard
from luthier.core.errors import BadInput
from luthier.models import Architecture, assemble
from luthier.models.architecture import check_outputs
from luthier.models.initialisers import HeNormal
from luthier.models.modules import Standardise
from luthier.testing.compare import difference
from luthier.testing.material import SmallNet
from luthier.testing.training import copy_weights


class WithEmbedding(Architecture):
    """Has a layer that no initialiser knows, so that it stays as PyTorch drew it."""

    name = "with-embedding"
    card = ArchitectureCard(summary="Has an embedding.", source="tests")

    def build(self, shape, outputs):
        return nn.Sequential(nn.Embedding(5, 3), nn.Flatten(), nn.Linear(3 * shape[0], outputs))


def assembled(seed):
    return assemble(WithEmbedding(), HeNormal(), Standardise(torch.zeros(4), torch.ones(4)), (4,), 2, seed=seed)


def test_layers_without_an_initialiser_follow_the_seed_too():
    made = []
    with torch.random.fork_rng(devices=[]):
        for state in (1, 2):
            torch.manual_seed(state)
            before = torch.get_rng_state()
            made.append(copy_weights(assembled(3)))
            assert torch.equal(before, torch.get_rng_state())
    assert difference(made[0], made[1]) is None
    assert not torch.equal(made[0]["body.0.weight"], assembled(4).body[0].weight)


def test_standardisation_comes_first():
    network = assembled(0)
    assert [name for name, _ in network.named_children()] == ["standardise", "body"]
    assert list(network.state_dict())[:2] == ["standardise.mean", "standardise.scale"]


def test_probe_leaves_the_mode_and_the_statistics():
    network = SmallNet()
    for training in (True, False):
        network.train(training)
        before = copy_weights(network)
        check_outputs(network, (1, 12, 12), 3)
        assert network.training == training
        assert difference(before, copy_weights(network)) is None


def test_probe_says_what_does_not_fit():
    with pytest.raises(BadInput) as caught:
        check_outputs(nn.Linear(5, 3), (7,), 3)
    assert str(caught.value) == (
        "the network must accept examples of shape (7,), but fails "
        "(RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x7 and 5x3)); change its input layer or data.size"
    )


@pytest.mark.parametrize(
    ("network", "got"),
    [(nn.Linear(7, 4), "(2, 4)"), (nn.Flatten(0), "(14,)"), (nn.LSTM(7, 3), "tuple")],
)
def test_probe_says_what_answer_it_got(network, got):
    with pytest.raises(BadInput) as caught:
        check_outputs(network, (7,), 3)
    assert str(caught.value) == (
        "the network must answer with one number per class or value, shape (2, 3) for two examples, "
        f"but gave {got}; change its last layer"
    )
