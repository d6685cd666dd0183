"""Progressive resizing: the sizes that the network sees, epoch by epoch."""

import pytest
import torch

from luthier.core.rng import generator
from luthier.testing.training import prepared, start_training
from luthier.training.tricks import ProgressiveResizing
from luthier.training.tricks.progressive_resizing import compute_side, scale_inputs

from ...contracts.toys.spy import Spy


def sides(*tricks, **sections):
    spy = Spy()
    start_training(lambda: prepared({"tricks": [spy, *tricks], **sections}).trainer).advance()
    return [tuple(one.batch.inputs.shape[1:]) for one in spy.passes]


def test_pictures_grow_with_the_epochs():
    assert sides(ProgressiveResizing(start=0.5)) == [(1, 6, 6)] * 5 + [(1, 9, 9)] * 5 + [(1, 12, 12)] * 5
    assert sides() == [(1, 12, 12)] * 15


def test_a_network_of_one_size_keeps_its_size():
    assert set(sides(ProgressiveResizing(start=0.5, back=True), model="lenet5", data={"size": 14})) == {(1, 14, 14)}


@pytest.mark.parametrize(("epoch", "expected"), [(0, 7), (1, 14), (2, 21), (3, 28)])
def test_side(epoch, expected):
    assert compute_side(28, 0.25, epoch, 4) == expected


def test_one_epoch_is_at_the_first_size():
    assert compute_side(28, 0.25, 0, 1) == 7


def test_halving_is_a_weighted_mean_that_keeps_the_sum_of_a_constant():
    constant = torch.full((2, 3, 8, 8), 0.25)
    torch.testing.assert_close(scale_inputs(constant, 4), torch.full((2, 3, 4, 4), 0.25))
    noise = torch.rand(2, 3, 8, 8, generator=generator(0, "noise"))
    assert scale_inputs(noise, 4).var() < noise.var()
    assert scale_inputs(noise, 8) is noise
