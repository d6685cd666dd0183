"""A finished run: its network, its answers, its files."""

import json
import re

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch.nn.functional import linear, relu

from luthier.api import train
from luthier.core.errors import BadInput, DamagedFile, LuthierWarning
from luthier.core.files import write_sealed
from luthier.data import load
from luthier.data.loader import resize_pictures
from luthier.data.split import split
from luthier.models.losses import LOSSES
from luthier.optim.optimizers import Momentum
from luthier.run import Run
from luthier.run.result import KEYS
from luthier.testing.material import SmallNet, pictures, rows


def by_hand(run: Run, inputs: np.ndarray) -> np.ndarray:
    """Probabilities of the small mlp, from its file and without Luthier."""
    t = load_file(run.path / "model.safetensors")
    x = torch.tensor(inputs, dtype=torch.float32)
    channel = (-1, *[1] * (x.ndim - 2))
    standard = (x - t["standardise.mean"].view(channel)) * t["standardise.scale"].view(channel)
    hidden = relu(linear(standard.flatten(1), t["body.1.weight"], t["body.1.bias"]))
    return linear(hidden, t["body.3.weight"], t["body.3.bias"]).softmax(1).numpy()


def test_probabilities_are_those_of_the_network_applied_by_hand(finished):
    X = rows(53).inputs[:11]
    answer = finished.predict_proba(X)
    assert answer.shape == (11, 3) and answer.dtype == np.float32
    np.testing.assert_allclose(answer, by_hand(finished, X), rtol=1e-5)
    np.testing.assert_allclose(answer.sum(1), 1, rtol=1e-5)
    assert len(np.unique(answer.round(3))) > 5


@pytest.mark.parametrize("loss", ["bce", "mse"])
def test_probabilities_are_made_as_the_loss_says(make_run, loss):
    run = make_run(side=9, recipe={"loss": loss})
    X = pictures(61, side=9).inputs[:7]
    with torch.no_grad():
        logits = run.network(torch.tensor(X).permute(0, 3, 1, 2) / 255)
    answer = run.predict_proba(X)
    np.testing.assert_allclose(answer, LOSSES.members[loss]().probabilities(logits), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(answer.sum(1), 1, rtol=1e-5)
    assert not np.allclose(answer, logits.softmax(1), atol=1e-3)


def test_predictions_are_the_names_of_the_likeliest(finished):
    X = rows(53).inputs[:13]
    assert finished.predict(X) == [str(k) for k in by_hand(finished, X).argmax(1)]
    assert len(set(finished.predict(rows(53).inputs))) > 1


def test_pictures_go_through_the_same_preparation_as_in_training(make_run):
    run = make_run(side=9, recipe={"data": {"size": 12}})
    X = pictures(61, side=9).inputs[:7]
    sized = resize_pictures(X, 12, "resize").transpose(0, 3, 1, 2) / np.float32(255)
    np.testing.assert_allclose(run.predict_proba(X), by_hand(run, sized), rtol=1e-4)
    np.testing.assert_array_equal(run.predict_proba(X[..., 0]), run.predict_proba(X))


@pytest.mark.parametrize("kind", [np.int16, np.int64, np.uint16, np.float16, np.float64])
def test_bytes_of_any_type_are_taken_as_training_takes_them(make_run, kind):
    """Each is a byte before it is resized, which rounds."""
    run = make_run(side=9, recipe={"data": {"size": 12}})
    X = pictures(61, side=9).inputs[:5]
    np.testing.assert_array_equal(run.predict_proba(X.astype(kind)), run.predict_proba(X))
    np.testing.assert_array_equal(run.predict_proba(X.astype(kind).tolist()), run.predict_proba(X))
    assert len(np.unique(run.predict_proba(X))) > 3


def test_one_number_beyond_white_changes_no_other_answer(make_run):
    run = make_run(side=9, recipe={"data": {"size": 12}})
    X = pictures(61, side=9).inputs[:5].astype(int)
    expected = run.predict_proba(X)
    X[4, 0, 0, 0] = 256
    np.testing.assert_allclose(run.predict_proba(X)[:4], expected[:4], rtol=1e-6)
    np.testing.assert_allclose(run.predict_proba(X + 0.0)[:4], expected[:4], rtol=1e-6)
    np.testing.assert_allclose(run.predict_proba(X / 255, units="unit")[:4], expected[:4], rtol=1e-6)


@pytest.mark.parametrize("kind", [bool, np.float16, np.float32, np.float64])
def test_numbers_that_could_be_meant_in_other_units_are_refused_with_both_readings(make_run, kind):
    run, X = make_run(side=9), pictures(61, side=9).inputs[:5]
    shares = (X > 99).astype(kind) if kind is bool else (X / 255).astype(kind)
    with pytest.raises(BadInput, match=r"as where 1 is white; multiply .*; or say with units = 'bytes' or units = 'un"):
        run.predict(shares)
    expected = run.predict_proba(X if kind is not bool else (X > 99) * 255)
    np.testing.assert_allclose(run.predict_proba(shares, units="unit"), expected, atol=1e-3)
    dark = run.predict_proba(shares.astype(np.float32) / 255, units="unit")
    np.testing.assert_allclose(run.predict_proba(shares, units="bytes"), dark, atol=1e-6)
    assert run.predict(np.zeros((1, 9, 9, 1), kind)) == run.predict(np.zeros((1, 9, 9, 1), np.uint8))


def floats(tmp_path, X, name="floats"):
    labels = np.arange(len(X)) % 3
    return train((X, labels), {"name": "mlp", "depth": 1, "width": 5}, epochs=2, out=tmp_path / name, quiet=True)


def test_whole_numbers_are_refused_by_a_run_of_numbers_from_zero_to_one(tmp_path):
    X = pictures(61, side=9).inputs
    run = floats(tmp_path, X / 255)
    assert (run.units, run.range) == ("unit", (0.0, 1.0))
    expected = run.predict_proba(X / 255)
    for kind in (np.uint8, np.int64, np.float32):
        with pytest.raises(BadInput, match=r"from 0, black, to 1, white, as the pictures of .*; or say with units = "):
            run.predict(X.astype(kind))
        np.testing.assert_allclose(run.predict_proba(X.astype(kind), units="bytes"), expected, rtol=1e-5)


def test_a_run_of_plain_numbers_takes_them_as_they_are_and_tells_of_others(tmp_path):
    X = pictures(61, side=9).inputs.astype(np.uint16) * 8
    run = floats(tmp_path, X)
    assert run.units == "plain" and 0 <= run.range[0] < 100 and 1900 < run.range[1] <= 2040
    expected = run.predict_proba(X)
    np.testing.assert_allclose(run.predict_proba(X.astype(np.float64)), expected, rtol=1e-6)
    dark = np.minimum(X, 255)
    np.testing.assert_allclose(run.predict_proba(dark.astype(np.uint8)), run.predict_proba(dark), rtol=1e-6)
    for far in (X.astype(float) * 32, X / 2040):
        with pytest.warns(LuthierWarning, match="X runs from .* to .*, but the pictures of the training from 24 to 20"):
            run.predict(far)
    with pytest.raises(BadInput, match="the training saw numbers in its own units, but X holds bytes, 0 to 255; bring"):
        run.predict(dark, units="bytes")


def test_units_that_are_stated_are_those_of_the_run(tmp_path):
    X = pictures(61, side=9).inputs
    stated = {"recipe": {"data": {"units": "bytes"}}, "epochs": 1, "quiet": True}
    run = train((X.astype(float), np.arange(61) % 3), "mlp", out=tmp_path / "a", **stated)
    other = train((X, np.arange(61) % 3), "mlp", out=tmp_path / "b", epochs=1, quiet=True)
    assert run.units == other.units == "bytes" and run.recipe.hash() == other.recipe.hash()
    np.testing.assert_array_equal(run.predict_proba(X), other.predict_proba(X))


def test_units_of_rows_are_refused(finished):
    with pytest.raises(BadInput, match="units are those of pictures, but this run takes rows, and got 'unit'; leave"):
        finished.predict(rows(53).inputs, units="unit")


def test_units_of_no_name_are_refused(make_run):
    with pytest.raises(BadInput, match="units must be bytes, unit or plain, but got 'half'; known: bytes, plain, unit"):
        make_run(side=9).predict(pictures(5, side=9).inputs, units="half")


def without_units(run):
    """The run as one of an earlier version."""
    old = Run(run.path)
    old.__dict__["metadata"] = {k: v for k, v in run.metadata.items() if k not in ("units", "range", "labels")}
    return old


def test_a_run_without_units_is_read_by_type(tmp_path, make_run):
    """As it was asked when it was new; but whole numbers of every type are bytes."""
    X = pictures(61, side=9).inputs
    run = make_run(side=9)
    old, expected = without_units(run), run.predict_proba(X)
    assert old.units == "either"
    for same in (X, X.astype(int), X / 255):
        np.testing.assert_allclose(old.predict_proba(same), expected, rtol=1e-5)
    with pytest.raises(BadInput, match="as where 255 is white"):
        old.predict(X.astype(float))
    plain = floats(tmp_path, X.astype(int) * 8)
    assert without_units(plain).units == "plain"
    np.testing.assert_array_equal(without_units(plain).predict_proba(X), plain.predict_proba(X))
    assert without_units(plain).predict(X[:1])[0] in ("0", "1", "2")


@pytest.mark.parametrize(
    ("y", "kind"),
    [
        (np.arange(53) % 2 + 7, int),
        (np.arange(53) % 2 == 1, bool),
        (np.array(["7", "8"])[np.arange(53) % 2], str),
        ((np.arange(53) % 2 + 7).tolist(), int),
        (np.array(["no", 7], object)[np.arange(53) % 2], str),
        (pd.Series(np.arange(53) % 2 + 7), int),
        (pd.Series(np.arange(53) % 2, dtype="boolean"), bool),
        (pd.Series(["no", "yes"] * 26 + ["no"]), str),
    ],
)
def test_predictions_have_the_type_that_the_labels_had(tmp_path, y, kind):
    run = train((rows(53).inputs, y), "mlp", epochs=1, out=tmp_path / "run", quiet=True)
    answers = Run(run.path).predict(rows(53).inputs)
    assert isinstance(answers, list) and {type(one) for one in answers} == {kind}
    assert set(answers) <= set(map(kind, np.asarray(y).tolist()))
    assert all(isinstance(name, str) for name in run.classes)


def test_labels_of_files_are_texts(tmp_path):
    np.savez(tmp_path / "rows.npz", X=rows(53).inputs, y=np.arange(53) % 2)
    run = train(tmp_path / "rows.npz", "mlp", epochs=1, out=tmp_path / "run", quiet=True)
    assert set(run.predict(rows(53).inputs)) <= {"0", "1"}


def test_many_examples_are_answered_in_several_batches(finished):
    X = np.tile(rows(53).inputs, (23, 1))
    answer = finished.predict_proba(X)
    assert answer.shape == (53 * 23, 3)
    np.testing.assert_allclose(answer, np.tile(finished.predict_proba(rows(53).inputs), (23, 1)), rtol=1e-5)


def test_no_examples_have_no_answers(finished):
    assert finished.predict_proba(np.zeros((0, 7))).shape == (0, 3)
    assert finished.predict(np.zeros((0, 7))) == []


@pytest.mark.parametrize("X", [np.zeros(7), np.zeros((2, 6)), np.zeros((2, 7, 1)), 3.0, [], np.zeros((2, 0))])
def test_rows_of_another_shape_are_refused(finished, X):
    with pytest.raises(BadInput) as caught:
        finished.predict_proba(X)
    assert str(caught.value) == (f"X must be (N, 7) for this run, but got shape {np.shape(X)}; bring it to that form")


def test_pictures_are_taken_in_every_layout_that_training_takes(make_run):
    run, X = make_run(side=9), pictures(5, side=9).inputs
    expected = run.predict_proba(X)
    for same in (X[..., 0], X.transpose(0, 3, 1, 2), np.asfortranarray(X), X[::-1][::-1], X[:, ::-1][:, ::-1]):
        np.testing.assert_array_equal(run.predict_proba(same), expected)
    np.testing.assert_array_equal(run.predict_proba(X[::-1]), expected[::-1])


@pytest.mark.parametrize("shape", [(2, 9, 9, 3), (9, 9), (2, 3, 9, 9), (2, 0, 9, 1)])
def test_pictures_of_another_shape_are_refused(make_run, shape):
    with pytest.raises(BadInput) as caught:
        make_run(side=9).predict_proba(np.zeros(shape))
    assert str(caught.value) == (
        f"X must be (N, H, W, C) with C = 1 for this run, but got shape {shape}; bring it to that form"
    )


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([[1, 2], [3]], "X must hold examples of one shape, but got a ragged list; pad or cut them to one"),
        ([["a"] * 7], "X must hold numbers, but got <U1; bring it to the form that the run was trained on"),
        ([[1j] * 7], "X must hold numbers, but got complex128; bring it to the form that the run was trained on"),
        (None, "X must hold numbers, but got object; bring it to the form that the run was trained on"),
        (np.ma.array([[1.0] * 7], mask=[[True] * 7]),
         "X must be whole, but is masked; fill what is missing, as with X.filled(0), or drop it"),
        ([[np.nan] * 7], "X must be finite in float32, but 7 of its numbers are not; mend or drop such examples"),
        ([[1e300] + [0] * 6], "X must be finite in float32, but 1 of its numbers are not; mend or drop such examples"),
    ],
)  # fmt: skip
def test_what_is_no_table_of_finite_numbers_is_refused(finished, X, message):
    with pytest.raises(BadInput) as caught:
        finished.predict_proba(X)
    assert str(caught.value) == message


def test_the_model_loads_without_luthier_and_says_what_it_is(finished):
    path = finished.path / "model.safetensors"
    assert {name: tuple(one.shape) for name, one in load_file(path).items()} == {
        "body.1.bias": (5,),
        "body.1.weight": (5, 7),
        "body.3.bias": (3,),
        "body.3.weight": (3, 5),
        "standardise.mean": (7,),
        "standardise.scale": (7,),
    }
    with safe_open(path, "np") as file:
        header = json.loads(file.metadata()["luthier"])
    assert header == {"classes": ["0", "1", "2"], "format": 1, "outputs": 3, "recipe_hash": finished.recipe.hash(),
                      "shape": [7]}  # fmt: skip
    assert finished.metadata["classes"] == header["classes"] and finished.classes == ("0", "1", "2")


def test_class_names_in_any_script_come_back(tmp_path):
    data = rows(53)
    names = np.array(["ja", "näin", "否"])[data.labels]
    run = train((data.inputs, names), "mlp", epochs=1, out=tmp_path / "run", quiet=True)
    assert run.classes == ("ja", "näin", "否")
    assert set(run.predict(data.inputs)) <= {"ja", "näin", "否"}


def test_the_network_is_ready_to_evaluate(finished):
    assert not finished.network.training
    assert finished.network is finished.network


def test_a_run_opens_from_a_text_or_a_path(finished):
    assert Run(str(finished.path)).predict(rows(53).inputs[:3]) == finished.predict(rows(53).inputs[:3])
    assert repr(Run(str(finished.path))) == f"Run({str(finished.path)!r})"


def test_an_own_module_is_needed_again(tmp_path):
    module = SmallNet()
    run = train(pictures(61), module, epochs=1, out=tmp_path / "run", quiet=True)
    again = Run(run.path, SmallNet())
    np.testing.assert_array_equal(again.predict_proba(pictures(61).inputs), run.predict_proba(pictures(61).inputs))
    with pytest.raises(BadInput, match=re.escape("but none was passed; pass it from Python as model=")):
        Run(run.path).predict(pictures(61).inputs)


class Heavy(Momentum):
    name = "heavy"


def test_own_parts_are_needed_again(make_run):
    run = make_run(optimizer=Heavy(momentum=0.5))
    assert Run(run.path, own=(Heavy,)).recipe.optimizer == Heavy(momentum=0.5)
    with pytest.raises(BadInput, match=r"optimizer\.name must be the name of a known optimizer, but got 'heavy'"):
        Run(run.path)


@pytest.mark.parametrize("where", ["nowhere", "", "file"])
def test_a_place_without_a_run_is_refused(tmp_path, where):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput) as caught:
        Run(tmp_path / where)
    assert str(caught.value) == (
        f"a run is a directory with a recipe.toml, but {tmp_path / where} has none; "
        "give the directory that luthier train printed"
    )


def test_a_run_without_result_says_how_to_finish_it(finished):
    (finished.path / "result.json").unlink()
    with pytest.raises(BadInput) as caught:
        Run(finished.path).predict(rows(53).inputs)
    assert str(caught.value) == (
        f"a result needs a finished run, but {finished.path} is not; finish it with: luthier resume {finished.path}"
    )


@pytest.mark.parametrize("content", ["{}", "[]", '"x"', '{"epochs": 3}'])
def test_a_result_without_its_seal_is_damaged(finished, content):
    path = finished.path / "result.json"
    path.write_text(content)
    with pytest.raises(DamagedFile) as caught:
        Run(finished.path).predict(rows(53).inputs)
    assert str(caught.value) == f"{path} does not match its own seal; it was altered or torn"


@pytest.mark.parametrize("content", [{}, {"epochs": 3}])
def test_a_result_without_its_keys_is_damaged(finished, content):
    path = finished.path / "result.json"
    write_sealed(path, content)
    with pytest.raises(DamagedFile) as caught:
        Run(finished.path).predict(rows(53).inputs)
    assert str(caught.value) == (
        f"{path} is not a result: it must have {', '.join(sorted(KEYS))}; restore it or train anew"
    )


@pytest.mark.parametrize("change", ["flip", "cut", "gone"])
def test_a_model_that_changed_is_refused(finished, change):
    path = finished.path / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.unlink() if change == "gone" else path.write_bytes(content if change == "flip" else content[:-1])
    with pytest.raises(DamagedFile) as caught:
        Run(finished.path).predict(rows(53).inputs)
    assert str(caught.value) == (
        f"{path} is missing or does not match the checksum in result.json; restore it or train anew"
    )


def test_answers_on_the_test_part_have_the_accuracy_that_was_reported(tmp_path):
    run = train("digits", "mlp", epochs=1, out=tmp_path / "run", quiet=True)
    digits = load("digits")
    part = split(digits, 0).test
    right = np.mean(np.array(run.predict(digits.inputs[part]), int) == digits.labels[part])
    assert run.result["test"]["accuracy"] == pytest.approx(right) and 0.2 < right < 1


@pytest.mark.parametrize("change", [b"# a comment\n", b"\n[data]\nfit = 1\n"])
def test_a_recipe_that_was_altered_after_the_result_is_not_trusted(finished, change):
    path = finished.path / "recipe.toml"
    path.write_bytes(path.read_bytes() + change if change.startswith(b"#") else b"")
    with pytest.raises(DamagedFile) as caught:
        Run(finished.path).predict(rows(53).inputs)
    assert str(caught.value) == (
        f"{path} is missing or does not match the checksum in result.json; restore it or train anew"
    )


def without(values, *keys):
    return {name: value for name, value in values.items() if name not in keys}


ALTERED = {
    "epochs": lambda result: {**result, "epochs": "2"},
    "a huge number": lambda result: {**result, "seed": 10**400},
    "checksums": lambda result: {**result, "sha256": without(result["sha256"], "model.safetensors")},
    "no test part": lambda result: {**result, "test": None},
    "accuracy": lambda result: {**result, "test": {**result["test"], "accuracy": "x"}},
    "interval": lambda result: {**result, "validation": without(result["validation"], "interval")},
    "intervals": lambda result: {**result, "test": {**result["test"], "intervals": {"ece": [1]}}},
    "calibration": lambda result: {**result, "calibration": {"temperature": 2}},
    "remarks": lambda result: {**result, "remarks": [1]},
}


@pytest.mark.parametrize("name", ALTERED)
def test_a_result_that_says_other_things_under_a_right_seal_is_damaged(finished, name):
    path = finished.path / "result.json"
    write_sealed(path, ALTERED[name](finished.result))
    with pytest.raises(DamagedFile, match=r"result\.json is not a result: \w+ is missing or of another form"):
        Run(finished.path).result  # noqa: B018


def test_a_result_and_a_model_of_a_newer_format_are_refused(finished):
    write_sealed(finished.path / "result.json", {**finished.result, "format": 2})
    with pytest.raises(BadInput, match=r"result\.json must be of format 1 or older"):
        Run(finished.path).result  # noqa: B018


def test_a_history_that_is_not_the_one_of_the_result_is_damaged(finished):
    path = finished.path / "history.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"epoch": 0', b'"epoch": 1', 1))
    with pytest.raises(DamagedFile, match="does not match the checksum in result"):
        Run(finished.path).history  # noqa: B018
