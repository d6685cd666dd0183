"""What each layer is said to do in a step, against the definitions; and that looking changes nothing."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from luthier.data import load
from luthier.recipe.read import read_recipe
from luthier.testing.compare import require_same
from luthier.testing.material import rows
from luthier.testing.training import prepared, start_training
from luthier.training import loop
from luthier.training.diagnostics import Health

TRICKS = {"dropout": 0.3, "norm": "batch", "width": 5}


class Unseen(Health):
    """Does not look."""

    def __enter__(self):
        return self

    def figures(self):
        return {}


def sequences():
    rng = np.random.default_rng(0)
    return load(([rng.normal(size=(steps, 3)).astype("f") for steps in rng.integers(4, 9, 53)], np.arange(53) % 3))


def looked_at(network, inputs, rate=0.5):
    optimizer = torch.optim.SGD(network.parameters(), lr=rate)
    before = {name: one.detach().clone() for name, one in network.named_parameters()}
    with Health(network, optimizer) as health:
        network(inputs).square().sum().backward()
        optimizer.step()
    return health.figures(), before


def test_the_figures_are_those_of_their_definitions():
    network = nn.Sequential(nn.Linear(7, 5), nn.Tanh(), nn.Linear(5, 3))
    inputs = torch.randn(11, 7)
    outputs = [network[0](inputs).detach(), network(inputs).detach()]
    found, before = looked_at(network, inputs, 0.001)
    assert list(found) == ["0", "2"]
    for name, output in zip(found, outputs, strict=True):
        own = dict(network.get_submodule(name).named_parameters())
        old = torch.cat([before[f"{name}.{key}"].flatten() for key in own])
        now = torch.cat([one.detach().flatten() for one in own.values()])
        gradient = torch.cat([one.grad.flatten() for one in own.values()])
        assert found[name] == {
            "gradient": pytest.approx(float(gradient.norm()), rel=1e-3),
            "activation": pytest.approx(float(output.square().mean().sqrt()), rel=1e-3),
            "dead": 0.0,
            "update_ratio": pytest.approx(float((now - old).norm() / old.norm()), rel=1e-3),
        }


def test_a_unit_is_dead_where_no_example_reaches_its_weights():
    network = nn.Sequential(nn.Linear(7, 5), nn.ReLU(), nn.Linear(5, 3))
    with torch.no_grad():
        network[0].bias[:2] = -1000.0
    assert looked_at(network, torch.randn(11, 7))[0]["0"]["dead"] == 0.4


def test_maps_of_a_convolution_are_its_units():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 5 * 9, 2))
    with torch.no_grad():
        network[0].bias[1] = -1000.0
    assert looked_at(network, torch.randn(5, 3, 7, 11))[0]["0"]["dead"] == 0.25


def test_tokens_that_no_example_holds_are_no_dead_units():
    network = nn.Sequential(nn.Embedding(13, 4), nn.Flatten(), nn.Linear(8, 3))
    assert looked_at(network, torch.tensor([[1, 2], [5, 1], [0, 3]]))[0]["0"]["dead"] == 0.0


def test_a_layer_that_is_frozen_or_unused_has_no_figures():
    network = nn.Sequential(nn.Linear(7, 5), nn.Linear(5, 3))
    network[0].requires_grad_(False)
    network[1].register_module("unused", nn.Linear(2, 2))
    found, _ = looked_at(network, torch.randn(11, 7))
    assert list(found) == ["1", "1.unused"]
    assert found["1.unused"] == {"gradient": None, "activation": None, "dead": None, "update_ratio": 0.0}


def test_several_passes_count_as_one():
    """The whole gradient, and the activations of both passes."""
    layer = nn.Linear(7, 3)
    inputs = torch.randn(11, 7)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    with Health(layer, optimizer) as health:
        for part in inputs.split(6):
            layer(part).sum().backward()
        optimizer.step()
    assert health.figures()[""]["activation"] is not None
    layer.zero_grad()
    whole, _ = looked_at(layer, inputs)
    again = torch.cat([inputs.sum(0).repeat(3), torch.full((3,), 11.0)])
    assert health.figures()[""]["gradient"] == pytest.approx(float(again.norm()), rel=1e-3)
    assert whole[""]["gradient"] != health.figures()[""]["gradient"]


def test_what_is_not_finite_is_none():
    network = nn.Linear(7, 3)
    assert looked_at(network, torch.full((5, 7), math.inf))[0][""]["activation"] is None


def test_nothing_is_left_on_the_network_and_the_optimizer():
    network = nn.Linear(7, 3)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    with pytest.raises(KeyError), Health(network, optimizer):
        raise KeyError
    assert not network._forward_hooks and not network.weight._post_accumulate_grad_hooks
    assert not optimizer._optimizer_step_pre_hooks and not optimizer._optimizer_step_post_hooks


@pytest.mark.parametrize(
    "sections",
    [
        {"model": {"name": "mlp", **TRICKS}},
        {"model": "gru"},
        {"model": {"name": "mlp", **TRICKS}, "tricks": {"sam": {}, "gradient-accumulation": {"micro_batch": 8}}},
        {"model": {"name": "mlp", **TRICKS}, "optimizer": "muon", "tricks": {"ema": {}, "l2": {}}},
    ],
    ids=["dropout and batch norm", "recurrent", "sam in pieces", "muon and ema"],
)
def test_looking_changes_no_bit(monkeypatch, sections):
    data = sequences() if sections["model"] == "gru" else rows(53)
    sections = {**sections, "training": {"epochs": 2, "batch_size": 16}}
    seen = start_training(lambda: prepared(sections, dataset=data).trainer).advance()
    monkeypatch.setattr(loop, "Health", Unseen)
    unseen = start_training(lambda: prepared(sections, dataset=data).trainer).advance()
    require_same(seen.tree(), unseen.tree(), "looking at the layers must change nothing")
    assert [row.pop("health", None) for row in unseen.rows] == [{}, None, {}, None]
    told = [row.pop("health", None) for row in seen.rows]
    assert told[0] and told[2] and told[0].keys() == told[2].keys() and seen.rows == unseen.rows


def test_the_gradient_is_that_of_the_loss_before_tricks_change_it():
    """Clipping to nearly nothing is not taken for a vanishing gradient."""
    sections = {
        "model": "mlp",
        "training": {"epochs": 1, "batch_size": 16},
        "tricks": {"gradient-clipping": {"norm": 1e-6}},
    }
    found = start_training(lambda: prepared(sections, dataset=rows(53)).trainer).advance().rows[0]
    assert found["gradient_norm"] < 1e-5
    assert min(one["gradient"] for one in found["health"].values()) > 1e-2


def deep(norm):
    """Twenty layers of sigmoids: the first and the last hidden layer's gradient after each epoch."""
    model = {"name": "mlp", "depth": 20, "width": 16, "activation": "sigmoid", "norm": norm}
    sections = {"model": model, "initialiser": "xavier-uniform", "training": {"epochs": 2, "batch_size": 16}}
    done = start_training(lambda: prepared(sections, dataset=rows(53)).trainer).advance()
    health = [list(row["health"].items()) for row in done.rows if "health" in row]
    linear = [[one for name, one in layers if isinstance(layer(done, name), nn.Linear)] for layers in health]
    return [(layers[0]["gradient"], layers[-1]["gradient"]) for layers in linear]


def layer(done, name):
    return done.trainer.network.get_submodule(name)


def test_twenty_layers_of_sigmoids_show_the_vanishing_gradient_and_batch_norm_mends_it():
    """Hochreiter, 1991; Glorot and Bengio, 2010; Ioffe and Szegedy, Batch normalization, 2015."""
    assert all(first < 1e-6 * last for first, last in deep("none"))
    assert all(first > 1e-2 * last for first, last in deep("batch"))
    assert read_recipe({"model": {"name": "mlp", "depth": 20}}).model.depth == 20
