"""Early stopping, score by score, and in a training whose evaluated network is another than the trained one."""

import copy

import pytest
import torch
from torch import nn

from luthier.core.card import TrickCard
from luthier.core.errors import BadInput
from luthier.recipe.read import read_recipe
from luthier.testing import check_trick
from luthier.testing.compare import difference
from luthier.testing.training import copy_weights, prepared, start_training
from luthier.training import choose_final_network, evaluate
from luthier.training.trick import Report, StepContext, Trick
from luthier.training.tricks import EarlyStopping


class Number(nn.Module):
    """A network that is one number."""

    def __init__(self, value):
        super().__init__()
        self.register_buffer("value", torch.tensor(float(value)))


def followed(scores, **values):
    """The epoch, from 1, at which it stops, or None, and the epoch whose network it keeps."""
    trick, now = EarlyStopping(**values), StepContext(None, 0, 0)
    memory = trick.begin(Number(0), now)
    for epoch, score in enumerate(scores, 1):
        memory, stops = trick.after_epoch(memory, Report(Number(epoch), score), now)
        if stops:
            break
    kept = trick.eval_model(Number(-1), memory, StepContext(None, 0, 0, final=True))
    return (epoch if stops else None), int(kept.value)


@pytest.mark.parametrize(
    ("scores", "patience", "stop", "best"),
    [
        ([0.5, 0.6, 0.6, 0.6, 0.9], 2, 4, 2),
        ([0.5, 0.4, 0.9, 0.3, 0.2], 2, 5, 3),
        ([0.5, 0.6, 0.7], 1, None, 3),
        ([0.5, 0.4], 1, 2, 1),
        ([0.5, 0.5], 1, 2, 1),
        ([-1.0, -1.05, -1.10, -1.15], 3, 4, 1),
        ([-1.0, -0.5, -0.7, -0.4], 2, None, 4),
        ([-0.1, 0.0, 0.1, 0.1, 0.1], 2, 5, 3),
        ([0.0, 0.0, 0.0], 2, 3, 1),
    ],
)
def test_scores_of_either_sign(scores, patience, stop, best):
    assert followed(scores, patience=patience) == (stop, best)


@pytest.mark.parametrize(
    ("scores", "least", "stop", "best"),
    [
        ([0.50, 0.55, 0.60, 0.65], 0.08, None, 3),
        ([0.50, 0.55, 0.56, 0.57], 0.08, 3, 1),
        ([-0.50, -0.45, -0.41], 0.08, None, 3),
        ([0.25, 0.50, 0.50, 0.50], 0.25, 4, 2),
        ([0.25, 0.49, 0.48], 0.25, 3, 1),
    ],
)
def test_the_least_rise_that_counts(scores, least, stop, best):
    """Measured from the best score, not from the last; a rise of exactly `least` counts."""
    assert followed(scores, patience=2, least=least) == (stop, best)


def test_before_the_end_the_network_is_the_trained_one():
    trick, network = EarlyStopping(), Number(3)
    memory = {"best": 0.5, "waited": 0, "weights": {"value": torch.tensor(1.0)}}
    assert trick.eval_model(network, memory, StepContext(None, 0, 0)) is network
    assert trick.eval_model(network, trick.begin(network, None), StepContext(None, 0, 0, final=True)) is network


def test_the_kept_network_is_a_copy():
    trick, network = EarlyStopping(), Number(3)
    memory = {"best": 0.5, "waited": 0, "weights": {"value": torch.tensor(1.0)}}
    kept = trick.eval_model(network, memory, StepContext(None, 0, 0, final=True))
    kept.value.fill_(9)
    assert (float(network.value), float(memory["weights"]["value"])) == (3, 1)


class Worse(Trick):
    """Evaluates a copy of the network whose last layer is scaled, more in each epoch: not what is trained."""

    name = "worse"
    card = TrickCard(summary="Scales.", source="tests")

    def eval_model(self, network, trick_state, context):
        other = copy.deepcopy(network)
        with torch.no_grad():
            other.body.full.weight.mul_(1 + context.epoch)
        return other


class Before(Worse):
    """The same under a name that stands before early stopping."""

    name = "always"


@pytest.mark.parametrize("monitor", ["accuracy", "loss"])
def test_the_best_evaluated_network_is_kept(monitor):
    """What is kept at the end scores what the best epoch scored: the evaluated network, not the trained one."""
    sections = {"training": {"epochs": 6, "batch_size": 9, "monitor": monitor}, "tricks": [Before(), EarlyStopping()]}
    done = start_training(lambda: prepared(sections).trainer).advance()
    rows = [row for row in done.rows if row["kind"] == "validation"]
    best = max(done.state.scores)
    kept = evaluate(choose_final_network(done.trainer, done.state), done.trainer.validation, done.trainer.loss).metrics
    assert (kept[monitor] if monitor == "accuracy" else -kept[monitor]) == best
    epoch = done.state.scores.index(best)
    assert kept == {name: rows[epoch][name] for name in kept}
    assert difference(copy_weights(done.trainer.network), done.final()) is not None


def test_training_ends_at_the_epoch_and_says_so():
    """At a rate of 0 nothing ever rises: one epoch, and as many as patience says after it."""
    sections = {
        "training": {"epochs": 9, "batch_size": 9},
        "optimizer": {"name": "sgd", "learning_rate": 0.0},
        "model": "lenet5",
        "data": {"size": 14},
        "tricks": [EarlyStopping(patience=2)],
    }
    done = start_training(lambda: prepared(sections).trainer).advance()
    assert (done.state.epoch, done.state.step, done.state.stopped) == (3, 15, True)


def test_without_a_validation_part_it_is_refused():
    with pytest.raises(BadInput) as caught:
        read_recipe({"split": {"validation": 0}, "tricks": {"early-stopping": {}}})
    assert caught.value.problems == (
        "tricks.early-stopping needs a validation part, but split.validation is 0; "
        "set it above 0 or take the trick out",
    )


def test_it_conforms():
    check_trick(EarlyStopping(patience=1))
    check_trick(EarlyStopping(patience=2, least=0.05), recipe={"training": {"epochs": 4, "batch_size": 9}})
