"""Regression and example weights end to end: from arrays to result, evaluation and answers."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from torch import nn

from luthier.api import evaluate, load, resume, train, train_seeds
from luthier.core.errors import BadInput
from luthier.data import DataArguments
from luthier.data import load as load_data
from luthier.models.losses import MSE, Standardised
from luthier.recipe.build import prepare
from luthier.recipe.read import read_draft, read_recipe
from luthier.recipe.resolve import decide, load_and_resolve
from luthier.run.predict import predict_files
from luthier.study.verify import fsck
from luthier.testing.compare import CPU
from luthier.testing.material import pictures, rows, values
from luthier.testing.training import prepare_recipe, start_training

DATA = values(120)
X, Y = DATA.inputs, DATA.labels[:, 0]


def small(data=DATA, model="mlp", **settings):
    return train(data, model, **{"epochs": 20, "batch_size": 16, "learning_rate": 0.01, "quiet": True, **settings})


def refused(data, **settings):
    with pytest.raises(BadInput) as caught:
        small(data, **settings)
    return list(caught.value.problems)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return small((X, Y), out=tmp_path_factory.mktemp("regression") / "run")


def test_values_are_learned_in_the_users_units(run):
    test, part = run.result["test"], split_of(run).test
    answers = run.predict(X[part])
    assert answers.shape == (24,) and answers.dtype == np.float32
    assert test["r2"] > 0.6 and test["n"] == len(part) == 24
    assert test["mae"] == pytest.approx(np.abs(answers - Y[part]).mean(), rel=1e-5)
    assert test["rmse"] == pytest.approx(np.sqrt(np.square(answers - Y[part]).mean()), rel=1e-5)
    assert test["loss"] == pytest.approx(
        np.square(answers - Y[part]).mean() / load_file(model_of(run))["rescale.std"] ** 2
    )
    assert {name for name, one in test["intervals"].items() if one} == {"mae", "rmse", "r2"}


def split_of(run):
    return prepare(run.recipe, load_data((X, Y)), CPU).parts


def model_of(run):
    return Path(run.path) / "model.safetensors"


def test_the_recipe_says_what_was_filled_in(run):
    recipe = run.recipe
    assert (recipe.loss.name, recipe.training.monitor, recipe.data.task) == ("mse", "r2", "regression")
    assert {"mae", "rmse", "r2", "loss", "n"} < run.history[-1].keys()
    assert (run.task, run.classes, run.outputs) == ("regression", (), 1)


def test_the_units_are_those_of_the_training_part_and_lie_in_the_model(run):
    tensors, part = load_file(model_of(run)), split_of(run).train
    np.testing.assert_allclose(tensors["rescale.mean"], Y[part].mean(), rtol=1e-5)
    np.testing.assert_allclose(tensors["rescale.std"], Y[part].std(), rtol=1e-4)


def test_it_is_evaluated_on_its_own_and_on_other_data(run):
    own = evaluate(run.path, data=(X, Y))
    assert own["part"] == "test part" and "per_class" not in own
    assert {name: own[name] for name in run.result["test"]} == run.result["test"]
    other = evaluate(run.path, data=(X[:50] + 0.001, np.round(Y[:50])))
    assert other["part"] == "all examples" and other["n"] == 50 and other["r2"] > 0.6


@pytest.mark.parametrize("data", [(X, np.c_[Y, Y]), rows(53)], ids=["two values", "classes"])
def test_it_is_not_evaluated_on_data_of_another_kind(run, data):
    with pytest.raises(BadInput):
        evaluate(run.path, data=data)


def test_files_get_values(run, tmp_path):
    path = tmp_path / "rows.npy"
    np.save(path, X[:3])
    answers = predict_files(run, [path])
    assert [one["file"] for one in answers] == [f"{path}#{k}" for k in range(3)]
    np.testing.assert_allclose([one["value"] for one in answers], run.predict(X[:3]), rtol=1e-6)
    json.dumps(answers)


def test_probabilities_belong_to_classes(run):
    with pytest.raises(BadInput, match="predicts values; use predict"):
        run.predict_proba(X)


def test_a_run_goes_on_and_is_whole(run, tmp_path):
    first = small((X, Y), out=tmp_path / "run", epochs=3)
    longer = resume(first.path, data=(X, Y), epochs=5, quiet=True)
    assert longer.result["epochs"] == 5 and fsck(longer.path) == []
    assert load(longer.path).predict(X[:2]).shape == (2,)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adamw"])
def test_default_rates_fit_whatever_the_units(tmp_path, optimizer):
    scores = []
    for factor, shift in ((1, 0), (1e6, -3e7), (1e-6, 2e-6)):
        there = ((DATA.labels.astype(np.float64) - 500) * factor + shift).astype(np.float32)
        data = dataclasses.replace(DATA, labels=there, official_test=np.arange(120) % 5 == 0)
        done = train(data, "mlp", out=tmp_path / f"{factor}", optimizer=optimizer, epochs=4, quiet=True)
        scores.append(done.result["test"]["r2"])
    np.testing.assert_allclose(scores, scores[0], atol=0.02)


def test_several_values_of_far_scales_are_learned_alike(tmp_path):
    data = values(200, outputs=3)
    run = small(data, out=tmp_path / "run")
    answers, truth = run.predict(data.inputs), data.labels
    assert answers.shape == (200, 3)
    r2 = 1 - np.square(answers - truth).sum(0) / np.square(truth - truth.mean(0)).sum(0)
    assert (r2 > 0.8).all()
    assert run.result["test"]["r2"] == pytest.approx(evaluate(run.path, data=data)["r2"])


def test_pictures_have_values_too(tmp_path):
    data = pictures(67)
    bright = data.inputs.mean((1, 2, 3)) / 7
    run = train((data.inputs, bright), epochs=1, out=tmp_path / "run", quiet=True)
    assert run.recipe.model.name == "lenet5" and run.predict(data.inputs[:5]).shape == (5,)


def test_a_module_of_ones_own_ends_in_the_users_units(tmp_path):
    own = nn.Sequential(nn.Linear(7, 5), nn.Tanh(), nn.Linear(5, 1))
    run = small((X, Y), own, out=tmp_path / "run", epochs=2)
    body = own.__class__(*own)
    with torch.no_grad():
        body.load_state_dict({k.removeprefix("body."): v for k, v in run.network.state_dict().items() if "body" in k})
        inner = body(run.network.standardise(torch.tensor(X[:4])))
    tensors = load_file(model_of(run))
    np.testing.assert_allclose(
        run.predict(X[:4]), inner[:, 0].numpy() * tensors["rescale.std"] + tensors["rescale.mean"]
    )


def test_a_study_gives_the_mean_of_what_decides(tmp_path):
    study = train_seeds((X, Y), "mlp", seeds=2, out=tmp_path / "s", epochs=2, quiet=True, training={"monitor": "rmse"})
    found = [load(path).result["test"]["rmse"] for path in study["runs"]]
    assert study["metric"] == "rmse" and study["test"]["mean"] == pytest.approx(np.mean(found))


def test_early_stopping_follows_r2(tmp_path):
    run = small((X, Y), out=tmp_path / "run", tricks={"early-stopping": {"patience": 1}}, learning_rate=0.0)
    assert run.result["epochs"] == 2


def test_wrong_combinations_are_told_at_once(tmp_path):
    settings = {"loss": "cross-entropy", "training": {"monitor": "accuracy"}}
    problems = refused((X, Y), out=tmp_path / "run", **settings)
    assert [problem.split(";")[0] for problem in problems] == [
        "loss cross-entropy is for classification, but arrays is for regression",
        "training.monitor must be a metric of the task, but arrays is for regression, accuracy is not",
    ]
    assert "mse" in problems[0] and problems[1].endswith("choose one of loss, mae, r2, rmse")
    (problem,) = refused(rows(53), out=tmp_path / "run", training={"monitor": "r2"})
    assert problem == (
        "training.monitor must be a metric of the task, but rows is for classification, r2 is not; "
        "choose one of accuracy, auroc, ece, log-loss, loss, macro-f1, top-5"
    )
    (problem,) = refused((X, Y), out=tmp_path / "run", initialiser={"name": "normal", "class_frequencies": True})
    assert problem.startswith("initialiser.class_frequencies needs classes, but the data hold values")


def test_the_task_may_be_said_in_the_call_or_in_the_recipe(tmp_path):
    whole = np.round(Y)
    said = small((X, whole), task="regression", out=tmp_path / "one", epochs=1)
    written = small((X, whole), recipe={"data": {"task": "regression"}}, out=tmp_path / "two", epochs=1)
    assert said.task == written.task == "regression" and said.recipe.hash() == written.recipe.hash()
    assert resume(said.path, data=(X, whole), epochs=2, quiet=True).result["epochs"] == 2


def test_an_architecture_that_suggests_a_loss_of_classes_gets_one_of_values():
    draft = read_draft({"model": "lenet5-1998"})
    assert decide(draft, DATA).loss == MSE()
    assert decide(draft, rows()).loss.name == "map-1998"


def test_training_sees_standard_deviations_and_tricks_the_users_units():
    trainer = prepare(*load_and_resolve(DataArguments(DATA), "mlp"), CPU).trainer
    assert isinstance(trainer.loss, Standardised)
    state = start_training(lambda: trainer).state
    assert state.losses.shape == (len(DATA),)
    batch = trainer.training.examples.batch(torch.arange(5))
    assert batch.target.mean() > 100
    assert trainer.loss.per_example(batch.target + trainer.network.rescale.std, batch.target).tolist() == pytest.approx(
        [1.0] * 5
    )


# Weights


def test_weights_decide_between_two_answers(tmp_path):
    """The same inputs with either value: the answer is the weighted mean."""
    inputs = np.random.default_rng(0).normal(size=(200, 1))
    y = np.arange(200) % 2 + 0.25
    run = small((inputs, y), weights=np.where(y > 1, 3.0, 1.0), out=tmp_path / "run", epochs=30, batch_size=200)
    assert np.mean(run.predict(inputs)) == pytest.approx(1.0, abs=0.15)


def test_weights_must_come_again(tmp_path):
    weights = np.arange(120) % 4
    run = small((X, Y), weights=weights, out=tmp_path / "run", epochs=1)
    assert evaluate(run.path, data=(X, Y), weights=weights)["part"] == "test part"
    with pytest.raises(BadInput, match="the recipe was made for data with fingerprint"):
        resume(run.path, data=(X, Y), epochs=2, quiet=True)
    assert resume(run.path, data=(X, Y), weights=weights, epochs=2, quiet=True).result["epochs"] == 2


def test_even_weights_change_nothing_but_the_test_part():
    plain = read_recipe({"model": "mlp"})
    some = load_data(rows(53), weights=[2.0] * 53)
    batch = prepare_recipe(plain, some, CPU).trainer.training.examples.batch(torch.arange(7))
    assert batch.weight.tolist() == [1.0] * 7


@pytest.mark.parametrize("initialiser", ["lsuv", "pca"])
def test_initialisers_that_look_at_the_data_leave_the_units_alone(tmp_path, initialiser):
    run = small((X, Y), out=tmp_path / "run", initialiser=initialiser)
    assert run.result["test"]["r2"] > 0.7


def test_an_architecture_for_classes_takes_no_values(tmp_path):
    pictured = dataclasses.replace(values(61), inputs=pictures(61).inputs)
    with pytest.raises(BadInput) as caught:
        train(pictured, "lenet5-1998", out=tmp_path / "run", quiet=True)
    assert caught.value.problems == (
        f"model lenet5-1998 is for classification, but {pictured.name} is for regression; "
        "choose another, such as lenet5 or mlp",
    )
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("offset", "size"), [(1e6, 1e-2), (1e8, 1.0), (0.0, 1e-40), (0.0, 1e-30)])
def test_values_of_any_offset_and_size_are_learned(tmp_path, offset, size):
    """In single precision nothing would be left of them."""
    data = values(151)
    y = offset + size * data.labels[:, 0].astype(np.float64) / 100
    run = train((data.inputs, y), "mlp", epochs=30, batch_size=16, out=tmp_path / "run", quiet=True)
    assert run.result["test"]["r2"] > 0.6
    assert np.corrcoef(run.predict(data.inputs), y)[0, 1] > 0.9
    again = evaluate(run.path, data=(data.inputs, y))
    assert again["part"] == "test part" and again["r2"] == pytest.approx(run.result["test"]["r2"])
    assert evaluate(run.path, data=(data.inputs[:1], y[:1]))["mae"] < size


def test_a_run_of_values_beside_a_large_offset_goes_on_as_if_never_stopped(tmp_path):
    data = values(67)
    y = 1e8 + data.labels[:, 0].astype(np.float64)
    whole = train((data.inputs, y), "mlp", epochs=3, batch_size=16, schedule="constant", out=tmp_path / "a", quiet=True)
    train((data.inputs, y), "mlp", epochs=2, batch_size=16, schedule="constant", out=tmp_path / "b", quiet=True)
    longer = resume(tmp_path / "b", data=(data.inputs, y), epochs=3, quiet=True)
    assert np.array_equal(longer.predict(data.inputs), whole.predict(data.inputs))


def test_inputs_that_single_precision_cannot_tell_apart_are_refused(tmp_path):
    data = values(67)
    with pytest.raises(BadInput, match=r"column 0 runs from .*; subtract its mean"):
        train((data.inputs.astype(np.float64) + 1e8, data.labels), out=tmp_path / "run", quiet=True)
    assert not (tmp_path / "run").exists()
