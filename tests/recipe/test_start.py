"""What a network starts from: the standardisation and the first weights, from the training part alone."""

import warnings

import numpy as np
import pytest
import torch
from pydantic import PrivateAttr
from torch import nn

from luthier.core.errors import BadInput
from luthier.data import Dataset
from luthier.models.initialisers import HeNormal
from luthier.recipe.network import describe_module
from luthier.recipe.read import read_recipe
from luthier.recipe.start import adapt_weights
from luthier.testing.material import SmallNet, pictures, rows, values
from luthier.testing.training import prepare_recipe

CPU = torch.device("cpu")


def refusal(*arguments, **named):
    with pytest.raises(BadInput) as caught:
        prepare_recipe(*arguments, **named)
    return str(caught.value)


def mlp(**sections):
    return read_recipe({"model": {"name": "mlp", "depth": 1, "width": 11}, **sections})


def test_the_standardisation_comes_from_the_training_part_alone():
    data = rows(53)
    made = prepare_recipe(mlp(), data, CPU)
    chosen = data.inputs[made.parts.train].astype(np.float64)
    layer = made.trainer.network.standardise
    np.testing.assert_allclose(layer.mean, chosen.mean(0), rtol=1e-5)
    np.testing.assert_allclose(1 / layer.scale, chosen.std(0), rtol=1e-5)
    assert not np.allclose(layer.mean, data.inputs.mean(0), rtol=1e-3)


class Spying(HeNormal):
    """Writes down what it was shown."""

    _seen: list = PrivateAttr(default_factory=list)

    def adapt(self, network, inputs, rng):
        self._seen.append((inputs.clone(), torch.rand(1, generator=rng), torch.rand(1)))


def test_initialisers_see_training_examples_alone_in_the_form_that_the_network_takes():
    spy = Spying()
    data = rows(53)
    made = prepare_recipe(mlp(initialiser=spy), data, CPU)
    ((inputs, *_),) = spy._seen
    expected = made.trainer.training.examples.batch(torch.arange(len(made.parts.train))).inputs
    assert inputs.shape == expected.shape
    assert {tuple(row) for row in inputs.tolist()} == {tuple(row) for row in expected.tolist()}
    torch.rand(1)
    prepare_recipe(mlp(initialiser=spy), data, CPU)
    assert all(torch.equal(one, other) for one, other in zip(*spy._seen, strict=True))


def test_initialisers_see_fewer_examples_the_larger_they_are(monkeypatch):
    monkeypatch.setattr("luthier.recipe.start.LEAST_SAMPLE", 3)
    for most, count in ((7 * 20, 20), (7 * 2, 3)):
        monkeypatch.setattr("luthier.recipe.start.SAMPLE_VALUES", most)
        spy = Spying()
        prepare_recipe(mlp(initialiser=spy), rows(53), CPU)
        assert len(spy._seen[0][0]) == count


@pytest.mark.parametrize("name", ["lsuv", "pca"])
def test_data_driven_weights_have_outputs_of_variance_1_behind_the_standardisation(name):
    before = torch.get_rng_state()
    initialiser = {"name": name, "output": 1.0}
    made = prepare_recipe(
        read_recipe({"initialiser": initialiser, "data": {"size": 14}}), pictures(61, channels=2), CPU
    )
    assert torch.equal(torch.get_rng_state(), before)
    network, examples = made.trainer.network, made.trainer.training.examples
    inputs = examples.batch(torch.arange(len(examples))).inputs
    for last in ("conv1", "full2", "output"):
        stop = [layer for layer, _ in network.body.named_children()].index(last)
        outputs = network.body[: stop + 1](network.standardise(inputs)).detach()
        assert float(outputs.var(correction=0)) == pytest.approx(1, rel=1e-3)


def test_an_own_module_is_not_started_from_the_data():
    module, spy = SmallNet(), Spying()
    made = prepare_recipe(read_recipe({"model": describe_module(module)}), pictures(61), CPU, module)
    started = made.recipe.model_copy(update={"initialiser": spy})
    adapt_weights(started, made.trainer.network, made.trainer.training.examples)
    assert spy._seen == []
    assert torch.equal(made.trainer.network.body.full.weight, module.full.weight)


def test_output_biases_at_the_class_frequencies_of_the_training_part():
    values = {"name": "zeros", "class_frequencies": True}
    data = rows(53)
    few = Dataset("few", data.inputs, np.where(np.arange(53) % 5, 0, data.labels), data.classes)
    made = prepare_recipe(mlp(initialiser=values, split={"validation": 0.3}), few, CPU)
    counts = np.bincount(few.labels[made.parts.train], minlength=3)
    answer = made.trainer.network(torch.randn(1, 7)).softmax(1)[0]
    assert answer.tolist() == pytest.approx((counts / counts.sum()).tolist(), rel=1e-5)


def test_class_frequencies_that_cannot_be_followed_are_refused():
    values, module = {"name": "he-normal", "class_frequencies": True}, SmallNet()
    with pytest.raises(BadInput) as caught:
        read_recipe({"model": describe_module(module), "initialiser": values})
    assert str(caught.value) == (
        "initialiser.class_frequencies needs an architecture of the catalogue, but the network is the user's own; "
        "set its biases before, or take it out of the recipe"
    )
    distances = read_recipe({"model": "lenet5-1998", "initialiser": values})
    assert refusal(distances, pictures(61), CPU).startswith(
        "initialiser.class_frequencies needs a network that ends in a linear layer with 3 biases, "
        "but this one ends in EuclideanRBF()"
    )


def ends_in(*layers):
    return nn.Sequential(nn.Linear(7, 3), *layers)


class Functional(nn.Module):
    """Ends in a softmax that is no layer, or in layers that are used elsewhere."""

    def __init__(self, end):
        super().__init__()
        self.full, self.gate, self.end = nn.Linear(7, 3), nn.Sigmoid(), end

    def forward(self, x):
        return self.end(self.full(x) * self.gate(x[:, :3]))


PROBABLE = [
    ends_in(nn.Softmax(1)),
    ends_in(nn.Sigmoid()),
    ends_in(nn.Sequential(nn.ReLU(), nn.Softmax(-1))),
    Functional(lambda x: x.softmax(1)),
    Functional(lambda x: x.log_softmax(1).exp()),
]
LOGITS = [ends_in(), ends_in(nn.LogSoftmax(1)), ends_in(nn.Softmax(1), nn.Linear(3, 3)), Functional(lambda x: x)]


def said_of(module, loss="cross-entropy", data=None):
    data = data or rows(53)
    recipe = read_recipe({"model": describe_module(module), "loss": loss, "training": {"monitor": "loss"}})
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        prepare_recipe(recipe, data, CPU, module)
    return [str(one.message) for one in told]


@pytest.mark.parametrize("loss", ["cross-entropy", "bce", "focal", "brier"])
@pytest.mark.parametrize("module", PROBABLE)
def test_a_network_that_ends_in_probabilities_is_told_where_the_loss_makes_them(module, loss):
    assert said_of(module, loss) == [
        f"the network ends in a softmax or sigmoid, but loss {loss} takes logits and makes probabilities of them "
        "itself, so that it hardly learns; take that layer out, or set loss.name = 'mse', which compares the "
        "probabilities"
    ]
    assert not [layer for layer in module.modules() if layer._forward_hooks]


@pytest.mark.parametrize("module", LOGITS)
def test_a_network_that_ends_in_logits_is_told_nothing(module):
    """The logarithm of a softmax is right: its softmax is that softmax."""
    assert said_of(module) == []


@pytest.mark.parametrize("loss", ["mse", "huber"])
def test_where_the_loss_compares_the_outputs_probabilities_are_right(loss):
    assert said_of(PROBABLE[0], loss) == []
    assert said_of(nn.Sequential(nn.Linear(7, 1), nn.Sigmoid()), loss, values(53)) == []
