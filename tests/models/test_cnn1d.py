"""Convolutions over time: against sums by hand, padded sequences, what is refused."""

import pytest
import torch

from luthier.core.errors import BadInput
from luthier.core.rng import generator
from luthier.models import CNN1d
from luthier.models.activations import Tanh


def inputs(*shape):
    return torch.rand(*shape, generator=generator(0, "x"))


def test_it_is_the_formula():
    """One convolution of 3 steps with zeros at both ends, untouched norm, tanh, average, output."""
    network, x = CNN1d(depth=1, width=5, kernel=3, activation=Tanh()).build((7, 2), 4).eval(), inputs(3, 7, 2)
    weight = network.blocks[0][0].weight
    ends = torch.zeros(3, 1, 2)
    padded = torch.cat((ends, x, ends), 1)
    sums = sum(padded[:, step : step + 7] @ weight[:, :, step].T for step in range(3))
    average = torch.tanh(sums / (1 + 1e-5) ** 0.5).mean(1)
    torch.testing.assert_close(network(x), average @ network.output.weight.T + network.output.bias)


def test_depth_width_and_kernel():
    network = CNN1d(depth=3, width=5, kernel=7).build((2, 11, 3), 4)
    shapes = [tuple(block[0].weight.shape) for block in network.blocks]
    assert shapes == [(5, 6, 7), (5, 5, 7), (5, 5, 7)]


def test_the_search_tries_odd_kernels_alone():
    search = next(one.search for one in CNN1d.hyperparameters() if one.name == "kernel")
    tried = range(int(search.low), int(search.high) + 1, search.step)
    assert list(tried) == [3, 5, 7, 9]
    assert all(CNN1d(kernel=kernel, width=3).build((13, 5), 2) for kernel in tried)


def test_a_picture_is_the_sequence_of_its_rows():
    network, x = CNN1d(width=5).build((2, 7, 3), 4).eval(), inputs(3, 2, 7, 3)
    assert torch.equal(network(x), network(torch.cat((x[:, 0], x[:, 1]), 2)))


def test_a_padded_sequence_is_answered_as_if_it_stood_alone():
    network, x = CNN1d(width=5).build((7, 3), 4), inputs(3, 7, 3)
    network(x * 3 - 1)  # moves the averages of the norms, so that zeros do not stay zeros
    network.eval()
    lengths = torch.tensor([4, 7, 1])
    found = network({"sequence": x, "length": lengths})
    alone = torch.cat([network(x[[row], :length]) for row, length in enumerate(lengths.tolist())])
    torch.testing.assert_close(found, alone)


@pytest.mark.parametrize(
    ("model", "shape", "message"),
    [
        (CNN1d(), (7,), "cnn1d needs pictures or sequences, but an example has shape (7,); use --model mlp for rows"),
        (CNN1d(kernel=4), (7, 3), "cnn1d.kernel must be odd, so that it has a middle, but got 4; set 3 or 5"),
    ],
)
def test_what_is_refused(model, shape, message):
    with pytest.raises(BadInput) as caught:
        model.build(shape, 3)
    assert str(caught.value) == message
