"""Muon: what goes where, and each part against PyTorch's own and against a plain iteration in 64 bits."""

import numpy as np
import pytest
import torch
from torch import nn

from luthier.core.rng import generator
from luthier.optim import ParameterGroup, group_parameters
from luthier.optim.optimizers import Muon

STEPS = 3
COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def network():
    made = nn.Sequential(nn.Embedding(6, 5), nn.Conv1d(5, 3, 2), nn.BatchNorm1d(3), nn.Linear(4, 7))
    for one in made.parameters():
        one.data = torch.randn(one.shape, generator=generator(0, "weights"))
    return made


def gradients(parameters):
    rng = generator(0, "gradients")
    return [[torch.randn(one.shape, generator=rng) for one in parameters] for _ in range(STEPS)]


def stepped(parameters, *optimizers):
    parameters = list(parameters)
    for grads in gradients(parameters):
        for one, grad in zip(parameters, grads, strict=True):
            one.grad = grad.clone()
        for optimizer in optimizers:
            optimizer.step()
    return [one.detach().clone() for one in parameters]


def test_matrices_are_its_own_and_the_rest_is_for_adamw():
    built = Muon(learning_rate=0.5, weight_decay=0.25).build(group_parameters(network()))
    found = [(one["param_names"], one["matrices"], one["lr"], one["weight_decay"]) for one in built.param_groups]
    assert found == [
        (["1.weight", "3.weight"], True, 0.5, 0.25),
        (["0.weight"], False, 0.5, 0.25),
        (["1.bias", "2.weight", "2.bias", "3.bias"], False, 0.5, 0.0),
    ]


@pytest.mark.parametrize(
    "settings",
    [{}, {"momentum": 0.5, "iterations": 2, "beta1": 0.4, "beta2": 0.6, "epsilon": 0.1, "weight_decay": 0.3}],
    ids=["defaults", "others"],
)
def test_each_part_is_pytorchs_own(settings):
    part = Muon(learning_rate=0.07, **settings)
    ours = network()
    found = stepped(ours.parameters(), part.build(group_parameters(ours)))
    theirs = network()
    table, kernel, *vectors, linear, last = list(theirs.parameters())
    matrices = [nn.Parameter(kernel.detach().flatten(1).clone()), linear]
    both = {"lr": 0.07, "weight_decay": part.weight_decay}
    muon = torch.optim.Muon(
        matrices, **both, momentum=part.momentum, ns_steps=part.iterations, adjust_lr_fn="match_rms_adamw"
    )
    spared = {"params": [*vectors, last], "weight_decay": 0.0}
    adamw = torch.optim.AdamW(
        [{"params": [table]}, spared], **both, betas=(part.beta1, part.beta2), eps=part.epsilon, fused=True
    )
    for grads in gradients(list(theirs.parameters())):
        for one, grad in zip([table, matrices[0], *vectors, linear, last], grads, strict=True):
            one.grad = grad.reshape(one.shape).clone()
        muon.step()
        adamw.step()
    expected = [table, matrices[0].reshape(kernel.shape), *vectors, linear, last]
    assert [torch.equal(one, other) for one, other in zip(found, expected, strict=True)] == [True] * len(found)


def orthogonalised(matrix, rounds):
    """Five rounds bring every singular value between about 0.7 and 1.2."""
    a, b, c = COEFFICIENTS
    wide = matrix / np.linalg.norm(matrix)
    for _ in range(rounds):
        gram = wide @ wide.T
        wide = a * wide + (b * gram + c * gram @ gram) @ wide
    return wide


@pytest.mark.parametrize(("rounds", "momentum"), [(5, 0.95), (3, 0.5), (1, 0.0)])
def test_kernels_follow_the_formula(rounds, momentum):
    kernel = nn.Parameter(torch.randn(3, 5, 2, 2, generator=generator(0, "kernel")))
    weight, grads = kernel.detach().double().numpy().reshape(3, 20), gradients([kernel])
    built = Muon(learning_rate=0.07, weight_decay=0.3, momentum=momentum, iterations=rounds).build(
        [ParameterGroup({"kernel": kernel})]
    )
    stepped([kernel], built)
    mean = np.zeros((3, 20))
    for (grad,) in grads:
        flat = grad.double().numpy().reshape(3, 20)
        mean = momentum * mean + (1 - momentum) * flat
        ahead = orthogonalised(momentum * mean + (1 - momentum) * flat, rounds)
        weight = weight * (1 - 0.07 * 0.3) - 0.07 * 0.2 * 20**0.5 * ahead
    np.testing.assert_allclose(kernel.detach().numpy().reshape(3, 20), weight, atol=2e-3)  # PyTorch rounds to bfloat16


def test_channels_last_keeps_its_layout_and_its_meaning():
    results = []
    for layout in (torch.contiguous_format, torch.channels_last):
        layer = nn.Conv2d(2, 3, (5, 4), bias=False)
        layer.weight.data = torch.randn(3, 2, 5, 4, generator=generator(0, "kernel"))
        layer.to(memory_format=layout)
        results += stepped(layer.parameters(), Muon().build(group_parameters(layer)))
        assert layer.weight.is_contiguous(memory_format=layout)
    torch.testing.assert_close(results[0], results[1], rtol=0, atol=1e-3)


def test_rates_that_are_set_between_steps_are_followed():
    """As a schedule does; 0 stands still."""
    made = network()
    built = Muon().build(group_parameters(made))
    before = [one.detach().clone() for one in made.parameters()]
    for group in built.param_groups:
        group["lr"] = 0.0
    assert all(map(torch.equal, stepped(made.parameters(), built), before))


@pytest.mark.parametrize("made", [nn.Linear(3, 2, bias=False), nn.BatchNorm1d(3)], ids=["matrices", "vectors"])
def test_either_part_may_be_empty(made):
    before = [one.detach().clone() for one in made.parameters()]
    after = stepped(made.parameters(), Muon().build(group_parameters(made)))
    assert not any(map(torch.equal, before, after))
