"""The intervals that go with the metrics of a part."""

import numpy as np
import pytest
import torch

from luthier.core.rng import generator
from luthier.engine import Evaluation
from luthier.models.metrics import regression
from luthier.run.intervals import with_interval
from luthier.stats import mean_interval


def of_values(n, outputs=2, spread=1.0):
    truth = torch.randn(n, outputs, generator=generator(0, "truth")) * spread + 1000
    answers = truth + torch.randn(n, outputs, generator=generator(0, "noise"))
    return Evaluation(answers, truth, regression(answers, truth, torch.zeros(n)))


def test_an_interval_goes_with_the_accuracy():
    metrics = {"accuracy": 0.75, "loss": 1.5, "n": 40}
    found = with_interval(Evaluation(torch.zeros(40, 2), torch.zeros(40), metrics))
    assert found.keys() == {"accuracy", "loss", "n", "interval"}
    low, high = found["interval"]
    assert 0.5 < low < 0.75 < high < 0.95


def test_intervals_go_with_the_errors_of_values():
    one = of_values(200, spread=3.0)
    found = with_interval(one)
    assert found.keys() == {"mae", "rmse", "r2", "loss", "n", "intervals"}
    for name, (low, high) in found["intervals"].items():
        assert low < found[name] < high, name
    errors = (one.logits.double() - one.labels.double()).abs().mean(1).tolist()
    expected = mean_interval(errors)
    assert found["intervals"]["mae"] == [expected.low, expected.high]
    assert found["r2"] == pytest.approx(0.9, abs=0.05) and found["rmse"] == pytest.approx(1, abs=0.15)


def test_r2_is_drawn_again_with_the_spread_of_each_draw():
    """Against the plain way: draw the examples, compute r2 anew."""
    one = of_values(100, outputs=1, spread=3.0)
    truth, answers = one.labels[:, 0].double().numpy(), one.logits[:, 0].double().numpy()
    rng = np.random.default_rng(5)
    chosen = rng.integers(100, size=(4000, 100))
    squares = ((truth - answers) ** 2)[chosen].sum(1)
    plain = 1 - squares / (truth[chosen].var(1) * 100)
    low, high = with_interval(one)["intervals"]["r2"]
    np.testing.assert_allclose([low, high], np.quantile(plain, (0.025, 0.975)), atol=0.01)


@pytest.mark.parametrize(("n", "given"), [(1, set()), (2, {"mae"}), (19, {"mae"}), (20, {"mae", "rmse", "r2"})])
def test_too_few_examples_have_no_interval(n, given):
    intervals = with_interval(of_values(n))["intervals"]
    assert {name for name, one in intervals.items() if one} == given
    assert intervals.keys() == {"mae", "rmse", "r2"}


def test_values_that_never_change_have_no_r2():
    found = with_interval(of_values(30, spread=0.0))
    assert found["r2"] is found["intervals"]["r2"] is None and found["intervals"]["rmse"]
