"""Drops at places, against PyTorch's own."""

import pytest
from torch.optim.lr_scheduler import MultiStepLR

from luthier.core.errors import BadInput
from luthier.optim.schedules import MultiStep
from luthier.recipe.read import read_recipe


@pytest.mark.parametrize(
    ("total", "places", "steps", "drop"),
    [
        (64, (0.5, 0.75), [32, 48], 0.1),
        (10, (0.9, 0.3), [3, 9], 0.5),
        (100, (0.07, 0.07), [7, 7], 0.5),
        (7, (), [], 0.1),
    ],
)
def test_against_pytorch(pytorchs, total, places, steps, drop):
    found = [MultiStep(places=places, drop=drop).factor(step, total, ()) for step in range(total)]
    assert found == pytest.approx(pytorchs(lambda one: MultiStepLR(one, steps, drop), total), rel=1e-9)


def test_the_first_step_is_at_the_full_rate():
    assert [MultiStep(drop=0.5).factor(step, 2, ()) for step in range(2)] == [1.0, 0.5**1]
    assert MultiStep(places=(0.001,)).factor(0, 3, ()) == 1.0


@pytest.mark.parametrize("place", [0.0, 1.0, 1.5, -0.5, "half"])
def test_places_lie_within_the_training(place):
    with pytest.raises(BadInput) as caught:
        read_recipe({"schedule": {"name": "multi-step", "places": [0.5, place]}})
    assert str(caught.value) == (
        f"schedule.places[1] must be a number above 0 and below 1, but got {place!r}; "
        "where the rate drops, in shares of the training above 0 and below 1; "
        "an empty list has no drops (default (0.5, 0.75))"
    )
