"""Layer freezing: what is frozen stays to the bit, and has no gradient."""

import pytest
import torch

from luthier.core.errors import BadInput
from luthier.testing.training import prepared, start_training
from luthier.training.tricks import LayerFreezing

LENET = {"model": "lenet5", "data": {"size": 14}}
LAYERS = ["conv1", "conv2", "full1", "full2", "output"]


@pytest.mark.parametrize("count", range(5))
@pytest.mark.parametrize("optimizer", ["adamw", "muon", "momentum"])
def test_frozen_layers_are_bit_equal(count, optimizer):
    own = {**LENET, "optimizer": {"name": optimizer, "weight_decay": 0.3}, "training": {"epochs": 1, "batch_size": 21}}
    one = start_training(lambda: prepared({**own, "tricks": [LayerFreezing(layers=count)]}).trainer)
    before = {name: each.detach().clone() for name, each in one.trainer.network.named_parameters()}
    one.advance()
    moved = {
        name.split(".")[1] for name, each in one.trainer.network.named_parameters() if (each != before[name]).any()
    }
    assert moved == set(LAYERS[count:])
    assert all(
        one.grad is None for name, one in one.trainer.network.named_parameters() if name.split(".")[1] in LAYERS[:count]
    )


def test_a_layer_must_be_left():
    with pytest.raises(BadInput) as caught:
        prepared({**LENET, "tricks": [LayerFreezing(layers=5)]})
    assert str(caught.value) == (
        "tricks.layer-freezing.layers must leave a layer to learn, but is 5 of 5; set it to 4 or less"
    )


def test_the_rates_of_what_learns_stay():
    own = {**LENET, "optimizer": {"name": "sgd", "learning_rate": 0.1, "layer_decay": 0.5}}
    plain, frozen = (prepared({**own, "tricks": t}).trainer for t in ([], [LayerFreezing(layers=2)]))
    assert sorted(set(frozen.rates)) == sorted(set(plain.rates))[2:]
    assert all(torch.is_tensor(one) for group in frozen.optimizer.param_groups for one in group["params"])
