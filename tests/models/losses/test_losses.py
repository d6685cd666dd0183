"""The losses against NumPy, row by row; mixtures of targets; probabilities; small trainings."""

import numpy as np
import pytest
import torch
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
    nearest_probabilities,
)
from luthier.testing.material import rows
from luthier.testing.training import prepared, start_training

LOGITS = torch.randn(5, 7, generator=generator(0, "logits"), dtype=torch.float64) * 2
SOFT = (torch.randn(5, 7, generator=generator(0, "soft"), dtype=torch.float64) * 2).softmax(1)
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
    expected = [formula(z, t) for z, t in zip(LOGITS.numpy(), HARD.numpy(), strict=True)]
    assert loss.per_example(LOGITS, HARD).tolist() == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("name", FORMULAS)
def test_spread_classes_by_formula(name):
    loss, formula = FORMULAS[name]
    expected = [formula(z, t) for z, t in zip(LOGITS.numpy(), SOFT.numpy(), strict=True)]
    assert loss.per_example(LOGITS, SOFT).tolist() == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("loss", [BCE(), CrossEntropy(), Focal(), Map1998()], ids=lambda loss: loss.name)
def test_a_loss_that_is_linear_in_its_target_mixes_the_losses_of_the_classes(loss):
    each = [loss.per_example(LOGITS, torch.eye(7, dtype=torch.float64)[[k] * 5]) for k in range(7)]
    torch.testing.assert_close(loss.per_example(LOGITS, SOFT), (torch.stack(each, 1) * SOFT).sum(1))


def test_focal_without_gamma_is_cross_entropy():
    torch.testing.assert_close(Focal(gamma=0.0).per_example(LOGITS, SOFT), CrossEntropy().per_example(LOGITS, SOFT))


def test_generalised_cross_entropy_lies_between_cross_entropy_and_the_absolute_error():
    """The paper's two ends."""
    near = GeneralisedCrossEntropy(q=1e-7).per_example(LOGITS, SOFT)
    torch.testing.assert_close(near, CrossEntropy().per_example(LOGITS, SOFT), rtol=1e-5, atol=0)
    absolute = (LOGITS.softmax(1) - HARD).abs().sum(1) / 2
    torch.testing.assert_close(GeneralisedCrossEntropy(q=1.0).per_example(LOGITS, HARD), absolute)


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
    sigmoids = expit(LOGITS.numpy())
    np.testing.assert_allclose(BCE().probabilities(LOGITS), sigmoids / sigmoids.sum(1, keepdims=True), rtol=1e-12)
    assert BCE().probabilities(torch.tensor([[-300.0, -301.0]])).sum().item() == pytest.approx(1)


SOFTMAX = [Brier(), CrossEntropy(), Focal(), GeneralisedCrossEntropy(), Hinge(), Map1998()]


@pytest.mark.parametrize("loss", SOFTMAX, ids=lambda loss: loss.name)
def test_probabilities_of_the_others_are_the_softmax(loss):
    np.testing.assert_allclose(loss.probabilities(LOGITS), [softmax(z) for z in LOGITS.numpy()], rtol=1e-12)


@pytest.mark.parametrize("row", range(5))
def test_nearest_probabilities_are_found_by_a_general_solver_too(row):
    z = LOGITS[row].numpy() / 4
    sums = {"type": "eq", "fun": lambda p: p.sum() - 1}
    solved = minimize(
        lambda p: ((p - z) ** 2).sum(), np.full(7, 1 / 7), bounds=[(0, 1)] * 7, constraints=sums, tol=1e-12
    )
    np.testing.assert_allclose(nearest_probabilities(torch.tensor(z)[None])[0], solved.x, atol=1e-6)


def test_nearest_probabilities_of_large_outputs_lose_nothing():
    assert nearest_probabilities(torch.tensor([[1e7, 1e7, -1e7]])).tolist() == [[0.5, 0.5, 0.0]]


@pytest.mark.parametrize("loss", [MSE(), Huber()], ids=lambda loss: loss.name)
def test_outputs_that_are_probabilities_stay_as_they_are(loss):
    torch.testing.assert_close(loss.probabilities(SOFT), SOFT)


@pytest.mark.parametrize("member", list(LOSSES), ids=lambda member: member.name)
def test_it_trains_and_repeats(member):
    make = lambda: prepared({"loss": member(), "model": "mlp"}, dataset=rows(53)).trainer  # noqa: E731
    one, other = start_training(make).advance(), start_training(make).advance()
    assert one.rows == other.rows and len(one.rows) > 0
