"""From a recipe and data to a trainer: what is made, from what, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from luthier.core.card import TrickCard
from luthier.core.errors import BadInput
from luthier.recipe.network import network_shape
from luthier.recipe.read import read_recipe
from luthier.testing.material import pictures, rows
from luthier.testing.training import prepare_recipe
from luthier.training.trick import Trick

CPU = torch.device("cpu")


def refusal(*arguments, **named):
    with pytest.raises(BadInput) as caught:
        prepare_recipe(*arguments, **named)
    return str(caught.value)


def mlp(**sections):
    return read_recipe({"model": {"name": "mlp", "depth": 1, "width": 11}, **sections})


def test_everything_that_a_recipe_asks_for_is_made():
    made = prepare_recipe(mlp(training={"epochs": 3, "batch_size": 8, "monitor": "loss"}), rows(53), CPU)
    trainer = made.trainer
    assert made.recipe.data.fingerprint == made.dataset.fingerprint == rows(53).fingerprint
    assert made.shape == (7,)
    assert {len(made.parts.train), len(made.parts.validation), len(made.test)} == {
        len(trainer.training.examples),
        3,
        11,
    }
    assert len(trainer.training.examples) + len(trainer.validation) + len(made.test) == 53
    assert trainer.steps_per_epoch == 5 and trainer.training.total == 15
    assert trainer.monitor == "loss" and trainer.tricks == () and trainer.streams == {}
    assert trainer.rates == (made.recipe.optimizer.learning_rate,) * 2


class Slower(Trick):
    name = "slower"
    card = TrickCard(summary="Gives each group a tenth of the rate it has.", source="This test")

    def setup(self, value, context):
        return replace(value, groups=tuple(replace(one, rate=one.rate / 10) for one in value.groups))


def test_rates_fall_from_layer_to_layer_and_tricks_come_after():
    optimizer = {"name": "sgd", "learning_rate": 0.5, "layer_decay": 0.5}
    assert prepare_recipe(mlp(optimizer=optimizer), rows(53), CPU).trainer.rates == (0.5, 0.5, 0.25, 0.25)
    slower = prepare_recipe(mlp(optimizer=optimizer, tricks=[Slower()]), rows(53), CPU).trainer.rates
    assert slower == pytest.approx((0.05, 0.05, 0.025, 0.025))


def test_the_parts_share_no_example():
    parts = prepare_recipe(mlp(), rows(53), CPU).parts
    together = np.concatenate([parts.train, parts.validation, parts.test])
    assert sorted(together.tolist()) == list(range(53))


@pytest.mark.parametrize(
    ("values", "shape"),
    [({"model": "lenet5"}, (2, 28, 28)), ({"model": "mlp"}, (2, 12, 12)), ({"data": {"size": 17}}, (2, 17, 17))],
)
def test_pictures_reach_the_network_in_the_recipes_size(values, shape):
    made = prepare_recipe(read_recipe(values), pictures(61, channels=2), CPU)
    assert made.shape == shape == network_shape(made.recipe, made.dataset.shape)
    assert made.trainer.training.examples.batch(torch.arange(5)).inputs.shape == (5, *shape)


def test_the_callers_random_state_is_left_alone():
    before = torch.get_rng_state()
    prepare_recipe(read_recipe({}), pictures(61), CPU)
    assert torch.equal(torch.get_rng_state(), before)


class Replacing(Trick):
    name = "replacing"
    card = TrickCard(summary="Gives another network.", source="This test")

    def setup(self, value, context):
        return replace(value, network=torch.nn.Linear(7, 3))


def test_a_trick_must_not_replace_the_network():
    message = refusal(mlp(tricks=[Replacing()]), rows(53), CPU)
    assert message == (
        "a trick must change the network in place, but tricks.replacing gave another from its `setup`; "
        "mend it, or pass a network of your own as model="
    )
