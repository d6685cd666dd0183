"""The battery for losses."""

from collections.abc import Iterator

import torch
from torch import Tensor

from luthier.core.rng import generator
from luthier.models.losses import Loss
from luthier.testing.compare import require
from luthier.testing.part import check_part

EXAMPLES, CLASSES = 5, 3


TASKS = {"classification", "regression"}


def check_loss(loss: Loss) -> None:
    """Check that a loss is finite, differentiable, per example, of the logits' type, and lowest for the true class.

    For classes, its probabilities must be such, in the order of the logits; for regression, targets are any numbers.

    Raises AssertionError with what is wrong.

    >>> from luthier.models.losses import CrossEntropy
    >>> check_loss(CrossEntropy())
    """
    check_part(loss)
    known = bool(loss.tasks) and set(loss.tasks) <= TASKS
    require(known, f"{loss.name} must be for {' or '.join(sorted(TASKS))}, but is for {loss.tasks!r}")
    rng = generator(0, "testing/loss")
    logits = torch.randn(EXAMPLES, CLASSES, generator=rng, dtype=torch.float64)
    for target in _targets(loss, rng):
        _check_shape(loss, logits, target)
        _check_each_alone(loss, logits, target)
        _check_gradient(loss, logits, target)
    if "classification" in loss.tasks:
        _check_large(loss)
        _check_direction(loss)
        _check_probabilities(loss)
    if "regression" in loss.tasks:
        _check_regression(loss, rng)


def _targets(loss: Loss, rng: torch.Generator) -> Iterator[Tensor]:
    """Make targets: one class each, spread classes where the loss takes them, any numbers for regression."""
    soft = torch.rand(EXAMPLES, CLASSES, generator=rng, dtype=torch.float64).softmax(1)
    if "classification" in loss.tasks:
        yield torch.eye(CLASSES, dtype=torch.float64)[torch.arange(EXAMPLES) % CLASSES]
        if loss.soft:
            yield soft
    if "regression" in loss.tasks:
        yield (soft - 0.5) * 100


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
    """Check logits that overflow a plain exponential."""
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


def _check_probabilities(loss: Loss) -> None:
    rng = generator(0, "testing/probabilities")
    logits = torch.randn(EXAMPLES, CLASSES, generator=rng) * torch.logspace(-2, 2, EXAMPLES).unsqueeze(1)
    found = loss.probabilities(logits)
    right = found.shape == logits.shape and bool((found >= 0).all())
    require(right, f"{loss.name} must make probabilities of at least 0, one per class")
    sums = found.sum(1)
    require(torch.allclose(sums, torch.ones(EXAMPLES)), f"the probabilities of {loss.name} must sum to 1")
    same = torch.equal(found.argmax(1), logits.argmax(1))
    require(same, f"{loss.name} must give the largest probability to the largest logit")


def _check_regression(loss: Loss, rng: torch.Generator) -> None:
    """Check one output per example and several; no loss is lower than that of the true value."""
    for size in (1, 2):
        truth = torch.randn(EXAMPLES, size, generator=rng) * 100
        wrong = truth + torch.tensor([3.0]) * torch.arange(1, EXAMPLES + 1).unsqueeze(1)
        lower = bool((loss.per_example(truth, truth) < loss.per_example(wrong, truth)).all())
        require(lower, f"{loss.name} must be lowest where the answer is the target, for targets of any size")
