"""The network of listed layers: known networks rebuilt, shapes passed on, what does not fit."""

import pytest
import torch
from torch import nn

from luthier.core.errors import BadInput
from luthier.models import LeNet5, Sequential, assemble
from luthier.models.activations import Tanh
from luthier.models.initialisers import HeNormal
from luthier.models.layers import (
    LSTM,
    ActivationLayer,
    BatchNorm,
    Convolution,
    Dropout,
    Embedding,
    Flatten,
    GlobalAveragePool,
    Linear,
    MaxPool,
    RowsOfPixels,
    SparseLinear,
    Subsampling,
    TableConvolution,
)
from luthier.models.modules import Standardise

LENET5 = (
    Convolution(maps=6, kernel=5, padding=2),
    MaxPool(),
    ActivationLayer(),
    Convolution(maps=16, kernel=5),
    MaxPool(),
    ActivationLayer(),
    Flatten(),
    Linear(units=120),
    ActivationLayer(),
    Linear(units=84),
    ActivationLayer(),
)
LENET5_1998 = (
    Convolution(maps=6, kernel=5),
    ActivationLayer(function=Tanh()),
    Subsampling(),
    ActivationLayer(function=Tanh()),
    TableConvolution(),
    ActivationLayer(function=Tanh()),
    Subsampling(),
    ActivationLayer(function=Tanh()),
    Convolution(maps=120, kernel=5),
    ActivationLayer(function=Tanh()),
    Flatten(),
    Linear(units=84),
    ActivationLayer(function=Tanh()),
)


def count(module: nn.Module) -> int:
    return sum(one.numel() for one in module.parameters())


def test_lenet5_as_a_list_is_lenet5():
    """LeCun, Bottou, Bengio and Haffner, 1998, as built today: the same numbers from the same weights."""
    listed, own = Sequential(layers=LENET5).build((1, 28, 28), 10), LeNet5().build((1, 28, 28), 10)
    assert count(listed) == 61_706
    own.load_state_dict(dict(zip(own.state_dict(), listed.state_dict().values(), strict=True)))
    x = torch.rand(3, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    assert torch.equal(listed(x), own(x))


def test_the_layers_of_1998_have_the_counts_of_the_paper():
    network = Sequential(layers=LENET5_1998).build((1, 32, 32), 10)
    counts = {name: count(layer) for name, layer in network.named_children() if count(layer)}
    assert counts == {
        "convolution1": 156,
        "subsampling3": 12,
        "table_convolution5": 1516,
        "subsampling7": 32,
        "convolution9": 48_120,
        "linear12": 10_164,
        "output": 850,
    }


@pytest.mark.parametrize(
    ("layers", "shape", "names"),
    [
        ((), (7,), ["output"]),
        ((), (3, 5, 7), ["flatten", "output"]),
        ((Convolution(maps=4), GlobalAveragePool()), (3, 5, 7), ["convolution1", "global_average_pool2", "output"]),
        ((RowsOfPixels(), LSTM(units=5)), (3, 5, 7), ["rows1", "lstm2", "output"]),
        ((LSTM(units=5, output="sequence"),), (7, 3), ["lstm1", "flatten", "output"]),
        ((Embedding(tokens=5, width=3), LSTM(units=4), Dropout()), (7,), ["embedding1", "lstm2", "dropout3", "output"]),
        ((Linear(units=5), SparseLinear(units=6, fan_in=2)), (9,), ["linear1", "sparse_linear2", "output"]),
    ],
)
def test_each_layer_is_built_for_what_reaches_it(layers, shape, names):
    network = Sequential(layers=layers).build(shape, 11)
    assert [name for name, _ in network.named_children()] == names
    assert network(torch.zeros(2, *shape)).shape == (2, 11)
    assert network.training and all(one.training for one in network.modules())


def test_looking_for_shapes_moves_no_average():
    norm = Sequential(layers=(BatchNorm(),)).build((3, 5, 7), 2)[0]
    assert norm.num_batches_tracked == 0 and norm.running_var.eq(1).all()


@pytest.mark.parametrize(
    ("layers", "shape", "problem"),
    [
        (
            (Convolution(maps=4), MaxPool(), Convolution(kernel=5)),
            (1, 9, 11),
            "layer 3 (convolution) cannot be built: convolution looks at 5x5 pixels, but gets 3x4 with padding 0; "
            "set a smaller kernel, padding of 1 or more, or a larger data.size; "
            "every layer fits from data.size = 12 on",
        ),
        (
            (Flatten(), Convolution()),
            (1, 9, 11),
            "layer 2 (convolution) cannot be built: convolution needs pictures (C, H, W), but gets shape (99,); "
            "take it out, or put it before flatten, global-average-pool and rows",
        ),
        (
            (GlobalAveragePool(), GlobalAveragePool()),
            (3, 9, 11),
            "layer 2 (global-average-pool) cannot be built: global-average-pool needs pictures (C, H, W), but gets "
            "shape (3,); take it out, or put it before flatten, global-average-pool and rows",
        ),
        (
            (LSTM(),),
            (1, 9, 11),
            "layer 1 (lstm) cannot be built: lstm needs sequences (T, F), but gets shape (1, 9, 11); "
            "put rows before it to read pictures",
        ),
    ],
)
def test_what_does_not_fit_names_the_layer_the_shape_and_the_remedy(layers, shape, problem):
    with pytest.raises(BadInput) as caught:
        Sequential(layers=layers).build(shape, 10)
    assert caught.value.problems == (problem,)


def test_the_smallest_size_that_works_is_the_smallest():
    layers = (Convolution(maps=4), MaxPool(), Convolution(kernel=5))
    assert Sequential(layers=layers).build((1, 12, 12), 10)(torch.zeros(1, 1, 12, 12)).shape == (1, 10)
    with pytest.raises(BadInput):
        Sequential(layers=layers).build((1, 11, 11), 10)


def test_sparse_connections_follow_from_the_seed():
    model = Sequential(layers=(SparseLinear(units=6, fan_in=2),))
    standardise = Standardise(torch.zeros(9), torch.ones(9))
    one, again, other = (assemble(model, HeNormal(), standardise, (9,), 3, seed=seed).body[0] for seed in (1, 1, 2))
    assert torch.equal(one.sources, again.sources) and not torch.equal(one.sources, other.sources)
