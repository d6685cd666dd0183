"""Temperature scaling: against the search on a grid, and what it must not change."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from luthier.core.rng import generator
from luthier.models.losses import LOSSES
from luthier.training.temperature import apply_temperature, fit_temperature


def too_certain(n=400, classes=5, heat=3.0):
    """Probabilities of logits that are heat times too large, and labels from the right ones."""
    logits = 1.5 * torch.randn(n, classes, generator=generator(0, "logits"), dtype=torch.float64)
    labels = torch.multinomial(logits.softmax(1), 1, generator=generator(0, "labels"))[:, 0]
    return (logits * heat).softmax(1), labels


def log_loss(probabilities, labels):
    return float(F.nll_loss(probabilities.log(), labels))


@pytest.mark.parametrize("heat", [0.5, 1.0, 3.0])
def test_the_temperature_is_about_what_was_done_to_the_logits(heat):
    probabilities, labels = too_certain(4000, heat=heat)
    assert fit_temperature(probabilities, labels) == pytest.approx(heat, rel=0.1)


def test_no_temperature_on_a_grid_is_better():
    probabilities, labels = too_certain()
    best = log_loss(apply_temperature(probabilities, fit_temperature(probabilities, labels)), labels)
    grid = [log_loss(apply_temperature(probabilities, one), labels) for one in np.geomspace(0.1, 100, 300)]
    assert best <= min(grid) + 1e-9 and best < log_loss(probabilities, labels)


def test_after_a_softmax_it_divides_the_logits():
    logits = torch.randn(11, 7, generator=generator(0, "logits"))
    torch.testing.assert_close(apply_temperature(logits.softmax(1), 2.5), (logits / 2.5).softmax(1))


def test_1_changes_no_bit():
    probabilities = torch.rand(11, 7, generator=generator(0, "p")).softmax(1)
    assert apply_temperature(probabilities, 1.0) is probabilities


@given(st.integers(0, 1000), st.floats(0.01, 100))
def test_the_order_of_the_classes_stays(seed, temperature):
    logits = 4 * torch.randn(3, 5, generator=generator(seed, "logits"), dtype=torch.float64)
    for loss in LOSSES:
        if "classification" in loss.tasks:
            before = loss().probabilities(logits)
            after = apply_temperature(before, temperature)
            torch.testing.assert_close(after.sum(1), torch.ones(3, dtype=torch.float64))
            assert (after.gather(1, logits.argmax(1, keepdim=True))[:, 0] == after.amax(1)).all(), loss.name


def test_where_all_is_right_none_is_the_best():
    probabilities, _ = too_certain()
    assert fit_temperature(probabilities, probabilities.argmax(1)) is None


def test_a_network_that_is_wrong_for_certain_is_made_to_doubt():
    probabilities = torch.tensor([[1.0, 0.0], [0.0, 1.0]] * 5)
    assert fit_temperature(probabilities, torch.tensor([1, 0] * 5)) > 90
