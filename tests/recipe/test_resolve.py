"""From what is given to a recipe: read once, resolved once, and what the data decide is open until then."""

import sys
import warnings
from collections.abc import Callable

import numpy as np
import pytest
import torch

from luthier.api import resume, train_seeds
from luthier.cli import main
from luthier.core import declare
from luthier.core.errors import BadInput
from luthier.data import DataArguments
from luthier.models import GRU, MLP
from luthier.models.losses import MSE, CrossEntropy
from luthier.optim.optimizers import SGD, AdamW
from luthier.recipe import resolve as room
from luthier.recipe.read import read_draft, read_recipe
from luthier.recipe.resolve import decide, load_and_resolve, resolve
from luthier.run import write
from luthier.study.tune.batch_size import find_batch_size
from luthier.study.tune.learning_rate_finder import find_learning_rate
from luthier.testing.material import pictures, rows, values


class Events(list):
    """Names of what was called, in order."""

    def watch(self, monkeypatch, function: Callable, name: str, counts: Callable[..., bool] = lambda *_: True) -> None:
        """Note calls of a function wherever Luthier has imported it."""

        def watched(*arguments, **named):
            if counts(*arguments):
                self.append(name)
            return function(*arguments, **named)

        for module in [one for key, one in sys.modules.items() if key.startswith("luthier")]:
            for key, one in list(vars(module).items()):
                if one is function:
                    monkeypatch.setattr(module, key, watched)


@pytest.fixture
def events(monkeypatch) -> Events:
    """Each reading of a recipe's training section, each resolution, each start of a training."""
    found = Events()
    found.watch(monkeypatch, declare.read, "read", lambda cls, given, where, *_: where == "training")
    found.watch(monkeypatch, room.resolve, "resolve")
    found.watch(monkeypatch, write.begin, "train")
    return found


@pytest.mark.parametrize("model", [[], ["--model", "mlp"], ["--set", "model.activation=tanh"]])
def test_one_train_reads_its_recipe_once_and_resolves_it_once(events, tmp_path, monkeypatch, model):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left, warnings.catch_warnings():
        main(["train", "digits", "--epochs", "1", "--set", "optimizer.learning_rate=0.003", *model, "--quiet"])
    assert left.value.code == 0
    assert events[:3] == ["read", "resolve", "train"]
    assert "resolve" not in events[3:], "what is read after the training is the file that it left"


def test_a_study_reads_its_recipe_once_and_each_of_its_runs_is_resolved(events, tmp_path):
    train_seeds(rows(53), "mlp", seeds=2, epochs=1, quiet=True, out=tmp_path / "study")
    assert events[:3] == ["read", "resolve", "train"] and events.count("train") == 2
    assert events.count("resolve") <= 3


def test_a_run_that_goes_on_is_resolved_once(events, tmp_path):
    train_seeds(rows(53), "mlp", seeds=2, epochs=1, quiet=True, out=tmp_path / "study")
    events.clear()
    resume(tmp_path / "study" / "seed-0", data=rows(53), epochs=2, quiet=True)
    assert events.count("resolve") == 1


@pytest.mark.parametrize(
    "find",
    [
        lambda: find_learning_rate(rows(53), "mlp", steps=20, device="cpu"),
        lambda: find_batch_size(rows(53), "mlp", device="cpu", threads=1, quiet=True),
    ],
    ids=["learning rate", "batch size"],
)
def test_the_finders_read_and_resolve_once(events, find):
    find()
    assert events == ["read", "resolve"]


def test_what_the_data_decide_is_open_until_they_are_there():
    draft = read_draft({"training": {"epochs": 3}})
    assert draft.open == {"model", "loss", "monitor"}
    assert draft.recipe.model is draft.recipe.loss is draft.recipe.training.monitor is None
    found = [decide(draft, data) for data in (pictures(61), rows(53), values(97))]
    assert [one.model.name for one in found] == ["lenet5", "mlp", "mlp"]
    assert [one.loss for one in found] == [CrossEntropy(), CrossEntropy(), MSE()]
    assert [one.training.monitor for one in found] == ["accuracy", "accuracy", "r2"]
    named = read_draft({"model": "mlp", "loss": "focal", "training": {"monitor": "loss"}})
    assert not named.open
    assert decide(named, rows(53)) == named.recipe == read_recipe(named.values)


@pytest.mark.parametrize("data", [pictures(61), rows(53)], ids=["pictures", "rows"])
@pytest.mark.parametrize("given", [{}, {"seed": 3, "training": {"epochs": 2}}, {"tricks": ["early-stopping"]}])
def test_a_draft_of_classes_comes_to_the_recipe_that_is_read_with_the_model_named(data, given):
    model = "lenet5" if data.is_picture else "mlp"
    assert decide(read_draft(given), data) == read_recipe({"model": model, **given})


SEQUENCES = DataArguments(([np.ones((3 + k % 2, 2)) * (k % 3) for k in range(30)], [k % 3 for k in range(30)]))


@pytest.mark.parametrize(
    ("given", "optimizer"),
    [
        ({}, AdamW(learning_rate=0.003)),
        ({"optimizer": {"weight_decay": 0.5}}, AdamW(learning_rate=0.003, weight_decay=0.5)),
        ({"optimizer": {"name": "adamw", "learning_rate": 0.25}}, AdamW(learning_rate=0.25)),
        ({"optimizer": "adamw"}, AdamW()),
        ({"optimizer": AdamW(beta1=0.5)}, AdamW(beta1=0.5)),
        ({"optimizer": {"name": "sgd"}}, SGD()),
    ],
)
def test_what_the_architecture_of_the_data_suggests_lies_under_what_was_given(given, optimizer):
    """As `read_recipe` lays it where the architecture is named."""
    found, _ = load_and_resolve(SEQUENCES, recipe=given)
    assert found.model == GRU() and found.optimizer == optimizer
    assert read_recipe({"model": "gru", **given}).optimizer == optimizer


def test_settings_of_an_architecture_that_nobody_named_wait_for_the_data():
    draft = read_draft({"model": {"depth": 1}})
    assert decide(draft, rows(53)).model == MLP(depth=1)
    with pytest.raises(BadInput) as caught:
        decide(draft, pictures(61))
    assert caught.value.problems[0].startswith("model.depth is not a setting that exists")


def test_what_is_wrong_with_a_recipe_is_said_before_the_data_are_read(tmp_path):
    with pytest.raises(BadInput) as caught:
        load_and_resolve(
            DataArguments(tmp_path / "none.npz"), None, {"sed": 1, "training": {"epochs": 0}}, {"seed": -1}
        )
    assert [problem.split(",")[0].split(";")[0] for problem in caught.value.problems] == [
        "sed is not a section that exists",
        "seed must be a whole number from 0 to 9223372036854775807",
        "training.epochs must be a whole number at least 1",
    ]


def test_rules_between_parts_hold_for_what_the_data_decide_too():
    large = pictures(61, side=41)
    with pytest.raises(BadInput) as caught:
        decide(read_draft({"training": {"batch_size": 1}}), large)
    assert str(caught.value) == (
        "model.norm = 'batch' needs batches of two examples at least, but training.batch_size is 1; "
        "raise it, or set model.norm = 'group'"
    )
    assert decide(read_draft({"training": {"batch_size": 1}}), rows(53)).model == MLP()


def test_a_resolved_recipe_says_the_task_and_stays_what_it_is():
    found = resolve(read_recipe({"model": "mlp", "loss": "mse", "training": {"monitor": "r2"}}), values(97))
    assert found.data.task == "regression" and resolve(found, values(97)) == found


@pytest.mark.parametrize("form", [list, np.asarray, torch.as_tensor])
def test_y_in_the_place_of_a_model_is_known(form):
    data = rows(53)
    with pytest.raises(BadInput) as caught:
        load_and_resolve(DataArguments(data.inputs), form(data.labels))
    assert str(caught.value).endswith("where it is y, pass X and y as one pair, (X, y)")
    with pytest.raises(BadInput, match="pass X and y as one pair"):
        train_seeds(data.inputs, form(data.labels), seeds=2)
