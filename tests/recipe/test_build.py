"""From a recipe and data to an assembly: what is made, from what, and what is refused."""

import dataclasses
from dataclasses import replace

import numpy as np
import pytest
import torch
from pydantic import PrivateAttr
from torch import nn

from luthier.core.card import TrickCard
from luthier.core.errors import BadInput
from luthier.data import Dataset
from luthier.models.architecture import OwnModule
from luthier.models.initialisers import HeNormal
from luthier.models.modules import Standardise
from luthier.recipe.network import describe_module, make_network, network_shape
from luthier.recipe.read import read_recipe
from luthier.recipe.start import SAMPLE
from luthier.testing.material import Shade, SmallNet, pictures, rows
from luthier.testing.training import prepare_recipe, start_training
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


def test_the_standardisation_comes_from_the_training_part_alone():
    data = rows(53)
    made = prepare_recipe(mlp(), data, CPU)
    chosen = data.inputs[made.parts.train].astype(np.float64)
    layer = made.trainer.network.standardise
    np.testing.assert_allclose(layer.mean, chosen.mean(0), rtol=1e-5)
    np.testing.assert_allclose(1 / layer.scale, chosen.std(0), rtol=1e-5)
    assert not np.allclose(layer.mean, data.inputs.mean(0), rtol=1e-3)


@pytest.mark.parametrize(
    ("values", "shape"),
    [({"model": "lenet5"}, (2, 28, 28)), ({"model": "mlp"}, (2, 12, 12)), ({"data": {"size": 17}}, (2, 17, 17))],
)
def test_pictures_reach_the_network_in_the_recipes_size(values, shape):
    made = prepare_recipe(read_recipe(values), pictures(61, channels=2), CPU)
    assert made.shape == shape == network_shape(made.recipe, made.dataset.shape)
    assert made.trainer.training.examples.batch(torch.arange(5)).inputs.shape == (5, *shape)


def weights(recipe):
    return prepare_recipe(recipe, rows(53), CPU).trainer.network.state_dict()


def test_a_networks_weights_follow_from_the_seed_and_its_own_names():
    one, same, other = (weights(mlp(seed=seed)) for seed in (0, 0, 1))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["body.1.weight"], other["body.1.weight"])
    deeper = weights(mlp(model={"name": "mlp", "depth": 2, "width": 11}))
    assert torch.equal(one["body.1.weight"], deeper["body.1.weight"])


def test_the_callers_random_state_is_left_alone():
    before = torch.get_rng_state()
    prepare_recipe(read_recipe({}), pictures(61), CPU)
    assert torch.equal(torch.get_rng_state(), before)


def test_augmentation_needs_pictures():
    message = refusal(mlp(augment=[Shade()]), rows(53), CPU)
    assert message == "augmentations change pictures, but the data are rows; take [augment] out of the recipe"
    assert prepare_recipe(mlp(augment=[Shade()]), pictures(61), CPU).recipe.augment


def test_a_trick_that_needs_validation_needs_an_example_there():
    few = Dataset("few", np.arange(9, dtype=np.float32)[:, None], np.arange(9) % 3, ("a", "b", "c"))
    message = refusal(mlp(tricks=["early-stopping"]), few, CPU)
    assert message == (
        "tricks.early-stopping needs a validation part, but few leaves none of its 9 examples; "
        "raise split.validation, add examples or take the trick out"
    )
    assert refusal(mlp(schedule="reduce-on-plateau"), few, CPU) == (
        "schedule.reduce-on-plateau needs a validation part, but few leaves none of its 9 examples; "
        "raise split.validation, add examples or choose another schedule"
    )
    assert len(prepare_recipe(mlp(), few, CPU).trainer.validation) == 0
    assert prepare_recipe(mlp(tricks=["early-stopping"], split={"validation": 0.5}), few, CPU).trainer.tricks


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


class Seeing(Trick):
    name = "seeing"
    card = TrickCard(summary="Wants three further examples for each one.", source="This test")

    def streams(self):
        return {"further": 3}

    def setup(self, value, context):
        object.__setattr__(self, "sample", value.sample)
        return value


ALONE = (
    "a batch norm needs two values of each channel, but {} gets one where a batch is one example, "
    "as training.batch_size = {} makes of {} examples; "
    "give two examples or more and set training.batch_size = 3 or more, or take another norm"
)


def with_norm(count, size, network=None):
    """Arguments of prepare for so many training examples in batches of a size, with a batch norm."""
    module = network or nn.Sequential(nn.Linear(7, 5), nn.BatchNorm1d(5), nn.Linear(5, 3))
    data = pictures(count + 5) if isinstance(network, SmallNet) else rows(count + 5)
    data = dataclasses.replace(data, official_test=np.arange(count + 5) >= count)
    settings = {"split": {"validation": 0}, "training": {"epochs": 1, "batch_size": size}}
    return read_recipe({"model": describe_module(module), **settings}), data, CPU, module


@pytest.mark.parametrize(("count", "size"), [(20, 1), (19, 2), (3, 2)])
def test_batch_norm_and_a_batch_of_one_example(count, size):
    assert refusal(*with_norm(count, size)) == ALONE.format("body.1", size, count)


@pytest.mark.parametrize(("count", "size"), [(20, 2), (19, 3), (4, 3), (3, 64)])
def test_batches_of_two_are_enough_for_batch_norm(count, size):
    assert start_training(lambda: prepare_recipe(*with_norm(count, size)).trainer).advance().rows


def test_a_batch_norm_that_sees_many_pixels_takes_one_example():
    assert start_training(lambda: prepare_recipe(*with_norm(13, 1, SmallNet())).trainer).advance().rows


def test_the_check_of_norms_leaves_the_network_as_it_was():
    recipe, data, *rest = with_norm(13, 1, SmallNet())
    network = prepare_recipe(recipe, data, *rest).trainer.network
    assert network.training and int(network.body.norm.num_batches_tracked) == 0


def test_a_norm_without_running_statistics_is_found_too():
    module = nn.Sequential(nn.Linear(7, 5), nn.BatchNorm1d(5, track_running_stats=False), nn.Linear(5, 3))
    assert refusal(*with_norm(19, 2, module)) == ALONE.format("body.1", 2, 19)


@pytest.mark.parametrize("size", [1, 5])
def test_a_group_norm_of_single_values_is_refused(size):
    module = nn.Sequential(nn.Linear(7, 5), nn.GroupNorm(5, 5), nn.Linear(5, 3))
    assert refusal(*with_norm(20, size, module)) == (
        "a group norm needs two values in each group of an example, but body.1 gets one, which leaves nothing of it; "
        "set fewer groups, a larger data.size or model.width, or take another norm"
    )


@pytest.mark.parametrize("norm", [nn.GroupNorm(1, 5), nn.GroupNorm(2, 6)])
def test_a_group_norm_takes_batches_of_one_example(norm):
    module = nn.Sequential(nn.Linear(7, norm.num_channels), norm, nn.Linear(norm.num_channels, 3))
    assert start_training(lambda: prepare_recipe(*with_norm(13, 1, module)).trainer).advance().rows


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
    for values, count in ((7 * 20, 20), (7 * 2, 3)):
        monkeypatch.setattr("luthier.recipe.start.SAMPLE_VALUES", values)
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
    made = prepare_recipe(
        read_recipe({"model": describe_module(module), "initialiser": spy}), pictures(61), CPU, module
    )
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
