"""Principal components layer after layer, against NumPy's singular values and loops over patches."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from luthier.core.rng import generator
from luthier.models.initialisers import PCA, initialise_
from luthier.models.initialisers.pca import PATCHES

INPUTS = torch.rand(29, 6, 9, 11, generator=generator(0, "pictures")) * torch.tensor([1, 2, 3, 4, 5, 6.0]).view(6, 1, 1)
ROWS = torch.randn(53, 9, generator=generator(0, "rows")) @ torch.randn(9, 9, generator=generator(1, "rows")) + 3


def started(network, inputs):
    initialise_(network, PCA(), 0)
    PCA().adapt(network, inputs, generator(0, "adapt"))
    return network


def directions(values, count):
    """The first principal directions of rows, by NumPy."""
    return np.linalg.svd(values - values.mean(0), full_matrices=False)[2][:count]


def same_directions(weight, expected):
    """Whether the rows are the expected ones up to length and sign."""
    found = weight / np.linalg.norm(weight, axis=1, keepdims=True)
    np.testing.assert_allclose(np.abs((found * expected).sum(1)), 1, atol=1e-4)


def statistics(outputs):
    """Mean and variance of each unit over examples and places."""
    units = outputs.detach().movedim(1, 0).flatten(1)
    return units.mean(1), units.var(1, correction=0)


def unit(outputs):
    mean, variance = statistics(outputs)
    torch.testing.assert_close(mean, torch.zeros_like(mean), rtol=0, atol=1e-4)
    torch.testing.assert_close(variance, torch.ones_like(variance), rtol=1e-3, atol=0)


def test_a_linear_layer():
    layer = started(nn.Linear(9, 4), ROWS)
    same_directions(layer.weight.detach().numpy(), directions(ROWS.numpy(), 4))
    assert all(row[row.abs().argmax()] > 0 for row in layer.weight.detach())
    unit(layer(ROWS))
    covariance = np.cov(layer(ROWS).detach().numpy().T, bias=True)
    np.testing.assert_allclose(covariance, np.eye(4), atol=1e-4)


def test_more_inputs_than_examples():
    layer = started(nn.Linear(9, 5), ROWS[:7])
    same_directions(layer.weight.detach().numpy(), directions(ROWS[:7].numpy().astype(np.float64), 5))


def patches(inputs, layer):
    """What each group's units see, place by place, by loops over the padded picture."""
    padded = np.pad(inputs.numpy(), ((0, 0), (0, 0), *((p, p) for p in layer.padding)))
    (kh, kw), (sh, sw), (dh, dw) = layer.kernel_size, layer.stride, layer.dilation
    _, _, height, width = padded.shape
    found = []
    for y in range(0, height - dh * (kh - 1), sh):
        for x in range(0, width - dw * (kw - 1), sw):
            found.append(padded[:, :, y : y + dh * (kh - 1) + 1 : dh, x : x + dw * (kw - 1) + 1 : dw])
    together = np.concatenate(found)
    return together.reshape(len(together), layer.groups, -1).swapaxes(0, 1)


LAYERS = {
    "plain": nn.Conv2d(6, 5, 3),
    "stride": nn.Conv2d(6, 5, (3, 2), stride=(2, 3)),
    "padding": nn.Conv2d(6, 5, 3, padding=1),
    "dilation": nn.Conv2d(6, 5, 2, dilation=(2, 3)),
    "groups": nn.Conv2d(6, 8, 3, groups=2),
    "depthwise": nn.Conv2d(6, 12, 3, stride=2, padding=(1, 2), groups=6),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_convolution(name, monkeypatch):
    monkeypatch.setattr("luthier.models.initialisers.pca.PATCHES", 10**6)
    layer = started(LAYERS[name], INPUTS)
    for weight, seen in zip(layer.weight.detach().chunk(layer.groups), patches(INPUTS, layer), strict=True):
        same_directions(weight.flatten(1).numpy(), directions(seen.astype(np.float64), len(weight)))
    unit(layer(INPUTS))


def test_one_dimension_and_padding_of_another_kind():
    inputs = torch.randn(31, 3, 17, generator=generator(0, "series")).cumsum(2)
    layer = started(nn.Conv1d(3, 4, 5, padding=2, padding_mode="reflect"), inputs)
    seen = F.pad(inputs, (2, 2), mode="reflect").unfold(2, 5, 1).movedim(1, 2).flatten(2).flatten(0, 1)
    same_directions(layer.weight.detach().flatten(1).numpy(), directions(seen.numpy().astype(np.float64), 4))


def test_some_patches_stand_for_many():
    layer = nn.Conv2d(1, 3, 3)
    smooth = F.avg_pool2d(torch.rand(40, 1, 31, 29, generator=generator(0, "x")), (9, 5), 1)
    started(layer, smooth)
    assert patches(smooth, layer).shape[1] > PATCHES
    seen = patches(smooth, layer)[0].astype(np.float64)
    found = layer.weight.detach().flatten(1).numpy()
    found = found / np.linalg.norm(found, axis=1, keepdims=True)
    spread = ((seen - seen.mean(0)) @ found.T).var(0).sum()
    best = ((seen - seen.mean(0)) @ directions(seen, 3).T).var(0).sum()
    assert spread > 0.995 * best


def test_units_beyond_the_components_keep_random_directions_of_variance_1():
    flat = ROWS.clone()
    flat[:, 5:] = flat[:, :4]  # four columns are repeated: five components, and nine inputs
    drawn = nn.Linear(9, 13)
    initialise_(drawn, PCA(), 0)
    layer = started(nn.Linear(9, 13), flat)
    same_directions(layer.weight.detach().numpy()[:5], directions(flat.numpy().astype(np.float64), 5))
    rest, before = layer.weight.detach()[5:], drawn.weight.detach()[5:]
    torch.testing.assert_close(F.normalize(rest), F.normalize(before))
    unit(layer(flat))


def test_every_layer_of_a_network_sees_what_the_layers_before_make():
    network = nn.Sequential(
        nn.Conv2d(6, 5, 3, stride=2), nn.BatchNorm2d(5), nn.ReLU(), nn.Dropout(), nn.Flatten(), nn.Linear(100, 7)
    )
    started(network, INPUTS)
    network.eval()
    unit(network[0](INPUTS))
    inner = network[:5](INPUTS).detach()
    same_directions(network[5].weight.detach().numpy(), directions(inner.numpy().astype(np.float64), 7))
    unit(network(INPUTS))


NEARLY = 3 + 2e-7 * (torch.arange(297).view(99, 3) % 2)
"""Two neighbouring numbers of float32."""


@pytest.mark.parametrize("inputs", [torch.ones(7, 3), torch.zeros(2, 3), NEARLY])
def test_constant_inputs_leave_the_draws(inputs):
    layer = nn.Linear(3, 2)
    initialise_(layer, PCA(), 0)
    before = layer.weight.detach().clone()
    PCA().adapt(layer, inputs, generator(0, "adapt"))
    torch.testing.assert_close(layer.weight.detach(), before)


def test_a_layer_that_is_used_twice_is_started_once():
    layer = nn.Linear(9, 9)
    started(nn.Sequential(layer, nn.Tanh(), layer), ROWS)
    unit(layer(ROWS))
