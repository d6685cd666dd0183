"""From a recipe to its network: a declared one, or the user's own, which must fit."""

import pytest
import torch
from torch import nn

from luthier.core.errors import BadInput
from luthier.models.architecture import OwnModule
from luthier.models.modules import Standardise
from luthier.recipe.network import describe_module, make_network
from luthier.recipe.read import read_recipe
from luthier.testing.material import SmallNet, pictures, rows
from luthier.testing.training import prepare_recipe

CPU = torch.device("cpu")


def refusal(*arguments, **named):
    with pytest.raises(BadInput) as caught:
        prepare_recipe(*arguments, **named)
    return str(caught.value)


def mlp(**sections):
    return read_recipe({"model": {"name": "mlp", "depth": 1, "width": 11}, **sections})


def test_a_networks_weights_follow_from_the_seed_and_its_own_names():
    one, same, other = (weights(mlp(seed=seed)) for seed in (0, 0, 1))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["body.1.weight"], other["body.1.weight"])
    deeper = weights(mlp(model={"name": "mlp", "depth": 2, "width": 11}))
    assert torch.equal(one["body.1.weight"], deeper["body.1.weight"])


def weights(recipe):
    return prepare_recipe(recipe, rows(53), CPU).trainer.network.state_dict()


def test_an_own_module_is_copied_and_keeps_its_weights():
    module = SmallNet(channels=2)
    made = prepare_recipe(read_recipe({"model": describe_module(module)}), pictures(61, channels=2), CPU, module)
    body = made.trainer.network.body
    assert body is not module
    assert all(torch.equal(one, module.state_dict()[name]) for name, one in body.state_dict().items())
    body.full.weight.data.fill_(3)
    assert not (module.full.weight == 3).any()


def test_a_module_is_recognised_by_its_class_and_its_tensors():
    one = describe_module(SmallNet())
    assert one == describe_module(SmallNet()) and one.type == "luthier.testing.material.SmallNet"
    assert one.layout != describe_module(SmallNet(maps=7)).layout
    assert one != describe_module(nn.Linear(2, 3))


def test_an_own_module_must_be_passed_and_be_the_same():
    own = read_recipe({"model": describe_module(SmallNet())})
    assert refusal(own, pictures(61), CPU) == (
        f"the recipe needs the user's own module {own.model!r}, but none was passed; pass it from Python as model="
    )
    other = SmallNet(maps=7)
    assert refusal(own, pictures(61), CPU, other) == (
        f"the recipe needs the user's own module {own.model!r}, but got {describe_module(other)!r}; "
        "pass it from Python as model="
    )


class Cut(SmallNet):
    """Cuts its answer off from its parameters."""

    def forward(self, x):
        return super().forward(x).detach()


class Lost(SmallNet):
    """Fails in its own way."""

    def forward(self, x):
        return {}["nothing"]


class Uncopied(SmallNet):
    """Cannot be copied."""

    def __deepcopy__(self, memo):
        raise TypeError("not me")


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (
            nn.Sequential(nn.Flatten(), nn.Linear(144, 4)),
            "the network must answer with one number per class or value, shape (2, 3) for two examples, "
            "but gave (2, 4); change its last layer",
        ),
        (
            nn.Sequential(nn.Flatten(), nn.Linear(143, 3)),
            "the network must accept examples of shape (1, 12, 12), but fails "
            "(RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x144 and 143x3)); "
            "change its input layer or data.size",
        ),
        (
            Cut(),
            "the network's answer must depend on its parameters, but its gradient is cut off; "
            "take detach, no_grad and the like out of its forward",
        ),
        (
            Lost(),
            "the network must accept examples of shape (1, 12, 12), but fails (KeyError: 'nothing'); "
            "change its input layer or data.size",
        ),
        (
            Uncopied(),
            "the network must be one that can be copied, but is not (TypeError: not me); mend it",
        ),
    ],
)
def test_an_own_module_must_fit_the_data(module, message):
    assert refusal(read_recipe({"model": describe_module(module)}), pictures(61), CPU, module) == message


def test_an_own_module_needs_parameters_to_train():
    frozen = nn.Linear(7, 3).requires_grad_(False)
    for module in (nn.Identity(), frozen):
        with pytest.raises(BadInput) as caught:
            describe_module(module)
        assert str(caught.value) == (
            f"the network must have parameters to train, but {type(module).__name__} has none; "
            "add a layer that has, or leave requires_grad on"
        )


def test_an_own_module_must_have_its_shapes():
    lazy = nn.Sequential(nn.LazyLinear(3))
    with pytest.raises(BadInput) as caught:
        describe_module(lazy)
    assert str(caught.value) == (
        "the network must be whole, but has lazy layers; call it once on an example, network(torch.zeros(1, ...))"
    )
    lazy(torch.zeros(1, 7))
    assert isinstance(describe_module(lazy), OwnModule)


def test_a_catalogue_network_needs_no_module():
    blank = Standardise(torch.zeros(7), torch.ones(7))
    network = make_network(mlp(), blank, (7,), 3, module=None)
    assert network(torch.zeros(2, 7)).shape == (2, 3)
