"""L1, coupled L2 and max-norm against PyTorch's own and NumPy."""

import numpy as np
import pytest
import torch
from torch import nn

from luthier.testing.compare import difference
from luthier.testing.training import prepared, start_training
from luthier.training.tricks import L1, L2, MaxNorm

from ...contracts.toys.spy import Spy

LENET = {"model": "lenet5", "data": {"size": 14}}


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_coupled_l2_is_pytorchs_weight_decay(optimizer):
    """With biases spared in both; adam's weight_decay in the catalogue is PyTorch's coupled one."""
    plain = {**LENET, "optimizer": {"name": optimizer, "learning_rate": 0.01, "weight_decay": 0.0}}
    theirs = {**LENET, "optimizer": {"name": optimizer, "learning_rate": 0.01, "weight_decay": 0.05}}
    ours = start_training(lambda: prepared({**plain, "tricks": [L2(strength=0.05)]}).trainer).advance()
    expected = start_training(lambda: prepared(theirs).trainer).advance()
    torch.testing.assert_close(ours.final(), expected.final(), rtol=1e-4, atol=1e-6)
    without = start_training(lambda: prepared(plain).trainer).advance()
    assert (without.final()["body.conv2.weight"] - ours.final()["body.conv2.weight"]).abs().max() > 1e-4


@pytest.mark.parametrize(("trick", "pull"), [(L1(strength=0.3), np.sign), (L2(strength=0.3), lambda w: w)])
def test_what_is_added_to_the_gradient(trick, pull):
    plain, pulled = Spy(), Spy()
    for spy, tricks in ((plain, []), (pulled, [trick])):
        one = start_training(lambda t=(spy, *tricks): prepared({**LENET, "tricks": list(t)}).trainer)
        weights = {name: w.detach().clone().numpy() for name, w in one.trainer.network.named_parameters()}
        one.advance(1)
    for name, weight in weights.items():
        added = (pulled.grads[0][name] - plain.grads[0][name]).numpy()
        expected = 0.3 * pull(weight) if weight.ndim > 1 else np.zeros_like(weight)
        np.testing.assert_allclose(added, expected, atol=1e-6)


def test_max_norm_by_hand():
    """After each step no unit's incoming weights are longer than the limit; those below it are as they were."""
    spy = Spy()
    one = start_training(lambda: prepared({**LENET, "tricks": [MaxNorm(limit=0.9), spy]}).trainer)
    plain = start_training(lambda: prepared(LENET).trainer)
    one.advance(1), plain.advance(1)
    shortened = 0
    for name, free in plain.trainer.network.named_parameters():
        found, weight = spy.weights[0][name].double().numpy(), free.detach().double().numpy()
        if weight.ndim > 1:
            lengths = np.sqrt((weight.reshape(len(weight), -1) ** 2).sum(1))
            factor = np.minimum(1, 0.9 / lengths).reshape(-1, *[1] * (weight.ndim - 1))
            shortened += int((lengths > 0.9).sum())
            assert np.array_equal(found[lengths <= 0.9], weight[lengths <= 0.9])
            weight = weight * factor
        np.testing.assert_allclose(found, weight, rtol=1e-5)
    assert shortened > 10


def test_max_norm_lets_frozen_weights_be():
    done = start_training(lambda: prepared({**LENET, "tricks": [MaxNorm(limit=0.01), "layer-freezing"]}).trainer)
    before = done.trainer.network.body.conv1.weight.detach().clone()
    done.advance(2)
    assert torch.equal(done.trainer.network.body.conv1.weight, before)


def test_biases_and_norms_are_spared():
    network = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(144), nn.Linear(144, 3))
    kept = []
    for trick in (L1(strength=0.5), L2(strength=0.5)):
        spy = Spy()
        start_training(lambda t=(trick, spy): prepared({"tricks": list(t)}, network).trainer).advance(1)
        kept.append({name: spy.grads[0][name] for name in ("body.1.weight", "body.1.bias", "body.2.bias")})
    assert difference(*kept) is None
