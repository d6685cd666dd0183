"""History rows against what a bystander saw, step by step."""

import pytest
import torch
from pydantic import PrivateAttr

from luthier.core.card import TrickCard
from luthier.testing.training import prepared, start_training
from luthier.training.history import READ_EVERY, make_validation_row
from luthier.training.state import TrainState
from luthier.training.trick import Trick


class Notes(Trick):
    """Writes down loss, gradient norm and the weight norm afterwards of each step, in 64 bits."""

    name = "notes"
    card = TrickCard(summary="Notes.", source="tests")

    _seen: list = PrivateAttr(default_factory=list)

    def edit_loss(self, losses, batch, logits, trick_state, context):
        self._seen.append([float(losses.detach().double().mean())])
        return losses

    def edit_grads(self, grads, trick_state, context):
        self._seen[-1].append(norm(grads.values()))
        return grads

    def after_step(self, trick_state, batch, outcome, context):
        self._seen[-1].append(norm(one.detach() for one in context.training.network.parameters()))
        return trick_state


def norm(tensors):
    return float(torch.cat([one.double().flatten() for one in tensors]).norm())


def test_rows_are_means_over_the_steps_since_the_last():
    """84 steps in two epochs: read at the end of each, and after 50 steps in all; the weights as they are then."""
    notes = Notes()
    sections = {"training": {"epochs": 2, "batch_size": 1}, "tricks": [notes]}
    done = start_training(lambda: prepared(sections).trainer).advance()
    found = [row for row in done.rows if row["kind"] == "train"]
    assert [(row["step"], row["steps"], row["epoch"]) for row in found] == [(42, 42, 0), (50, 8, 1), (84, 34, 1)]
    assert READ_EVERY == 50
    for row in found:
        seen = torch.tensor(notes._seen[row["step"] - row["steps"] : row["step"]], dtype=torch.float64)
        assert [row["loss"], row["gradient_norm"]] == pytest.approx(seen[:, :2].mean(0).tolist(), rel=1e-5)
        assert row["weight_norm"] == pytest.approx(float(seen[-1, 2]), rel=1e-5)


def test_the_learning_rate_is_that_of_the_last_step():
    done = start_training(lambda: prepared({"schedule": "one-cycle"}).trainer).advance()
    trainer = done.trainer
    rates = [(row["step"], row["learning_rate"]) for row in done.rows if row["kind"] == "train"]
    assert rates == [(step, trainer.schedule.factor(step - 1, 15, ()) * 0.05) for step in (5, 10, 15)]
    assert [group["lr"] for group in trainer.optimizer.param_groups] == [rates[-1][1]] * 2


def test_the_learning_rate_is_that_of_the_last_layer_where_rates_differ():
    optimizer = {"name": "sgd", "learning_rate": 0.05, "layer_decay": 0.5}
    done = start_training(lambda: prepared({"optimizer": optimizer, "schedule": "constant"}).trainer).advance()
    assert {row["learning_rate"] for row in done.rows if row["kind"] == "train"} == {0.05}


def test_validation_rows_are_the_evaluation():
    done = start_training(lambda: prepared().trainer).advance()
    found = [row for row in done.rows if row["kind"] == "validation"]
    assert [(row["step"], row["epoch"], row["n"]) for row in found] == [(5, 1, 12), (10, 2, 12), (15, 3, 12)]
    assert [row["accuracy"] for row in found] == done.state.scores
    assert list(found[0]) == ["kind", "step", "epoch", "accuracy", "loss", "n"]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), None])
def test_what_is_not_finite_is_written_as_nothing(bad):
    state = TrainState(torch.zeros(3), torch.tensor(False), step=7, epoch=2)
    row = make_validation_row(state, {"accuracy": 0.5, "loss": bad, "n": 11})
    assert row == {"kind": "validation", "step": 7, "epoch": 2, "accuracy": 0.5, "loss": None, "n": 11}
