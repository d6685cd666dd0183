"""Evaluation: the whole part, in evaluation mode, without a trace in the caller's random state."""

import pytest
import sklearn.metrics
import torch
import torch.nn.functional as F
from torch import nn

from luthier.core.card import TrickCard
from luthier.core.rng import generator
from luthier.models.losses import CrossEntropy
from luthier.testing.compare import difference
from luthier.testing.training import copy_weights, prepared, start_training
from luthier.training import choose_final_network, evaluate
from luthier.training.evaluate import choose_network, quick_metrics
from luthier.training.trick import Trick


def test_against_a_pass_by_hand():
    done = start_training(lambda: prepared().trainer).advance()
    trainer = done.trainer
    found = evaluate(trainer.network, trainer.training.examples, trainer.loss)
    network, examples = trainer.network.eval(), trainer.training.examples
    with torch.no_grad():
        logits = torch.cat([network(examples.inputs(one.view(1))) for one in examples.indices])
    labels = examples.labels[examples.indices]
    torch.testing.assert_close(found.logits, logits, rtol=1e-4, atol=1e-5)
    assert torch.equal(found.labels, labels)
    assert found.metrics["n"] == 42
    assert found.metrics["accuracy"] == float((logits.argmax(1) == labels).double().mean())
    assert found.metrics["loss"] == pytest.approx(float(F.cross_entropy(logits, labels)), rel=1e-5)


class Draws(nn.Module):
    """Draws even in evaluation, as some foreign modules do."""

    def __init__(self):
        super().__init__()
        self.full = nn.Linear(144, 3)

    def forward(self, x):
        return self.full(x.flatten(1)) + torch.rand(())


def test_a_module_that_draws_is_repeatable_and_moves_nothing():
    trainer = prepared(module=Draws()).trainer
    with torch.random.fork_rng(devices=[]):
        found = []
        for seed in (1, 2):
            torch.manual_seed(seed)
            before = torch.get_rng_state()
            found.append(evaluate(trainer.network, trainer.validation, CrossEntropy()).logits)
            assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(found[0], found[1])


def test_statistics_and_weights_stay():
    trainer = prepared().trainer
    before = copy_weights(trainer.network)
    evaluate(trainer.network, trainer.training.examples, trainer.loss)
    assert difference(before, copy_weights(trainer.network)) is None
    assert not any(one.requires_grad and one.grad is not None for one in trainer.network.parameters())


class Chosen(Trick):
    """Gives a network whose last bias is a number that it draws from the global generator."""

    name = "chosen"
    card = TrickCard(summary="Chooses.", source="tests")

    def eval_model(self, network, trick_state, context):
        other = prepared().trainer.network
        torch.nn.init.constant_(other.body.full.bias, torch.rand(()).item() + 10 * context.final)
        return other


def test_tricks_choose_the_network_under_a_stream_of_their_own():
    """At the end of an epoch and for the last evaluation alike, whatever the caller has drawn."""
    done = start_training(lambda: prepared({"tricks": [Chosen()]}).trainer).advance()
    trainer, state = done.trainer, done.state
    with torch.random.fork_rng(devices=[]):
        found = []
        for seed in (1, 2):
            torch.manual_seed(seed)
            before = torch.get_rng_state()
            found.append(
                (
                    choose_network(trainer, state).body.full.bias[0],
                    choose_final_network(trainer, state).body.full.bias[0],
                )
            )
            assert torch.equal(before, torch.get_rng_state())
    assert found[0] == found[1]
    assert float(found[0][1].detach()) == pytest.approx(float(found[0][0].detach()) + 10)


def test_without_tricks_it_is_the_trained_network():
    done = start_training(lambda: prepared().trainer).advance()
    assert choose_final_network(done.trainer, done.state) is done.trainer.network


LABELS = torch.randint(5, (97,), generator=generator(0, "labels"))
LOGITS = torch.randn(97, 5, generator=generator(0, "logits")) + torch.eye(5)[LABELS] * 2


def test_quick_metrics_of_classes_against_scikit_learn():
    expected = sklearn.metrics.accuracy_score(LABELS, LOGITS.argmax(1))
    assert quick_metrics(LOGITS, LABELS, torch.arange(97.0)) == {"accuracy": expected, "loss": 48.0, "n": 97}


def test_nothing_to_measure():
    found = quick_metrics(torch.zeros(0, 5), LABELS[:0], torch.zeros(0))
    assert found == {"accuracy": None, "loss": None, "n": 0}


@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
def test_a_loss_that_is_not_finite_is_none(bad):
    assert quick_metrics(LOGITS, LABELS, torch.full((97,), bad))["loss"] is None


def test_quick_metrics_of_values_against_scikit_learn():
    truth = torch.randn(97, 2, generator=generator(0, "truth")) * 50 + 1000
    answers = truth + torch.randn(97, 2, generator=generator(0, "noise")) * torch.tensor([3.0, 30.0])
    assert quick_metrics(answers, truth, torch.arange(97.0)) == {
        "mae": pytest.approx(sklearn.metrics.mean_absolute_error(truth, answers), rel=1e-6),
        "rmse": pytest.approx(sklearn.metrics.mean_squared_error(truth, answers) ** 0.5, rel=1e-6),
        "r2": pytest.approx(sklearn.metrics.r2_score(truth, answers), rel=1e-6),
        "loss": 48.0,
        "n": 97,
    }


@pytest.mark.parametrize("n", [0, 1, 5])
def test_what_constant_values_leave_undefined_is_none(n):
    found = quick_metrics(torch.arange(float(n))[:, None], torch.ones(n, 1), torch.zeros(n))
    assert found["r2"] is None and found["n"] == n and (found["mae"] is None) == (n == 0)
