"""Calibration of a run: fitted on the validation part, kept, applied, and told before and after."""

import json

import numpy as np
import pytest
import torch

from luthier.api import evaluate, load, resume, train
from luthier.core.errors import BadInput, LuthierWarning
from luthier.core.files import read_sealed, write_sealed
from luthier.data import Dataset
from luthier.recipe.build import prepare
from luthier.recipe.read import read_recipe
from luthier.sklearn.fitting import fit
from luthier.study.verify import fsck
from luthier.testing.material import rows, values
from luthier.training import evaluate as answers_on
from luthier.training.temperature import fit_temperature

SETTINGS = {"epochs": 15, "batch_size": 16, "quiet": True, "split": {"validation": 0.3}}
CPU = torch.device("cpu")


def doubtful(count=211):
    """Rows of which a fifth has a wrong label: a network that learns them by heart is too certain."""
    data = rows(count)
    wrong = np.arange(count) % 5 == 0
    return Dataset("doubtful", data.inputs, np.where(wrong, (data.labels + 1) % 3, data.labels), data.classes)


DATA = doubtful()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The same training without and with calibration."""
    folder = tmp_path_factory.mktemp("runs")
    plain = train(DATA, "mlp", out=folder / "plain", **SETTINGS)
    mended = train(DATA, "mlp", out=folder / "mended", training={"calibration": "temperature"}, **SETTINGS)
    return plain, mended


def test_the_temperature_is_that_of_the_validation_part(made):
    _, mended = made
    part = prepare(mended.recipe, DATA, CPU).trainer.validation
    found = answers_on(mended.network, part, mended.recipe.loss)
    expected = fit_temperature(found.logits.double().softmax(1), found.labels)
    assert mended.temperature == pytest.approx(expected, rel=1e-4) and mended.temperature > 1.1
    assert mended.result["calibration"]["temperature"] == mended.metadata["temperature"]


def test_weights_and_answers_stay_and_probabilities_change(made):
    plain, mended = made
    for name, one in plain.network.state_dict().items():
        assert torch.equal(one, mended.network.state_dict()[name])
    X = DATA.inputs
    assert plain.predict(X) == mended.predict(X)
    logits = mended.network(torch.from_numpy(X)).detach().double()
    np.testing.assert_allclose(mended.predict_proba(X), (logits / mended.temperature).softmax(1), rtol=1e-6)
    assert plain.result["calibration"] is None and plain.temperature == 1


def test_the_result_says_what_it_changed(made):
    plain, mended = made
    told = mended.result["calibration"]
    for part in ("validation", "test"):
        for name in ("ece", "log-loss"):
            assert told[part]["before"][name] == pytest.approx(plain.result[part][name], rel=1e-6)
            assert told[part]["after"][name] == mended.result[part][name]
            assert told[part]["after"]["intervals"][name] == mended.result[part]["intervals"][name]
        assert told[part]["after"]["log-loss"] < told[part]["before"]["log-loss"]
        for name in ("accuracy", "macro-f1", "loss"):
            assert mended.result[part][name] == plain.result[part][name]
    assert mended.result["test_reads"] == plain.result["test_reads"] + 1


def test_it_is_evaluated_as_it_answers(made):
    _, mended = made
    found = evaluate(mended.path, data=DATA)
    assert found["log-loss"] == pytest.approx(mended.result["test"]["log-loss"], rel=1e-5)
    assert found["log-loss"] != pytest.approx(mended.result["calibration"]["test"]["before"]["log-loss"], rel=1e-3)


def test_fsck_knows_it(made):
    for one in made:
        assert fsck(one.path) == []


def test_fsck_sees_another_temperature(tmp_path):
    run = train(DATA, "mlp", out=tmp_path / "run", training={"calibration": "temperature"}, **SETTINGS)
    result = read_sealed(run.path / "result.json")
    write_sealed(run.path / "result.json", {**result, "calibration": {**result["calibration"], "temperature": 7.0}})
    assert fsck(run.path) == [f"{run.path / 'model.safetensors'} was calibrated in another way than result.json says"]


def test_a_run_that_goes_on_is_calibrated_anew(tmp_path):
    run = train(DATA, "mlp", out=tmp_path / "run", training={"calibration": "temperature"}, **SETTINGS)
    before = run.temperature
    longer = resume(run.path, epochs=40, data=DATA, quiet=True)
    assert longer.temperature != before and fsck(run.path) == []
    assert len(list(run.path.glob("predictions-*.safetensors"))) == 1
    assert (
        load(run.path).temperature == json.loads((run.path / "result.json").read_text())["calibration"]["temperature"]
    )


def test_where_all_is_right_nothing_is_changed_and_said(tmp_path):
    apart = Dataset("apart", rows(90).inputs + 50 * np.eye(7, dtype=np.float32)[np.arange(90) % 3],
                    rows(90).labels, rows(90).classes)  # fmt: skip
    with pytest.warns(
        LuthierWarning, match=r"all \d+ validation examples are answered rightly.*the temperature stays 1"
    ):
        run = train(apart, "mlp", out=tmp_path / "run", training={"calibration": "temperature"}, **SETTINGS)
    assert run.temperature == 1 and run.metadata["temperature"] == 1 and fsck(run.path) == []


def test_it_is_refused_where_nothing_can_be_fitted(tmp_path):
    settings = {"out": tmp_path / "run", "training": {"calibration": "temperature"}}
    with pytest.raises(BadInput) as caught:
        train(values(53), "mlp", **settings)
    assert str(caught.value) == (
        "training.calibration mends probabilities of classes, but values is for regression; take it out"
    )
    with pytest.raises(BadInput) as caught:
        train(DATA, "mlp", split={"validation": 0}, **settings)
    assert str(caught.value) == (
        "training.calibration needs a validation part, but split.validation is 0; set it above 0 or take it out"
    )
    recipe = read_recipe({"model": "mlp", "training": {"calibration": "temperature"}})
    with pytest.raises(BadInput, match=r"training\.calibration is for runs, but got 'temperature' without one"):
        fit(recipe, DATA, CPU)
    assert not (tmp_path / "run").exists()
