"""Output biases at the class frequencies."""

import pytest
import torch
from torch import nn

from luthier.core.errors import BadInput
from luthier.models import LeNet51998
from luthier.models.initialisers import start_at_frequencies_

LABELS = torch.tensor([0, 1, 1, 1, 3, 3, 3, 3])


def test_the_softmax_of_the_biases_gives_the_frequencies():
    body = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 4))
    before = body[0].bias.detach().clone()
    start_at_frequencies_(body, LABELS, 4)
    assert body[2].bias.softmax(0).tolist() == pytest.approx([1 / 9, 3 / 9, 1 / 9, 4 / 9])
    assert torch.equal(body[0].bias, before)


ENDS = {
    "no bias": nn.Sequential(nn.Linear(3, 4, bias=False)),
    "distances": LeNet51998().build((1, 32, 32), 4),
    "an activation": nn.Sequential(nn.Linear(3, 4), nn.ReLU()),
    "another size": nn.Linear(3, 5),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_network_without_such_biases_is_refused(end):
    with pytest.raises(BadInput) as caught:
        start_at_frequencies_(ENDS[end], LABELS, 4)
    last = list(ENDS[end].modules())[-1]
    assert str(caught.value) == (
        "initialiser.class_frequencies needs a network that ends in a linear layer with 4 biases, "
        f"but this one ends in {last}; take it out of the recipe"
    )
