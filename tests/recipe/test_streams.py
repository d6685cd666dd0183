"""Extra streams: what tricks want beside each batch, in the form of the training inputs."""

import numpy as np
import pytest
import torch

from luthier.core.card import TrickCard
from luthier.core.errors import BadInput
from luthier.recipe.read import read_recipe
from luthier.recipe.start import SAMPLE
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


class Seeing(Trick):
    name = "seeing"
    card = TrickCard(summary="Wants three further examples for each one.", source="This test")

    def streams(self):
        return {"further": 3}

    def setup(self, value, context):
        object.__setattr__(self, "sample", value.sample)
        return value


def test_tricks_are_set_up_with_a_sample_and_their_streams():
    trick = Seeing()
    made = prepare_recipe(mlp(tricks=[trick]), rows(53), CPU, extra={"further": rows(19).inputs})
    assert len(trick.sample) == min(SAMPLE, len(made.parts.train))
    stream = made.trainer.streams["further"]
    assert (len(stream.examples), stream.ratio) == (19, 3)


def test_pictures_of_a_stream_are_brought_to_the_same_size():
    recipe = read_recipe({"tricks": [Seeing()], "data": {"size": 14}})
    made = prepare_recipe(recipe, pictures(61), CPU, extra={"further": pictures(count=17, side=9).inputs})
    assert made.trainer.streams["further"].examples.store.shape == (17, 14, 14, 1)


@pytest.mark.parametrize(
    ("given", "got"),
    [
        (np.zeros((5, 6), np.float32), "5 of (6,) torch.float32"),
        (np.zeros((5, 7)), "5 of (7,) torch.float64"),
        (np.zeros((5, 7, 7, 1), np.uint8), "5 of (7, 7, 1) torch.uint8"),
        (np.zeros((0, 7), np.float32), "0 of (7,) torch.float32"),
    ],
)
def test_a_stream_must_look_like_the_training_inputs(given, got):
    message = refusal(mlp(tricks=[Seeing()]), rows(53), CPU, extra={"further": given})
    assert message == (
        f"extra stream further must hold inputs like those of training, (7,) torch.float32, but got {got}; "
        "bring them to that form"
    )


def test_a_missing_stream_is_named():
    message = refusal(mlp(tricks=[Seeing()]), rows(53), CPU, extra={"fuhrter": rows(53).inputs})
    assert message == (
        "the recipe's tricks need extra streams, but further is not given; pass extra={'further': inputs}"
    )


class Greedy(Seeing):
    name = "greedy"

    def streams(self):
        return {"further": 2}


def test_tricks_that_share_a_stream_must_want_as_much_of_it():
    with pytest.raises(BadInput) as caught:
        mlp(tricks=[Seeing(), Greedy()])
    assert str(caught.value) == (
        "tricks that share an extra stream must want as much of it, but tricks.seeing wants 3 examples of further per "
        "example and another trick 2; give them the same ratio"
    )
