"""The losses against NumPy, row by row; mixtures of targets; probabilities; small trainings."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.optimize import minimize
from scipy.special import expit

from luthier.core.rng import generator
from luthier.models.losses import (
    BCE,
    LOSSES,
    MSE,
    Brier,
    CrossEntropy,
    Focal,
    GeneralisedCrossEntropy,
    Hinge,
    Huber,
    Map1998,
    Standardised,
    project_to_probabilities,
)
from luthier.models.modules import Rescale
from luthier.testing.material import rows
from luthier.testing.training import prepared, start_training

LOSSES_LOGITS = torch.randn(5, 7, generator=generator(0, "logits"), dtype=torch.float64) * 2


LOSSES_SOFT = (torch.randn(5, 7, generator=generator(0, "soft"), dtype=torch.float64) * 2).softmax(1)


HARD = torch.eye(7, dtype=torch.float64)[[0, 6, 2, 2, 5]]


def softmax(z):
    return np.exp(z) / np.exp(z).sum()


def huber(r, delta):
    return np.where(abs(r) <= delta, r**2 / 2, delta * (abs(r) - delta / 2)).mean()


def crammer_singer(z, t):
    true = t.argmax()
    return max(0.0, 1 + np.delete(z, true).max() - z[true])


FORMULAS = {
    "bce": (BCE(), lambda z, t: -(t * np.log(expit(z)) + (1 - t) * np.log(1 - expit(z))).sum()),
    "brier": (Brier(), lambda z, t: ((softmax(z) - t) ** 2).sum()),
    "cross-entropy": (CrossEntropy(), lambda z, t: -(t * np.log(softmax(z))).sum()),
    "focal": (Focal(), lambda z, t: -(t * (1 - softmax(z)) ** 2 * np.log(softmax(z))).sum()),
    "focal by a root": (Focal(gamma=0.5), lambda z, t: -(t * (1 - softmax(z)) ** 0.5 * np.log(softmax(z))).sum()),
    "generalised-cross-entropy": (
        GeneralisedCrossEntropy(),
        lambda z, t: (t * (1 - softmax(z) ** 0.7)).sum() / 0.7,
    ),
    "huber": (Huber(), lambda z, t: huber(z - t, 1.0)),
    "huber near 0": (Huber(delta=0.3), lambda z, t: huber(z - t, 0.3)),
    "map-1998": (Map1998(), lambda z, t: np.log(np.exp(-20) + np.exp(z).sum()) - (t * z).sum()),
    "mse": (MSE(), lambda z, t: ((z - t) ** 2).mean()),
}


HARD_ONLY = {"hinge": (Hinge(), crammer_singer)}


def test_every_loss_has_a_formula():
    assert {loss.name for loss, _ in (*FORMULAS.values(), *HARD_ONLY.values())} == LOSSES.members.keys()


@pytest.mark.parametrize("name", [*FORMULAS, *HARD_ONLY])
def test_one_class_by_formula(name):
    loss, formula = (FORMULAS | HARD_ONLY)[name]
    expected = [formula(z, t) for z, t in zip(LOSSES_LOGITS.numpy(), HARD.numpy(), strict=True)]
    assert loss.per_example(LOSSES_LOGITS, HARD).tolist() == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("name", FORMULAS)
def test_spread_classes_by_formula(name):
    loss, formula = FORMULAS[name]
    expected = [formula(z, t) for z, t in zip(LOSSES_LOGITS.numpy(), LOSSES_SOFT.numpy(), strict=True)]
    assert loss.per_example(LOSSES_LOGITS, LOSSES_SOFT).tolist() == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("loss", [BCE(), CrossEntropy(), Focal(), Map1998()], ids=lambda loss: loss.name)
def test_a_loss_that_is_linear_in_its_target_mixes_the_losses_of_the_classes(loss):
    each = [loss.per_example(LOSSES_LOGITS, torch.eye(7, dtype=torch.float64)[[k] * 5]) for k in range(7)]
    torch.testing.assert_close(
        loss.per_example(LOSSES_LOGITS, LOSSES_SOFT), (torch.stack(each, 1) * LOSSES_SOFT).sum(1)
    )


def test_focal_without_gamma_is_cross_entropy():
    torch.testing.assert_close(
        Focal(gamma=0.0).per_example(LOSSES_LOGITS, LOSSES_SOFT), CrossEntropy().per_example(LOSSES_LOGITS, LOSSES_SOFT)
    )


def test_generalised_cross_entropy_lies_between_cross_entropy_and_the_absolute_error():
    """The paper's two ends."""
    near = GeneralisedCrossEntropy(q=1e-7).per_example(LOSSES_LOGITS, LOSSES_SOFT)
    torch.testing.assert_close(near, CrossEntropy().per_example(LOSSES_LOGITS, LOSSES_SOFT), rtol=1e-5, atol=0)
    absolute = (LOSSES_LOGITS.softmax(1) - HARD).abs().sum(1) / 2
    torch.testing.assert_close(GeneralisedCrossEntropy(q=1.0).per_example(LOSSES_LOGITS, HARD), absolute)


def test_only_hinge_takes_one_class_alone():
    assert {loss.name for loss in LOSSES if not loss.soft} == {"hinge"}
    assert {loss.name for loss in LOSSES if "regression" in loss.tasks} == {"huber", "mse"}


@pytest.mark.parametrize(("loss", "each"), [(MSE(), lambda r: r**2), (Huber(), lambda r: abs(r) - 0.5)])
def test_regression_on_answers_of_any_size(loss, each):
    answers = torch.tensor([[-100.0, 3.0], [7.0, 250.0], [0.0, 1e4]], dtype=torch.float64)
    truth = torch.tensor([[5.0, -9.0], [60.0, 2.0], [-33.0, 0.0]], dtype=torch.float64)
    expected = [np.mean([each(r) for r in row]) for row in (answers - truth).numpy()]
    assert loss.per_example(answers, truth).tolist() == pytest.approx(expected, rel=1e-12)


def test_probabilities_of_bce_are_sigmoids_over_their_sum():
    sigmoids = expit(LOSSES_LOGITS.numpy())
    np.testing.assert_allclose(
        BCE().probabilities(LOSSES_LOGITS), sigmoids / sigmoids.sum(1, keepdims=True), rtol=1e-12
    )
    assert BCE().probabilities(torch.tensor([[-300.0, -301.0]])).sum().item() == pytest.approx(1)


SOFTMAX = [Brier(), CrossEntropy(), Focal(), GeneralisedCrossEntropy(), Hinge(), Map1998()]


@pytest.mark.parametrize("loss", SOFTMAX, ids=lambda loss: loss.name)
def test_probabilities_of_the_others_are_the_softmax(loss):
    np.testing.assert_allclose(
        loss.probabilities(LOSSES_LOGITS), [softmax(z) for z in LOSSES_LOGITS.numpy()], rtol=1e-12
    )


@pytest.mark.parametrize("row", range(5))
def test_nearest_probabilities_are_found_by_a_general_solver_too(row):
    z = LOSSES_LOGITS[row].numpy() / 4
    sums = {"type": "eq", "fun": lambda p: p.sum() - 1}
    solved = minimize(
        lambda p: ((p - z) ** 2).sum(), np.full(7, 1 / 7), bounds=[(0, 1)] * 7, constraints=sums, tol=1e-12
    )
    np.testing.assert_allclose(project_to_probabilities(torch.tensor(z)[None])[0], solved.x, atol=1e-6)


def test_nearest_probabilities_of_large_outputs_lose_nothing():
    assert project_to_probabilities(torch.tensor([[1e7, 1e7, -1e7]])).tolist() == [[0.5, 0.5, 0.0]]


def test_outputs_that_are_not_finite_have_no_nearest_probabilities():
    """Nor do they spoil those of the rows beside them."""
    far = torch.tensor([[0.25, 0.75], [torch.nan, 1.0], [torch.inf, -torch.inf], [torch.inf, torch.inf]])
    found = project_to_probabilities(far)
    assert found[0].tolist() == [0.25, 0.75] and bool(found[1:].isnan().all())


@pytest.mark.parametrize("loss", [MSE(), Huber()], ids=lambda loss: loss.name)
def test_outputs_that_are_probabilities_stay_as_they_are(loss):
    torch.testing.assert_close(loss.probabilities(LOSSES_SOFT), LOSSES_SOFT)


@pytest.mark.parametrize("member", list(LOSSES), ids=lambda member: member.name)
def test_it_trains_and_repeats(member):
    make = lambda: prepared({"loss": member(), "model": "mlp"}, dataset=rows(53)).trainer  # noqa: E731
    one, other = start_training(make).advance(), start_training(make).advance()
    assert one.rows == other.rows and len(one.rows) > 0


CROSS_ENTROPY_LOGITS = torch.randn(5, 7, generator=generator(0, "logits"), dtype=torch.float64)


CROSS_ENTROPY_SOFT = torch.rand(5, 7, generator=generator(0, "soft"), dtype=torch.float64).softmax(1)


def test_soft_targets_by_formula():
    found = CrossEntropy().per_example(CROSS_ENTROPY_LOGITS, CROSS_ENTROPY_SOFT).tolist()
    for row, loss in enumerate(found):
        exps = [math.exp(one) for one in CROSS_ENTROPY_LOGITS[row].tolist()]
        probabilities = [one / sum(exps) for one in exps]
        expected = -sum(t * math.log(p) for t, p in zip(CROSS_ENTROPY_SOFT[row].tolist(), probabilities, strict=True))
        assert loss == pytest.approx(expected, rel=1e-12)


def test_hard_targets_are_pytorchs():
    labels = torch.tensor([0, 6, 2, 2, 5])
    found = CrossEntropy().per_example(CROSS_ENTROPY_LOGITS, F.one_hot(labels, 7).double())
    torch.testing.assert_close(
        found, F.cross_entropy(CROSS_ENTROPY_LOGITS, labels, reduction="none"), rtol=1e-12, atol=0
    )


def test_gradient_is_softmax_minus_target():
    logits = CROSS_ENTROPY_LOGITS.clone().requires_grad_()
    CrossEntropy().per_example(logits, CROSS_ENTROPY_SOFT).sum().backward()
    torch.testing.assert_close(
        logits.grad, CROSS_ENTROPY_LOGITS.softmax(1) - CROSS_ENTROPY_SOFT, rtol=1e-10, atol=1e-12
    )
    assert torch.autograd.gradcheck(CrossEntropy().per_example, (logits, CROSS_ENTROPY_SOFT))


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


ANSWERS = torch.randn(5, 3, generator=generator(0, "answers"), dtype=torch.float64)


VALUES = torch.randn(5, 3, generator=generator(0, "values"), dtype=torch.float64)


def test_in_standard_deviations_units_do_not_matter():
    layer = Rescale(torch.tensor([5.0, 0.0, -1e4]).double(), torch.tensor([2.0, 1e-3, 1e3]).double())
    found = Standardised(loss=MSE(), rescale=layer).per_example(layer(ANSWERS), layer(VALUES))
    torch.testing.assert_close(found, MSE().per_example(ANSWERS, VALUES), rtol=1e-9, atol=1e-12)
