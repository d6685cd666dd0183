"""The last layer's share of its weights: which layer that is, and that a network's first answers shrink to it."""

import pytest
import torch
from torch import nn

from luthier.core.errors import BadInput
from luthier.models import LeNet51998
from luthier.models.initialisers import find_output_layer, scale_output_, start_at_frequencies_
from luthier.models.initialisers.initialiser import find_fans
from luthier.testing.material import pictures
from luthier.testing.training import copy_weights, prepared

DATA = pictures(48, 12, 3)


class Backwards(nn.Module):
    """Names its layers in another order than it uses them, and has a further answer in training."""

    def __init__(self):
        super().__init__()
        self.last, self.aside, self.first = nn.Linear(5, 3), nn.Linear(5, 3), nn.Linear(7, 5)

    def forward(self, x):
        found = self.last(self.first(x))
        return found + self.aside(self.first(x)) if self.training else found


def test_it_is_the_layer_that_is_used_last():
    network = Backwards()
    assert find_output_layer(network, torch.zeros(2, 7)) is network.last
    assert network.training and not network.last._forward_hooks
    assert find_output_layer(nn.ReLU(), torch.zeros(2, 7)) is None


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_answers_shrink_to_the_share_and_no_other_layer_changes(share):
    network, inputs = Backwards().eval(), torch.rand(4, 7, generator=torch.Generator().manual_seed(1))
    before, answers = copy_weights(network), network(inputs)
    scale_output_(network, inputs, share)
    assert torch.allclose(network(inputs), share * answers)
    changed = {name for name, one in copy_weights(network).items() if not torch.equal(one, before[name])}
    assert changed == (set() if share == 1 else {"last.weight", "last.bias"})


@pytest.mark.parametrize("name", ["he-normal", "lsuv", "pca"])
def test_a_recipe_starts_with_its_share_of_what_the_initialiser_gives(name):
    def last(**settings):
        made = prepared({"model": "lenet5", "initialiser": {"name": name, **settings}}, dataset=DATA)
        network = made.trainer.network.body
        layers = [one for one in network.modules() if find_fans(one)]
        return layers[-1].weight.detach(), layers[-2].weight.detach()

    whole, below = last(output=1.0)
    for settings, share in (({}, 0.2), ({"output": 0.5}, 0.5), ({"output": 0.0}, 0.0)):
        found, same = last(**settings)
        assert torch.allclose(found, share * whole) and torch.equal(same, below)


def test_the_initialisation_of_1998_leaves_the_last_layer_as_drawn():
    made = [
        prepared({"model": "lenet5", "initialiser": {"name": "lecun-1998", **more}}, dataset=DATA)
        for more in ({}, {"output": 1.0})
    ]
    first, second = (copy_weights(one.trainer.network) for one in made)
    assert all(torch.equal(one, second[name]) for name, one in first.items())


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
