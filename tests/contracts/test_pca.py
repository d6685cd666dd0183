"""Initialisation from the data against NumPy's singular value decomposition."""

import numpy as np
import pytest
import torch

from luthier.core.rng import generator
from luthier.testing.compare import difference
from luthier.testing.training import copy_weights, prepared

from .toys.pca import PcaInitialisation, components

NETWORKS = {"own": ({}, "body.conv.weight"), "lenet5": ({"model": "lenet5", "data": {"size": 14}}, "body.conv1.weight")}


def by_numpy(pictures, side, count):
    """The first components of all patches, cut out one by one."""
    patches = [
        picture[:, top : top + side, left : left + side].reshape(-1)
        for picture in pictures.astype(np.float64)
        for top in range(picture.shape[1] - side + 1)
        for left in range(picture.shape[2] - side + 1)
    ]
    values, vectors = np.linalg.eigh(np.cov(np.stack(patches), rowvar=False))
    return vectors[:, np.argsort(values)[::-1][:count]].T


def test_components():
    pictures = torch.rand(7, 2, 6, 9, generator=generator(0, "pictures"))
    found = components(pictures, 3, 5).flatten(1).double().numpy()
    expected = by_numpy(pictures.numpy(), 3, 5)
    np.testing.assert_allclose(np.abs((found * expected).sum(1)), 1, atol=1e-5)
    np.testing.assert_allclose(found @ found.T, np.eye(5), atol=1e-5)


@pytest.mark.parametrize("network", NETWORKS)
def test_the_first_convolution_and_nothing_else(network):
    sections, name = NETWORKS[network]
    plain = prepared(sections).trainer
    trainer = prepared({**sections, "tricks": [PcaInitialisation()]}).trainer
    before, after = copy_weights(plain.network), copy_weights(trainer.network)
    kernels = after.pop(name)
    assert not torch.equal(kernels, before.pop(name))
    assert difference(before, after) is None
    examples = trainer.training.examples
    inputs = trainer.network.standardise(examples.inputs(examples.indices))
    expected = by_numpy(inputs.numpy(), kernels.shape[-1], len(kernels))
    along = np.abs((kernels.flatten(1).double().numpy() * expected).sum(1))
    np.testing.assert_allclose(along, 1, atol=1e-4)


def test_the_sample_is_of_the_training_part_unaugmented_in_an_order_that_follows_the_seed():
    seen = []

    class Look(PcaInitialisation):
        name = "look"

        def setup(self, value, context):
            seen.append((value.sample, context.training.examples))
            return value

    for seed in (0, 0, 1):
        prepared({"tricks": [Look()], "seed": seed, "split": {"validation": 0}})
    sample, examples = seen[0]
    assert sorted(sample.index.tolist()) == examples.indices.tolist()
    assert torch.equal(sample.inputs, examples.inputs(sample.index))
    orders = [one.index.tolist() for one, _ in seen]
    assert orders[0] == orders[1] != orders[2]
