"""Each activation against its formula in NumPy, the battery over the whole table, and where one stands in a network."""

import numpy as np
import pytest
import torch
from scipy.special import erf
from torch import nn

from luthier.models import MLP
from luthier.models.activations import ACTIVATIONS, ELU, LeakyReLU, PReLU, ReLU6, Softplus
from luthier.models.initialisers import HeNormal, initialise_
from luthier.optim import group_parameters
from luthier.recipe.read import read_recipe
from luthier.testing import check_activation

X = np.linspace(-9, 9, 73)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softplus(x):
    return np.log(1 + np.exp(x))


FORMULAS = {
    "relu6": lambda x: np.clip(x, 0, 6),
    "elu": lambda x: np.where(x > 0, x, np.exp(x) - 1),
    "gelu": lambda x: x * (1 + erf(x / np.sqrt(2))) / 2,
    "hard-swish": lambda x: x * np.clip(x + 3, 0, 6) / 6,
    "identity": lambda x: x,
    "leaky-relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "mish": lambda x: x * np.tanh(softplus(x)),
    "prelu": lambda x: np.where(x > 0, x, 0.25 * x),
    "relu": lambda x: np.maximum(x, 0),
    "scaled-tanh": lambda x: 1.7159 * np.tanh(2 * x / 3),
    "selu": lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * (np.exp(x) - 1)),
    "sigmoid": sigmoid,
    "silu": lambda x: x * sigmoid(x),
    "softplus": softplus,
    "tanh": np.tanh,
}


def values(activation):
    return activation.build().double()(torch.tensor(X)).detach().numpy()


def test_every_activation_has_a_formula():
    assert FORMULAS.keys() == ACTIVATIONS.members.keys()


@pytest.mark.parametrize("name", FORMULAS)
def test_formula(name):
    np.testing.assert_allclose(values(ACTIVATIONS.members[name]()), FORMULAS[name](X), rtol=1e-9, atol=1e-12)


SET = {
    "elu": (ELU(alpha=0.3), lambda x: np.where(x > 0, x, 0.3 * (np.exp(x) - 1))),
    "leaky-relu": (LeakyReLU(slope=0.2), lambda x: np.where(x > 0, x, 0.2 * x)),
    "prelu": (PReLU(start=-0.5), lambda x: np.where(x > 0, x, -0.5 * x)),
    "softplus": (Softplus(beta=2.0), lambda x: softplus(2 * x) / 2),
}


@pytest.mark.parametrize("name", SET)
def test_settings(name):
    activation, formula = SET[name]
    np.testing.assert_allclose(values(activation), formula(X), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "activation", [*(member() for member in ACTIVATIONS), *(one for one, _ in SET.values())], ids=repr
)
def test_battery(activation):
    check_activation(activation)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_recipe_names_it(name):
    recipe = read_recipe({"model": {"name": "mlp", "depth": 1, "activation": name}})
    module = recipe.model.build((3,), 2)[2]
    x = torch.tensor(X, dtype=torch.float32)
    np.testing.assert_allclose(module(x).detach(), FORMULAS[name](X), rtol=1e-4, atol=1e-5)


def test_the_slope_of_prelu_is_learned_without_decay_and_starts_where_it_was_built():
    network = MLP(depth=1, width=3, activation=PReLU(start=0.1)).build((5,), 2)
    initialise_(network, HeNormal(), 0)
    assert network[2].weight.tolist() == pytest.approx([0.1])
    (free,) = [group for group in group_parameters(network) if not group.decays]
    assert "2.weight" in free.parameters


def test_selu_keeps_mean_and_variance_from_layer_to_layer():
    torch_rng = torch.Generator().manual_seed(0)
    x = torch.randn(500, 300, generator=torch_rng)
    for _ in range(8):
        weight = torch.randn(300, 300, generator=torch_rng) / 300**0.5
        x = nn.functional.linear(ACTIVATIONS.members["selu"]().build()(x), weight)
    assert abs(float(x.mean())) < 0.1
    assert float(x.var()) == pytest.approx(1, abs=0.2)


def test_it_is_cut_off_at_both_ends():
    x = torch.linspace(-9, 9, 37)
    np.testing.assert_array_equal(ReLU6().build()(x).numpy(), np.clip(x.numpy(), 0, 6))
