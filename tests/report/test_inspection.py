"""What is inside a network: counted here by hand, and named by whatever stands for a network."""

import numpy as np
import pytest
import torch
from torch import nn

from luthier.api import train
from luthier.core.errors import BadInput
from luthier.models import ARCHITECTURES, GRU, LSTM, MLP, RNN, CNN1d, LeNet5, LeNet51998, Sequential
from luthier.models.inspect import count_saved_bytes, inspect
from luthier.models.layers import BatchNorm, Dropout, SparseLinear
from luthier.recipe.read import read_recipe
from luthier.report.inspection import describe_network, parse_memory, parse_shape
from luthier.testing.material import SmallNet, pictures, rows

NAMES = ", ".join(ARCHITECTURES.members)
FLOAT = 4
"""Bytes of a number."""


def test_a_linear_layer():
    found = inspect(nn.Sequential(nn.Linear(7, 5)), (7,))
    assert found["parameters"] == 7 * 5 + 5
    assert found["flops"] == 2 * 7 * 5
    assert found["layers"] == [
        {"name": "0", "type": "Linear", "output": [5], "parameters": 40, "flops": 70, "saved_bytes": 7 * FLOAT}
    ]


def test_a_convolution():
    """Each of the 4 x 7 x 9 outputs is a sum over 3 channels of 3 x 3 products."""
    found = inspect(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), (3, 9, 11))
    conv, relu = found["layers"]
    flops = 2 * (4 * 7 * 9) * (3 * 9)
    sizes = {"output": [4, 7, 9], "parameters": 4 * 3 * 9 + 4, "flops": flops, "saved_bytes": 3 * 9 * 11 * FLOAT}
    assert conv == {"name": "0", "type": "Conv2d", **sizes}
    sizes = {"output": [4, 7, 9], "parameters": 0, "flops": 0, "saved_bytes": 4 * 7 * 9 * FLOAT}
    assert relu == {"name": "1", "type": "ReLU", **sizes}
    assert (found["parameters"], found["flops"]) == (conv["parameters"], conv["flops"])


def test_lenet5_has_61706_parameters():
    """LeCun, Bottou, Bengio and Haffner, 1998, with full connections in C3."""
    found = describe_network("lenet5")
    by_name = {layer["name"]: layer for layer in found["layers"]}
    assert found["parameters"] == 61_706
    sizes = {"conv1": 156, "conv2": 2416, "full1": 48_120, "full2": 10_164, "output": 850}
    assert {name: by_name[name]["parameters"] for name in sizes} == sizes
    products = 6 * 28 * 28 * 25 + 16 * 10 * 10 * 6 * 25 + 400 * 120 + 120 * 84 + 84 * 10
    assert found["flops"] == 2 * products == sum(layer["flops"] for layer in found["layers"])


def test_an_mlp_keeps_its_input_and_its_activation_for_the_backward_pass():
    """The first layer keeps the 7 inputs, ReLU its 5 results, which are also what the second layer keeps."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(7, 5), nn.ReLU(), nn.Linear(5, 3))
    assert count_saved_bytes(network, (7,)) == (7 + 5) * FLOAT
    parameters = 7 * 5 + 5 + 5 * 3 + 3
    assert inspect(network, (7,))["memory"] == [
        {"batch_size": size, "bytes": parameters * FLOAT * 4 + size * 12 * FLOAT} for size in (1, 16, 64, 256)
    ]


def test_a_name_is_built_for_one_channel_of_its_own_size_and_ten_classes():
    assert describe_network("lenet5")["layers"][0]["output"] == [6, 28, 28]
    assert describe_network("lenet5")["layers"][-1]["output"] == [10]
    assert describe_network("mlp")["layers"][0]["output"] == [30]


def test_shape_and_classes_may_be_given():
    found = describe_network("mlp", "2x3x5", 7)
    assert found["layers"][0]["output"] == [30] and found["layers"][-1]["output"] == [7]
    assert found["parameters"] == describe_network("mlp", "30", 7)["parameters"]
    assert describe_network("lenet5", "3X32X32", 200)["layers"][-1]["output"] == [200]


def test_a_recipe_is_built_as_it_says(tmp_path):
    path = tmp_path / "recipe.toml"
    path.write_text(read_recipe({"model": {"name": "mlp", "depth": 1, "width": 11}}).to_toml())
    assert describe_network(str(path), "13", 5)["parameters"] == 13 * 11 + 11 + 11 * 5 + 5
    path.write_text(read_recipe({"data": {"size": 40}}).to_toml())
    assert describe_network(str(path))["layers"][0]["output"] == [6, 36, 36]


def test_a_run_is_described_as_it_is(tmp_path):
    run = train(rows(53), {"name": "mlp", "depth": 1, "width": 11}, epochs=1, out=tmp_path / "run", quiet=True)
    found = describe_network(str(run.path))
    assert found["parameters"] == run.result["parameters"] == 7 * 11 + 11 + 11 * 3 + 3
    assert [layer["name"] for layer in found["layers"]] == ["standardise", "body.0", "body.1", "body.2", "body.3"]
    assert describe_network(str(run.path), classes=3) == found


def test_looking_draws_nothing_and_changes_nothing(tmp_path):
    run = train(pictures(61), SmallNet(), epochs=1, out=tmp_path / "run", quiet=True)
    answers = run.predict_proba(pictures(61).inputs)
    before = torch.get_rng_state()
    describe_network("lenet5")
    assert inspect(run.network, run.metadata["shape"])["layers"][2]["type"] == "BatchNorm2d"
    assert torch.equal(torch.get_rng_state(), before)
    assert not run.network.training
    np.testing.assert_array_equal(run.predict_proba(pictures(61).inputs), answers)


def test_the_network_of_a_run_that_answered_can_still_be_trained(tmp_path):
    run = train(pictures(61), SmallNet(), epochs=1, out=tmp_path / "run", quiet=True)
    run.predict_proba(pictures(61).inputs)
    run.network(torch.ones(3, 1, 12, 12)).sum().backward()
    assert run.network.body.conv.weight.grad is not None


def test_a_network_of_no_native_size_is_shown_as_published():
    found = describe_network("mobilenetv2", classes=1000)
    assert found["parameters"] == 3_504_872
    assert found["layers"][0]["output"] == [32, 112, 112]


KNOWN = ", ".join(ARCHITECTURES.members)


def refusal(*arguments) -> str:
    with pytest.raises(BadInput) as caught:
        describe_network(*arguments)
    return str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("lenet",), "inspect takes an architecture, a recipe file or a run, but got 'lenet'; "
                     f"did you mean 'lenet5'? known: {KNOWN}"),
        (("own-module",), "inspect takes an architecture, a recipe file or a run, but got 'own-module'; "
                          f"known: {KNOWN}"),
        (("lenet5", "30"), "lenet5 needs pictures, but an example has shape (30,); use --model mlp for rows"),
        (("lenet5", "28x29"), "lenet5 needs pictures, but an example has shape (28, 29); use --model mlp for rows; "
                              "where pictures are meant, name their channels too, as in --input 1x28x29"),
        (("lenet5", "1x5x28"), "lenet5 needs pictures of at least 12 pixels a side, but got 5x28, "
                               "of which nothing is left after conv2; set data.size = 12 or more"),
        (("mlp", None, 1), "classes must be from 2 to 100000, but got 1; set it with --classes 10"),
        (("mlp", None, 10**5000), "classes must be from 2 to 100000, but got a whole number of 5,001 digits; set it "
                                  "with --classes 10"),
        (("mlp", None, 0), "classes must be from 2 to 100000, but got 0; set it with --classes 10"),
    ],
)  # fmt: skip
def test_what_cannot_be_built_is_refused(arguments, message):
    assert refusal(*arguments) == message


@pytest.mark.parametrize(
    "text", ["", "x", "1x", "0x5x5", "1x2x3x4", "1x28x-3", "1.5", "²", "١x٢٨x٢٨", "100000", "1x28x28x"]
)
def test_a_shape_is_one_to_three_whole_numbers(text):
    with pytest.raises(BadInput) as caught:
        parse_shape(text)
    assert str(caught.value) == (
        f"an input shape must be CxHxW, TxF or F in whole numbers from 1 to 99999, but got {text!r}; "
        "write for example --input 1x28x28"
    )


def test_no_shape_is_no_shape():
    assert parse_shape(None) is None
    assert [parse_shape(text) for text in ("30", "5x7", "3x11X7", "99999")] == [(30,), (5, 7), (3, 11, 7), (99999,)]


def test_a_run_keeps_its_shape_and_its_classes(tmp_path):
    run = train(rows(53), "mlp", epochs=1, out=tmp_path / "run", quiet=True)
    assert refusal(str(run.path), None, 5) == "a run keeps its own 3 classes, but got 5; leave --classes out"
    assert refusal(str(run.path), "8").startswith("the network must accept examples of shape (8,), but fails (")


def test_a_module_from_python_is_known_to_python_only(tmp_path):
    run = train(pictures(61), SmallNet(), epochs=1, out=tmp_path / "run", quiet=True)
    assert "but none was passed; pass it from Python as model=" in refusal(str(run.path))
    path = run.path / "recipe.toml"
    assert refusal(str(path)) == (
        f"inspect takes architectures of the catalogue, but {path} names a module passed from Python; "
        "give luthier.models.inspect.inspect the module"
    )


def kept(network, shape, size) -> int:
    """Bytes that autograd keeps in a real pass of a batch, by the addresses of the memory."""
    own = {one.untyped_storage().data_ptr() for one in (*network.parameters(), *network.buffers())}
    found = {}

    def keep(tensor):
        found[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        answer = network.train()(torch.rand(size, *shape))
    assert answer.requires_grad
    return sum(bytes for place, bytes in found.items() if place not in own)


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (LeNet5(), (3, 28, 28)),
        (LeNet51998(), (1, 32, 32)),
        (MLP(depth=3, width=11), (7,)),
        (CNN1d(width=6), (13, 5)),
        (RNN(width=6, depth=2), (13, 5)),
        (GRU(width=6, bidirectional=True), (13, 5)),
        (LSTM(width=24, depth=2, dropout=0.5), (13, 5)),
        (Sequential(layers=(BatchNorm(), SparseLinear(units=5, fan_in=3), Dropout())), (9,)),
    ],
    ids=lambda value: getattr(value, "name", None),
)
@pytest.mark.parametrize("size", [5, 16])
def test_the_memory_is_what_autograd_keeps(model, shape, size):
    network = model.build(shape, 10)
    found = inspect(network, shape)
    fixed, each = found["memory"][0]["bytes"], found["memory"][1]["bytes"]
    each = (each - fixed) // 15
    told = fixed + (size - 1) * each - 4 * FLOAT * found["parameters"]
    paged = 0.1 if model.name == "lstm" else 0  # its workspace is rounded up to whole pages
    assert told == pytest.approx(kept(network, shape, size), rel=paged, abs=0)
    assert sum(layer["saved_bytes"] for layer in found["layers"]) <= each == count_saved_bytes(network, shape)


def test_an_lstm_is_counted_by_hand():
    """At each of 7 steps 4 gates of 5 units take 3 inputs and 5 states; then 5 states become 10 logits."""
    found = inspect(LSTM(width=5).build((7, 3), 10), (7, 3))
    cell, last, _, output = found["layers"]
    assert cell["flops"] == 2 * 7 * 4 * 5 * (3 + 5) and cell["output"] == [7, 5]
    assert (last["output"], output["flops"]) == ([5], 2 * 5 * 10)
    assert found["flops"] == cell["flops"] + output["flops"]


class Squared(nn.Module):
    """Works on after its layer is done."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(7, 5)

    def forward(self, x):
        return self.linear(x).square()


def test_what_a_module_keeps_after_its_layer_is_not_the_layers():
    found = inspect(nn.Sequential(Squared()), (7,))
    assert [(layer["name"], layer["saved_bytes"]) for layer in found["layers"]] == [("0.linear", 7 * FLOAT)]
    assert count_saved_bytes(nn.Sequential(Squared()), (7,)) == (7 + 5) * FLOAT


def test_a_large_network_is_looked_at_without_its_numbers():
    """The weights alone would take 40 GB."""
    with torch.device("meta"):
        network = nn.Sequential(nn.Linear(100_000, 100_000), nn.ReLU(), nn.Linear(100_000, 3))
    found = inspect(network, (100_000,), memory=10**12)
    assert found["parameters"] == 10**10 + 10**5 + 3 * 10**5 + 3
    assert found["largest_batch"] == (10**12 - found["parameters"] * 4 * FLOAT) // (2 * 10**5 * FLOAT)


def test_what_looks_at_values_is_looked_at_for_real():
    """SmallNet's mask reads its numbers, which a network without any cannot give."""
    network = SmallNet()
    found = inspect(network, (1, 9, 7))
    assert found["flops"] == 2 * (5 * 7 * 5) * 9 + 2 * 5 * 3
    assert found["layers"][0]["saved_bytes"] == 9 * 7 * FLOAT


@pytest.mark.parametrize(
    ("text", "size"),
    [("4GB", 4 * 10**9), ("1.5 GiB", 1610612736), ("300mb", 300 * 10**6), ("7B", 7), ("2TiB", 2**41), ("10EB", 10**19)],
)
def test_an_amount_of_memory(text, size):
    assert parse_memory(text) == size


@pytest.mark.parametrize("text", ["", "4", "GB", "-4GB", "4GBB", "4 G B", "4XB", "nanGB", "1e3GB", "٤GB"])
def test_what_is_no_amount_of_memory_is_refused(text):
    with pytest.raises(BadInput) as caught:
        parse_memory(text)
    assert str(caught.value) == (
        f"memory must be a number with its unit, but got {text!r}; write for example --memory 4GB"
    )


def test_no_batch_fits_where_the_weights_do_not():
    assert describe_network("lenet5", memory="100KB")["largest_batch"] == 0
