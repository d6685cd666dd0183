"""Drops where the score stands still, against PyTorch's own."""

import pytest
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

from luthier.core.errors import BadInput
from luthier.core.rng import generator
from luthier.optim.schedules import ReduceOnPlateau
from luthier.recipe.read import read_recipe


def pytorchs(scores, drop, patience, least):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = ReduceLROnPlateau(
        optimizer, "max", drop, patience=patience - 1, threshold=least, threshold_mode="abs", eps=0.0
    )
    rates = [1.0]
    for score in scores:
        schedule.step(score)
        rates.append(optimizer.param_groups[0]["lr"])
    return rates


@pytest.mark.parametrize("sign", [1, -1], ids=["accuracy", "loss"])
@pytest.mark.parametrize(("drop", "patience", "least"), [(0.1, 1, 0.0), (0.5, 3, 0.0), (0.5, 2, 0.2), (0.9, 5, 0.0)])
def test_against_pytorch(sign, drop, patience, least):
    scores = (sign * torch.rand(60, generator=generator(patience, "scores"))).double().tolist()
    schedule = ReduceOnPlateau(drop=drop, patience=patience, least=least)
    found = [schedule.factor(0, 7, scores[:epochs]) for epochs in range(61)]
    assert found == pytest.approx(pytorchs(scores, drop, patience, least), rel=1e-9)
    assert len(set(found)) > 2


def test_an_equal_score_is_no_rise_and_a_rise_of_the_least_is():
    schedule = ReduceOnPlateau(drop=0.5, patience=1)
    assert schedule.factor(0, 7, [0.25, 0.25]) == 0.5
    assert ReduceOnPlateau(drop=0.5, patience=1, least=0.25).factor(0, 7, [0.25, 0.5]) == 1.0


def test_it_needs_a_validation_part():
    with pytest.raises(BadInput) as caught:
        read_recipe({"schedule": "reduce-on-plateau", "split": {"validation": 0}, "tricks": ["early-stopping"]})
    assert caught.value.problems == (
        "tricks.early-stopping needs a validation part, but split.validation is 0; "
        "set it above 0 or take the trick out",
        "schedule.reduce-on-plateau needs a validation part, but split.validation is 0; "
        "set it above 0 or choose another schedule",
    )
