"""Every activation, initialiser and loss trains the handwritten digits above chance, in a small network."""

import pytest

from luthier.data.sources import formats
from luthier.models.activations import ACTIVATIONS
from luthier.models.initialisers import INITIALISERS
from luthier.models.losses import LOSSES
from luthier.testing.training import prepared, start_training
from luthier.training import evaluate

ALIKE = {"zeros", "constant"}
"""Their hidden units stay alike, as their cards warn: they train without hidden layers."""

FROM_SMALL = {"huber", "mse"}
"""They compare outputs with 0 and 1, and first have to unlearn what large weights answer."""


@pytest.fixture(scope="module")
def data():
    return formats.read_digits()


def accuracy(data, **sections):
    """On the validation part, 144 digits of ten classes, after four epochs of 23 steps."""
    model = {"name": "mlp", "depth": 1, "width": 32, **sections.pop("model", {})}
    values = {
        "model": model,
        "data": {"size": 8},
        "training": {"epochs": 4, "batch_size": 56},
        "split": {"validation": 0.1},
        "optimizer": {"name": "adamw", "learning_rate": 0.01},
        **sections,
    }
    one = start_training(lambda: prepared(values, dataset=data).trainer).advance()
    found = evaluate(one.trainer.network, one.trainer.validation, one.trainer.loss).metrics
    assert found["n"] >= 100
    return found["accuracy"]


@pytest.mark.parametrize("name", ACTIVATIONS.members)
def test_activation(name, data):
    found = accuracy(data, model={"activation": name})
    assert found > 0.6


@pytest.mark.parametrize("name", INITIALISERS.members)
def test_initialiser(name, data):
    depth = 0 if name in ALIKE else 1
    found = accuracy(data, model={"depth": depth}, initialiser=name)
    assert found > 0.6


@pytest.mark.parametrize("name", LOSSES.members)
def test_loss(name, data):
    found = accuracy(data, loss=name, initialiser="normal" if name in FROM_SMALL else "he-normal")
    assert found > 0.6


def test_zeros_with_a_hidden_layer_stays_near_chance(data):
    found = accuracy(data, initialiser="zeros")
    assert found < 0.3
