"""The intervals that go with the metrics of a part."""

import numpy as np
import pytest
import torch

from luthier.core.rng import generator
from luthier.models.losses import BCE, MSE, CrossEntropy
from luthier.run.result import add_intervals, compute_probabilities
from luthier.stats import mean_interval
from luthier.training import Evaluation
from luthier.training.evaluate import quick_metrics


def of_values(n, outputs=2, spread=1.0):
    truth = torch.randn(n, outputs, generator=generator(0, "truth")) * spread + 1000
    answers = truth + torch.randn(n, outputs, generator=generator(0, "noise"))
    return Evaluation(answers, truth, quick_metrics(answers, truth, torch.zeros(n)))


def of_classes(n=60, classes=7):
    labels = torch.randint(classes, (n,), generator=generator(0, "labels"))
    logits = torch.randn(n, classes, generator=generator(0, "logits")) + 2 * torch.eye(classes)[labels]
    return Evaluation(logits, labels, quick_metrics(logits, labels, torch.full((n,), 1.5)))


def test_every_metric_of_classes_has_an_interval_and_says_how():
    one = of_classes()
    found = add_intervals(one, CrossEntropy())
    names = {"accuracy", "auroc", "ece", "log-loss", "macro-f1", "top-5"}
    assert found.keys() == {*names, "loss", "n", "interval", "intervals", "methods", "undefined"}
    assert found["intervals"].keys() == found["methods"].keys() == names and found["undefined"] == {}
    for name in names - {"ece"}:
        low, high = found["intervals"][name]
        assert 0 <= low < found[name] < high, name
    assert found["interval"] == found["intervals"]["accuracy"] and found["accuracy"] == one.metrics["accuracy"]
    expected = torch.nn.functional.cross_entropy(one.logits.double(), one.labels)
    assert found["log-loss"] == pytest.approx(float(expected), rel=1e-9) and found["loss"] == 1.5


def test_probabilities_are_those_of_the_loss_and_of_the_temperature():
    one = of_classes()
    by_bce = add_intervals(one, BCE())
    assert by_bce["log-loss"] != add_intervals(one, CrossEntropy())["log-loss"]
    warm = compute_probabilities(one.logits, CrossEntropy(), 3.0)
    np.testing.assert_allclose(warm, (one.logits.double() / 3).softmax(1), rtol=1e-9)
    expected = torch.nn.functional.nll_loss(warm.log(), one.labels)
    assert add_intervals(one, CrossEntropy(), 3.0)["log-loss"] == pytest.approx(float(expected), rel=1e-9)


def test_answers_that_are_not_finite_leave_the_accuracy_alone():
    logits = torch.tensor([[torch.inf, 0.0], [torch.inf, 0.0]])
    labels = torch.tensor([0, 1])
    found = add_intervals(Evaluation(logits, labels, quick_metrics(logits, labels, torch.zeros(2))), CrossEntropy())
    assert found["accuracy"] == 0.5 and found["interval"]
    for name in ("auroc", "ece", "log-loss", "macro-f1", "top-5"):
        assert found[name] is found["intervals"][name] is None
        assert found["undefined"][name] == "the network's answers are not all finite"


def test_intervals_go_with_the_errors_of_values():
    one = of_values(200, spread=3.0)
    found = add_intervals(one, MSE())
    assert found.keys() == {"mae", "rmse", "r2", "loss", "n", "intervals", "methods", "undefined"}
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
    low, high = add_intervals(one, MSE())["intervals"]["r2"]
    np.testing.assert_allclose([low, high], np.quantile(plain, (0.025, 0.975)), atol=0.01)


@pytest.mark.parametrize(("n", "given"), [(1, set()), (2, {"mae"}), (19, {"mae"}), (20, {"mae", "rmse", "r2"})])
def test_too_few_examples_have_no_interval(n, given):
    intervals = add_intervals(of_values(n), MSE())["intervals"]
    assert {name for name, one in intervals.items() if one} == given
    assert intervals.keys() == {"mae", "rmse", "r2"}


def test_values_that_never_change_have_no_r2():
    found = add_intervals(of_values(30, spread=0.0), MSE())
    assert found["r2"] is found["intervals"]["r2"] is None and found["intervals"]["rmse"]
    assert found["undefined"] == {"r2": "the true values do not differ"}
