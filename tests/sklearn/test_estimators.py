"""The estimators against scikit-learn's own checks, and what those do not ask."""

import io
import pickle
import subprocess
import sys

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from torch import nn

import luthier
from luthier import LuthierClassifier, LuthierRegressor
from luthier.core.errors import BadInput, LuthierWarning
from luthier.models import MLP
from luthier.recipe.read import read_recipe
from luthier.testing.compare import read_global_states
from luthier.testing.material import pictures, rows, values

X, Y = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])
V, W = load_diabetes(return_X_y=True)


def classifier(**settings):
    return LuthierClassifier(**{"epochs": 3, "random_state": 0, **settings})


def regressor(**settings):
    return LuthierRegressor(**{"epochs": 3, "random_state": 0, **settings})


def same_answers(one, other, inputs=X):
    answer = "predict_proba" if hasattr(one, "predict_proba") else "predict"
    return np.array_equal(getattr(one, answer)(inputs), getattr(other, answer)(inputs))


@parametrize_with_checks([LuthierClassifier(), LuthierRegressor()])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


# Units of pictures

PICTURES, CLASSES = pictures(61, side=9).inputs, pictures(61, side=9).labels


@pytest.mark.parametrize("first", ["u1", "i2", "i8", "u4"])
@pytest.mark.parametrize("later", ["u1", "i2", "i8", "u4", "f4", "f8"])
def test_bytes_are_the_same_in_every_type_in_which_it_is_fitted_and_asked(first, later):
    fitted = classifier(epochs=1).fit(PICTURES.astype(first), CLASSES)
    assert fitted.units_ == "bytes"
    np.testing.assert_array_equal(
        fitted.predict_proba(PICTURES.astype(later)),
        classifier(epochs=1).fit(PICTURES, CLASSES).predict_proba(PICTURES),
    )


def test_one_number_beyond_white_changes_no_other_answer_of_an_estimator():
    """lenet5 takes pictures of another size, where bytes are rounded."""
    fitted = classifier(model="lenet5", epochs=1).fit(PICTURES, CLASSES)
    brighter = PICTURES.astype(int)
    brighter[60, 0, 0, 0] = 256
    expected = fitted.predict_proba(PICTURES)[:60]
    np.testing.assert_allclose(fitted.predict_proba(brighter)[:60], expected, rtol=1e-6)


def test_numbers_that_could_be_meant_in_other_units_are_refused_by_an_estimator():
    fitted = classifier(epochs=1).fit(PICTURES, CLASSES)
    with pytest.raises(
        ValueError, match="X must hold bytes, 0 to 255, as the pictures of the training did, but its nu"
    ):
        fitted.predict(PICTURES / 255)
    with pytest.raises(ValueError, match="as where 255 is white"):
        classifier(epochs=1).fit(PICTURES / 255, CLASSES).predict(PICTURES)


def test_an_estimator_of_plain_numbers_takes_them_as_they_are():
    X = PICTURES.astype(np.uint16) * 8
    fitted = classifier(epochs=1).fit(X, CLASSES)
    assert fitted.units_ == "plain"
    dark = np.minimum(X, 255)
    np.testing.assert_array_equal(fitted.predict_proba(dark.astype(np.uint8)), fitted.predict_proba(dark.astype(float)))
    with pytest.warns(LuthierWarning, match="X runs from 0 to 6.*, but the pictures of the training from 0 to 20"):
        fitted.predict(X.astype(int) * 32)


def test_units_of_floats_can_be_stated_in_the_recipe():
    stated = classifier(epochs=1, recipe={"data": {"units": "bytes"}}).fit(PICTURES.astype(float), CLASSES)
    assert stated.units_ == "bytes"
    assert same_answers(stated, classifier(epochs=1).fit(PICTURES, CLASSES), PICTURES)
    with pytest.raises(
        ValueError, match=r"data.units says what the numbers of pictures in arrays are, but is 'bytes', a"
    ):
        classifier(recipe={"data": {"units": "bytes"}}).fit(X, Y)
    with pytest.raises(ValueError, match=r"data.units must be one of"):
        classifier(recipe={"data": {"units": "half"}}).fit(PICTURES, CLASSES)


def test_another_epoch_reads_its_pictures_in_the_units_of_the_first():
    one, other = (classifier().partial_fit(PICTURES, CLASSES, np.unique(CLASSES)) for _ in range(2))
    one.partial_fit(PICTURES, CLASSES)
    other.partial_fit(PICTURES.astype(float), CLASSES)
    assert same_answers(one, other, PICTURES)
    with pytest.raises(ValueError, match="as where 1 is white"):
        one.partial_fit(PICTURES / 255, CLASSES)


# In its company


def test_a_pipeline_in_cross_validation():
    pipeline = make_pipeline(StandardScaler(), LuthierClassifier(epochs=20, random_state=0))
    assert cross_val_score(pipeline, X, Y, cv=3).mean() > 0.85


def test_a_grid_over_arguments_and_over_the_recipe():
    grid = {"learning_rate": [0.0, np.float64(0.01)], "recipe": [None, {"model": {"width": 5}}]}
    search = GridSearchCV(classifier(epochs=10), grid, cv=2).fit(X, Y)
    assert search.best_params_["learning_rate"] == 0.01 and search.best_score_ > 0.8
    assert {clone(search.estimator).set_params(**one).fit(X, Y).recipe_.model.width for one in (
        {"recipe": None}, {"recipe": {"model": {"width": 5}}})} == {128, 5}  # fmt: skip


@pytest.mark.slow
def test_a_search_in_several_processes_finds_the_same():
    alone, beside = (
        GridSearchCV(classifier(), {"batch_size": [16, 64]}, cv=2, n_jobs=jobs).fit(X, Y).cv_results_ for jobs in (1, 2)
    )
    np.testing.assert_allclose(beside["mean_test_score"], alone["mean_test_score"])


@pytest.mark.parametrize("make", [classifier, regressor])
def test_a_fitted_estimator_can_be_kept(make):
    fitted = make().fit(X, Y)
    kept = io.BytesIO()
    joblib.dump(fitted, kept)
    kept.seek(0)
    for again in (joblib.load(kept), pickle.loads(pickle.dumps(fitted))):
        assert same_answers(again, fitted) and again.history_ == fitted.history_


def test_a_clone_is_new():
    fitted = classifier(model=MLP(width=5), tricks={"early-stopping": {"patience": 2}}).fit(X, Y)
    copy = clone(fitted)
    with pytest.raises(NotFittedError):
        copy.predict(X)
    assert not hasattr(copy, "network_") and same_answers(copy.fit(X, Y), fitted)


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])
def test_frames_name_their_columns(frame):
    columns = ["a", "b", "c", "d"]
    table = frame(X, columns=columns) if frame is pd.DataFrame else frame(X, schema=columns)
    labels = (pd.Series if frame is pd.DataFrame else pl.Series)(NAMES[Y])
    fitted = classifier().fit(table, labels)
    assert fitted.feature_names_in_.tolist() == columns and fitted.n_features_in_ == 4
    assert fitted.classes_.tolist() == NAMES.tolist()
    plain = classifier().fit(X, NAMES[Y])
    np.testing.assert_array_equal(fitted.predict_proba(table), plain.predict_proba(X))
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.predict(table[columns[::-1]])


# What it answers


def test_string_labels_come_back_and_probabilities_are_in_their_order():
    fitted = classifier(epochs=20).fit(X, NAMES[Y])
    assert fitted.score(X, NAMES[Y]) > 0.85
    chances = fitted.predict_proba(X)
    assert chances.shape == (150, 3) and chances.dtype == np.float64
    np.testing.assert_allclose(chances.sum(1), 1)
    assert (fitted.classes_[chances.argmax(1)] == fitted.predict(X)).all()
    logits = fitted.decision_function(X)
    np.testing.assert_allclose(chances, np.exp(logits) / np.exp(logits).sum(1, keepdims=True))


def test_values_come_in_their_own_units_one_or_several():
    far = W * 1e6 + 1e9
    one = regressor(epochs=20).fit(V, far)
    assert one.predict(V).shape == (442,) and one.score(V, far) > 0.3
    two = regressor(epochs=20).fit(V, np.c_[far, -W])
    assert two.predict(V).shape == (442, 2) and two.score(V, np.c_[far, -W]) > 0.3


def test_pictures_with_and_without_channels():
    data = pictures(67)
    flat, deep = (classifier(epochs=2).fit(one, data.labels) for one in (data.inputs[..., 0], data.inputs))
    assert flat.recipe_.model.name == "lenet5" and same_answers_on(flat, data.inputs[..., 0], deep, data.inputs)
    with pytest.raises(ValueError, match=r"X has examples of shape \(12, 10, 1\), but LuthierClassifier was fitted on"):
        flat.predict(data.inputs[:, :, :10, 0])
    with pytest.raises(ValueError, match=r"X must be rows \(N, F\) or pictures"):
        classifier().fit(data.inputs[..., None], data.labels)


def same_answers_on(one, inputs, other, others):
    return np.array_equal(one.predict_proba(inputs), other.predict_proba(others))


def test_bytes_stand_for_0_to_1():
    data = pictures(67, side=28)
    fitted = classifier(epochs=1).fit(data.inputs, data.labels)
    assert fitted.units_ == "bytes"
    with torch.no_grad():
        logits = fitted.network_(torch.tensor(data.inputs).permute(0, 3, 1, 2) / 255)
    np.testing.assert_allclose(fitted.predict_proba(data.inputs), logits.softmax(1), rtol=1e-3)


def test_the_network_and_the_recipe_are_there():
    fitted = classifier(epochs=2).fit(X, Y)
    assert fitted.n_iter_ == 2 and [row["epoch"] for row in fitted.history_ if row["kind"] == "train"] == [0, 1]
    assert fitted.recipe_.training.epochs == 2 and fitted.recipe_.split.validation == 0.1
    with torch.no_grad():
        logits = fitted.network_(torch.tensor(X, dtype=torch.float32))
    np.testing.assert_allclose(logits, fitted.decision_function(X), atol=1e-4)


# What it is given


@pytest.mark.parametrize("make", [classifier, regressor])
def test_weights_are_repetitions_in_any_order(make):
    counts = np.random.default_rng(0).integers(0, 4, len(X))
    weighted = make(epochs=5).fit(X, Y, sample_weight=counts)
    order = np.random.default_rng(1).permutation(counts.sum())
    repeated = make(epochs=5).fit(X.repeat(counts, 0)[order], Y.repeat(counts)[order])
    assert same_answers(weighted, repeated)
    assert not same_answers(weighted, make(epochs=5).fit(X, Y))
    assert same_answers(weighted, make(epochs=5).fit(X, Y, sample_weight=counts * 2.0))


def test_a_class_of_no_weight_is_none():
    fitted = classifier().fit(X, Y, sample_weight=(Y > 0) * 1.0)
    assert fitted.classes_.tolist() == [1, 2] and fitted.decision_function(X).shape == (150,)


def test_score_takes_weights():
    fitted = classifier(epochs=5).fit(X, Y)
    right = fitted.predict(X) == Y
    assert fitted.score(X, Y, sample_weight=right * 1.0 + 1e-12) == pytest.approx(1)


def test_arguments_win_over_the_recipe_in_any_of_its_forms(tmp_path):
    values = {
        "training": {"epochs": 2, "batch_size": 50},
        "optimizer": {"name": "sgd", "learning_rate": 0.03},
        "seed": 5,
    }
    path = tmp_path / "recipe.toml"
    path.write_text(read_recipe({**values, "model": "mlp"}).to_toml())
    for given in (values, path, read_recipe({**values, "model": "mlp"})):
        recipe = LuthierClassifier(recipe=given, batch_size=40, learning_rate=0.02).fit(X, Y).recipe_
        assert (recipe.training.epochs, recipe.training.batch_size, recipe.seed) == (2, 40, 5)
        assert (recipe.optimizer.name, recipe.optimizer.learning_rate) == ("sgd", 0.02)
    assert LuthierClassifier(recipe=values, optimizer="momentum", random_state=1).fit(X, Y).recipe_.seed != 5


def test_the_recipe_of_a_run_is_followed_on_other_data(tmp_path):
    run = luthier.train((X, Y), epochs=1, out=tmp_path / "run", quiet=True)
    recipe = classifier(recipe=run.path / "recipe.toml").fit(X[:140], Y[:140]).recipe_
    assert recipe.data.fingerprint != run.recipe.data.fingerprint


def test_early_stopping_draws_a_validation_part_from_what_is_given():
    fitted = classifier(epochs=9, learning_rate=0.0, tricks={"early-stopping": {"patience": 2}}).fit(X, Y)
    validated = [row["n"] for row in fitted.history_ if row["kind"] == "validation"]
    assert fitted.n_iter_ == 3 and validated == [15] * 3
    assert not [row for row in classifier().fit(X, Y).history_ if row["kind"] == "validation"]


def test_a_network_of_ones_own_is_the_start_and_stays_as_it_was():
    own = nn.Sequential(nn.Linear(4, 7), nn.Tanh(), nn.Linear(7, 3))
    before = {name: one.clone() for name, one in own.state_dict().items()}
    fitted = classifier(model=own, epochs=20, learning_rate=0.05).fit(X, Y)
    assert fitted.score(X, Y) > 0.9
    assert all(torch.equal(before[name], one) for name, one in own.state_dict().items())


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"epochs": 0}, "training.epochs must be a whole number at least 1, but got 0"),
        ({"optimizer": "adamv"}, "optimizer.name must be the name of a known optimizer, but got 'adamv'; did you mean"),
        ({"recipe": {"data": {"sise": 8}}}, "data.sise is not a setting that exists; did you mean 'size'?"),
        ({"recipe": {"seed": "x"}, "random_state": None}, "seed must be a whole number from 0 to"),
        ({"device": "gpu"}, "device must be one of auto, cpu, cuda, mps, but got 'gpu'"),
        ({"loss": "map-1998", "model": "mlpp"}, "model.name must be the name of a known architecture, but got 'mlpp'"),
    ],
)
def test_bad_arguments_are_said_at_fit(settings, problem):
    with pytest.raises(BadInput) as caught:
        classifier(**settings).fit(X, Y)
    assert str(caught.value).startswith(problem)


def test_a_loss_of_classes_is_refused_for_values():
    with pytest.raises(BadInput, match="loss cross-entropy is for classification, but X is for regression"):
        regressor(loss="cross-entropy").fit(V, W)


def test_values_beyond_float32_are_refused():
    with pytest.raises(ValueError, match="Input y contains infinity or a value too large"):
        regressor().fit(V, np.where(W > 300, 1e39, W))


# Chance


def test_random_state_decides_and_global_generators_are_left_alone():
    torch.manual_seed(3)
    np.random.seed(3)
    before, numpys = read_global_states(), np.random.get_state()[1].tolist()
    first, second, third = (classifier(random_state=seed).fit(X, Y) for seed in (1, 1, 2))
    assert same_answers(first, second) and not same_answers(first, third)
    assert read_global_states() == before and np.random.get_state()[1].tolist() == numpys
    shared = np.random.RandomState(0)
    assert not same_answers(classifier(random_state=shared).fit(X, Y), classifier(random_state=shared).fit(X, Y))


def test_without_a_random_state_numpys_own_draws_the_seed():
    fits = []
    for seed in (7, 7, 8):
        np.random.seed(seed)
        fits.append(classifier(random_state=None).fit(X, Y))
    assert same_answers(fits[0], fits[1]) and not same_answers(fits[0], fits[2])


# One epoch more


@pytest.mark.parametrize("make", [classifier, regressor])
def test_epochs_one_by_one_are_a_fit_at_a_constant_rate(make):
    """To the bit, through a pickle in the middle: order, dropout's stream and the optimizer's memory go on."""
    whole = make(epochs=3, schedule="constant").fit(X, Y)
    steps = make()
    for _ in range(3):
        steps = pickle.loads(pickle.dumps(steps))
        steps = steps.partial_fit(X, Y, np.unique(Y)) if make is classifier else steps.partial_fit(X, Y)
    assert same_answers(steps, whole) and steps.n_iter_ == 3
    assert [row["loss"] for row in steps.history_] == [row["loss"] for row in whole.history_]


def test_portions_may_lack_classes_and_differ_in_size():
    model = classifier(learning_rate=0.01)
    for _ in range(10):
        for part in (slice(0, 60), slice(60, 150), slice(40, 41)):
            model.partial_fit(X[part], NAMES[Y[part]], classes=NAMES, sample_weight=np.ones(len(X[part])))
    assert model.n_iter_ == 30 and model.score(X, NAMES[Y]) > 0.8


def test_an_epoch_more_after_a_fit_starts_from_its_network():
    fitted = classifier(epochs=20).fit(X, Y)
    before = fitted.predict_proba(X)
    still = pickle.loads(pickle.dumps(fitted)).set_params(learning_rate=0.0, weight_decay=0.0).partial_fit(X, Y)
    np.testing.assert_array_equal(still.predict_proba(X), before)
    moved = fitted.partial_fit(X, Y)
    assert moved.n_iter_ == still.n_iter_ == 21 and not np.array_equal(moved.predict_proba(X), before)


def test_the_units_of_the_first_values_stay():
    model = regressor().partial_fit(V, W)
    mean = model.network_.rescale.mean.clone()
    model.partial_fit(V, W + 1000)
    assert torch.equal(model.network_.rescale.mean, mean)
    with pytest.raises(ValueError, match="y must have 1 columns as at the first call, but got 2"):
        model.partial_fit(V, np.c_[W, W])
    assert model.predict(V).shape == (442,)


@pytest.mark.parametrize(
    ("y", "classes", "problem"),
    [
        (Y, None, "classes must be passed on the first call to partial_fit"),
        (Y, [0, 1], r"y must hold only the classes \[0 1\], but got \[2\]; name all in classes"),
    ],
)
def test_the_first_portion_must_name_all_classes(y, classes, problem):
    model = classifier()
    with pytest.raises(ValueError, match=problem):
        model.partial_fit(X, y, classes)
    with pytest.raises(NotFittedError):
        model.predict(X)


def test_single_epochs_cannot_stop_early():
    with pytest.raises(BadInput, match=r"single epochs have no validation part, but tricks\.early-stopping needs one"):
        classifier(tricks=["early-stopping"]).partial_fit(X, Y, np.unique(Y))


def test_verbose_tells_of_progress(capsys):
    classifier(epochs=1).fit(X, Y)
    assert capsys.readouterr() == ("", "")
    talking = classifier(epochs=1, verbose=1).fit(X, Y)
    assert capsys.readouterr().err.startswith("epoch 1/1  loss ")
    talking.partial_fit(X, Y)
    assert capsys.readouterr().err.startswith("epoch 2/2  loss ")


def test_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    classifier(epochs=1).fit(X, Y).predict(X)
    assert list(tmp_path.iterdir()) == []


def test_the_names_are_there_without_torch():
    code = "import luthier, sys; assert 'LuthierClassifier' in dir(luthier) and 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "change", [{"model": "softmax-regression"}, {"model": {"name": "mlp", "width": 7}}, {"optimizer": "momentum"},
               {"weight_decay": 0.5}, {"model": nn.Linear(7, 3)}],
)  # fmt: skip
def test_what_a_partial_fit_goes_on_with_cannot_change(change):
    data = rows(53)
    model = LuthierClassifier("mlp", random_state=0).partial_fit(data.inputs, data.labels, classes=[0, 1, 2])
    before = model.predict_proba(data.inputs)
    with pytest.raises(BadInput, match=r"must stay what it was .*; set it back, or train anew with fit$"):
        model.set_params(**change).partial_fit(data.inputs, data.labels)
    assert np.array_equal(model.predict_proba(data.inputs), before)


def test_the_learning_rate_of_a_partial_fit_may_change():
    data = rows(53)
    model = LuthierClassifier("mlp", random_state=0).partial_fit(data.inputs, data.labels, classes=[0, 1, 2])
    assert model.set_params(learning_rate=1e-3).partial_fit(data.inputs, data.labels).n_iter_ == 2


@pytest.mark.parametrize("make", [LuthierClassifier, LuthierRegressor])
def test_a_fit_that_fails_leaves_all_as_it_was(make):
    data = rows(53)
    model = make("mlp", epochs=1).fit(data.inputs, data.labels)
    before = dict(vars(model))
    with pytest.raises(BadInput, match="nonesuch"):
        model.set_params(loss="nonesuch").fit(data.inputs[:, :3], data.labels + 5)
    assert vars(model) == {**before, "loss": "nonesuch"}


def test_weights_of_any_size():
    data = rows(53)
    plain, heavy = (
        LuthierClassifier("mlp", epochs=1, random_state=0).fit(
            np.tile(data.inputs, (2, 1)), np.tile(data.labels, 2), sample_weight=np.full(106, size)
        )
        for size in (1.0, 2.0**1023)
    )
    assert np.array_equal(plain.predict_proba(data.inputs), heavy.predict_proba(data.inputs))
    with pytest.raises(BadInput, match=r"^weights above 0 must be at least 1e-06 of the largest, 1e\+300"):
        LuthierClassifier("mlp").fit(data.inputs, data.labels, sample_weight=np.r_[1e300, np.ones(52)])


def test_values_beside_a_large_offset_are_learned():
    data = values(151)
    y = 1e8 + data.labels[:, 0].astype(np.float64) / 100
    model = LuthierRegressor("mlp", epochs=30, batch_size=16, random_state=0).fit(data.inputs, y)
    assert model.score(data.inputs, y) > 0.8
    part = LuthierRegressor("mlp", random_state=0).partial_fit(data.inputs, y).partial_fit(data.inputs, y - 1e8 + 1e4)
    assert part.network_.rescale.mean.dtype == torch.float64
    with pytest.raises(BadInput, match="column 0 runs from"):
        model.fit(data.inputs.astype(np.float64) + 1e8, y)


def test_fits_in_threads_give_the_bits_of_fits_one_after_another():
    data = rows(90)
    one = LuthierClassifier(recipe={"model": {"name": "mlp", "dropout": 0.3}}, epochs=2, random_state=0)
    how = {"cv": 3, "method": "predict_proba"}
    alone = cross_val_predict(one, data.inputs, data.labels, **how)
    with joblib.parallel_backend("threading", n_jobs=3):
        together = cross_val_predict(one, data.inputs, data.labels, **how)
    np.testing.assert_array_equal(together, alone)
