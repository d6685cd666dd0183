"""The battery for losses."""

import torch
from torch import Tensor

from luthier.core.rng import generator
from luthier.models.losses import Loss
from luthier.testing.compare import require
from luthier.testing.part import check_part

EXAMPLES, CLASSES = 5, 3


def check_loss(loss: Loss) -> None:
    """Check that a loss is finite, differentiable, per example, the type of its logits, and lower for a right answer.

    Raises AssertionError with what is wrong.

    >>> from luthier.models.losses import CrossEntropy
    >>> check_loss(CrossEntropy())
    """
    check_part(loss)
    rng = generator(0, "testing/loss")
    logits = torch.randn(EXAMPLES, CLASSES, generator=rng, dtype=torch.float64)
    soft = torch.rand(EXAMPLES, CLASSES, generator=rng, dtype=torch.float64).softmax(1)
    for target in (soft, torch.eye(CLASSES, dtype=torch.float64)[torch.arange(EXAMPLES) % CLASSES]):
        _check_shape(loss, logits, target)
        _check_each_alone(loss, logits, target)
        _check_gradient(loss, logits, target)
    _check_large(loss)
    _check_direction(loss)


def _check_shape(loss: Loss, logits: Tensor, target: Tensor) -> None:
    for dtype in (torch.float64, torch.float32):
        answer, truth = logits.to(dtype), target.to(dtype)
        before = (answer.clone(), truth.clone())
        found = loss.per_example(answer, truth)
        require(
            found.shape == (EXAMPLES,) and found.dtype == dtype,
            f"{loss.name} must give one {dtype} per example, but gave {tuple(found.shape)} {found.dtype}",
        )
        require(bool(found.isfinite().all()), f"{loss.name} must be finite on ordinary logits")
        untouched = torch.equal(before[0], answer) and torch.equal(before[1], truth)
        require(untouched, f"{loss.name} must leave its inputs as they were")


def _check_each_alone(loss: Loss, logits: Tensor, target: Tensor) -> None:
    together = loss.per_example(logits, target)
    alone = torch.cat([loss.per_example(logits[i : i + 1], target[i : i + 1]) for i in range(EXAMPLES)])
    require(
        torch.allclose(together, alone, rtol=1e-12, atol=1e-12),
        f"{loss.name} must judge each example by itself, but a batch of one gave another loss",
    )


def _check_gradient(loss: Loss, logits: Tensor, target: Tensor) -> None:
    try:
        torch.autograd.gradcheck(loss.per_example, (logits.requires_grad_(), target))
    except (RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise AssertionError(f"{loss.name} must have the gradient of its own values ({reason})") from error
    finally:
        logits.requires_grad_(False)


def _check_large(loss: Loss) -> None:
    """Logits that an exponential alone would not survive."""
    logits = torch.tensor([[300.0, -300.0, 0.0]], requires_grad=True)
    for target in torch.eye(CLASSES).unsqueeze(1):
        found = loss.per_example(logits, target)
        (gradient,) = torch.autograd.grad(found.sum(), logits)
        finite = bool(found.isfinite().all()) and bool(gradient.isfinite().all())
        require(finite, f"{loss.name} must stay finite, its gradient too, on logits of 300")


def _check_direction(loss: Loss) -> None:
    right, wrong = torch.tensor([[2.0, -1.0, -1.0]]), torch.tensor([[-1.0, 2.0, -1.0]])
    target = torch.eye(CLASSES)[:1]
    require(
        bool(loss.per_example(right, target) < loss.per_example(wrong, target)),
        f"{loss.name} must be lower where the largest logit is the true class",
    )
