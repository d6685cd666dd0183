"""The criterion of equation 9, written out."""

import math

import pytest
import torch

from luthier.core.rng import generator
from luthier.models.losses import Map1998

PENALTIES = torch.rand(5, 7, generator=generator(0, "penalties"), dtype=torch.float64) * 30


def by_formula(penalties, true, j):
    """Equation 9 for one example: y_D + log(exp(-j) + sum of exp(-y_i))."""
    return penalties[true] + math.log(math.exp(-j) + sum(math.exp(-one) for one in penalties))


@pytest.mark.parametrize("j", [0.0, 3.0, 20.0])
def test_hard_targets_by_formula(j):
    labels = torch.tensor([0, 6, 2, 2, 5])
    found = Map1998(rejection=j).per_example(-PENALTIES, torch.eye(7, dtype=torch.float64)[labels])
    expected = [by_formula(PENALTIES[row].tolist(), int(label), j) for row, label in enumerate(labels)]
    assert found.tolist() == pytest.approx(expected, rel=1e-12)


def test_soft_targets_mix_the_losses_of_the_classes():
    soft = torch.rand(5, 7, generator=generator(0, "soft"), dtype=torch.float64).softmax(1)
    each = [Map1998().per_example(-PENALTIES, torch.eye(7, dtype=torch.float64)[[k] * 5]) for k in range(7)]
    expected = (torch.stack(each, 1) * soft).sum(1)
    torch.testing.assert_close(Map1998().per_example(-PENALTIES, soft), expected, rtol=1e-12, atol=1e-12)


def test_gradient_pulls_the_true_penalty_down_and_pushes_the_others_up():
    penalties = PENALTIES[:1].clone().requires_grad_()
    target = torch.eye(7, dtype=torch.float64)[:1]
    Map1998().per_example(-penalties, target).sum().backward()
    assert float(penalties.grad[0, 0]) > 0
    assert bool((penalties.grad[0, 1:] < 0).all())
    assert torch.autograd.gradcheck(lambda x: Map1998().per_example(-x, target), (penalties,))


def test_penalties_far_beyond_j_are_pushed_no_further():
    target = torch.eye(3, dtype=torch.float64)[:1]
    pushes = []
    for other in (5.0, 40.0):
        penalties = torch.tensor([[25.0, other, other]], dtype=torch.float64, requires_grad=True)
        Map1998(rejection=10.0).per_example(-penalties, target).sum().backward()
        pushes.append(-float(penalties.grad[0, 1]))
    assert pushes[0] > 0.4
    assert pushes[1] < 1e-10


def test_huge_penalties_stay_finite():
    logits = torch.tensor([[-1e4, -2e4]], requires_grad=True)
    loss = Map1998().per_example(logits, torch.tensor([[1.0, 0.0]]))
    loss.sum().backward()
    assert loss.tolist() == [1e4 - 20]
    assert logits.grad.tolist() == [[-1, 0]]
