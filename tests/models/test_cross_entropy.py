"""Cross-entropy against its formula and PyTorch's own for hard labels."""

import math

import pytest
import torch
import torch.nn.functional as F

from luthier.core.rng import generator
from luthier.models.losses import CrossEntropy

LOGITS = torch.randn(5, 7, generator=generator(0, "logits"), dtype=torch.float64)
SOFT = torch.rand(5, 7, generator=generator(0, "soft"), dtype=torch.float64).softmax(1)


def test_soft_targets_by_formula():
    found = CrossEntropy().per_example(LOGITS, SOFT).tolist()
    for row, loss in enumerate(found):
        exps = [math.exp(one) for one in LOGITS[row].tolist()]
        probabilities = [one / sum(exps) for one in exps]
        expected = -sum(t * math.log(p) for t, p in zip(SOFT[row].tolist(), probabilities, strict=True))
        assert loss == pytest.approx(expected, rel=1e-12)


def test_hard_targets_are_pytorchs():
    labels = torch.tensor([0, 6, 2, 2, 5])
    found = CrossEntropy().per_example(LOGITS, F.one_hot(labels, 7).double())
    torch.testing.assert_close(found, F.cross_entropy(LOGITS, labels, reduction="none"), rtol=1e-12, atol=0)


def test_gradient_is_softmax_minus_target():
    logits = LOGITS.clone().requires_grad_()
    CrossEntropy().per_example(logits, SOFT).sum().backward()
    torch.testing.assert_close(logits.grad, LOGITS.softmax(1) - SOFT, rtol=1e-10, atol=1e-12)
    assert torch.autograd.gradcheck(CrossEntropy().per_example, (logits, SOFT))
