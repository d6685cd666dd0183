"""What a run has seen is known again in other data, by what it holds."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file, save

from luthier.api import evaluate, resume, train
from luthier.core.errors import DamagedFile, LuthierWarning
from luthier.core.files import read_sealed, sha256, write_sealed
from luthier.data import Dataset
from luthier.data.loader import resize_pictures
from luthier.data.split import split
from luthier.run import Run
from luthier.run.digests import digest_examples
from luthier.study.verify import fsck
from luthier.testing.material import pictures, rows, values

DATA = rows(53)
PARTS = split(DATA, 0)
TRAIN, VALIDATION, TEST = PARTS.train, PARTS.validation, PARTS.test
SEEN = ("trained_on", "validated_on", "n")


@pytest.fixture
def run(tmp_path) -> Run:
    return train(DATA, "mlp", epochs=1, out=tmp_path / "run", quiet=True)


def seen(run: Run, data: object, **options) -> tuple[int, ...]:
    found = evaluate(run.path, data=data, **options)
    return tuple(found[key] for key in SEEN)


def shuffle(members: np.ndarray) -> np.ndarray:
    return np.random.default_rng(0).permutation(members)


def test_of_all_examples_each_part_is_counted(run):
    other = (DATA.inputs[::-1].astype(np.float64), DATA.labels[::-1])
    assert seen(run, other) == (len(TRAIN), len(VALIDATION), 53)
    assert len(TRAIN) and len(VALIDATION)


def test_the_others_are_judged_alone(run):
    mixed = shuffle(np.concatenate([TRAIN[:9], TEST]))
    found, alone = (evaluate(run.path, data=(DATA.inputs[part], DATA.labels[part])) for part in (mixed, TEST))
    assert (found["trained_on"], found["validated_on"], found["n"]) == (9, 0, 9 + len(TEST))
    assert found["others"]["n"] == len(TEST) == alone["n"] and alone["trained_on"] == 0 and alone["others"] is None
    assert found["others"]["accuracy"] == alone["accuracy"] and found["others"]["interval"] == alone["interval"]
    assert found["others"]["loss"] == pytest.approx(alone["loss"], rel=1e-5)


def test_where_all_were_trained_on_nothing_is_left(run):
    found = evaluate(run.path, data=(DATA.inputs[TRAIN], DATA.labels[TRAIN]))
    assert (found["trained_on"], found["others"]) == (len(TRAIN), None)


def test_its_own_test_part_was_not_seen(run):
    assert seen(run, DATA) == (0, 0, len(TEST))


def test_a_published_test_part_may_hold_what_was_trained_on(tmp_path):
    inputs = np.concatenate([DATA.inputs, DATA.inputs[:4]])
    official = np.arange(57) >= 49
    data = Dataset("leaky", inputs, np.concatenate([DATA.labels, DATA.labels[:4]]), DATA.classes, official)
    with pytest.warns(LuthierWarning, match="4 are"):
        run = train(data, "mlp", epochs=1, allow_leaks=True, out=tmp_path / "run", quiet=True)
    found = evaluate(run.path, data=data)
    assert found["trained_on"] + found["validated_on"] == 4 and found["others"]["n"] == 4


def test_labels_do_not_matter_and_a_changed_number_does(run):
    near = DATA.inputs[TRAIN].copy()
    near[:3, 2] = np.nextafter(near[:3, 2], np.float32(9))
    assert seen(run, (near, DATA.labels[TRAIN][::-1])) == (len(TRAIN) - 3, 0, len(TRAIN))


def test_values_to_be_predicted_have_the_figures_of_the_others(tmp_path):
    data = values(67)
    run, parts = train(data, "mlp", epochs=1, out=tmp_path / "run", quiet=True), split(data, 0)
    some = np.concatenate([parts.test, parts.train[:5]])
    found = evaluate(run.path, data=(data.inputs[some], data.labels[some].astype(np.float64)))
    alone = evaluate(run.path, data=(data.inputs[parts.test], data.labels[parts.test].astype(np.float64)))
    assert found["trained_on"] == 5 and found["others"]["rmse"] == pytest.approx(alone["rmse"], rel=1e-5)


def write_folder(root: Path, data: Dataset, ending: str) -> Path:
    for number, (picture, label) in enumerate(zip(data.inputs, data.labels, strict=True)):
        folder = root / data.classes[label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture[..., 0]).save(folder / f"{number}{ending}")
    return root


def test_pictures_are_known_in_any_lossless_format_and_as_floats(tmp_path):
    data = pictures(61)
    run = train(write_folder(tmp_path / "png", data, ".png"), "mlp", epochs=1, out=tmp_path / "run", quiet=True)
    counts = evaluate(run.path, data=write_folder(tmp_path / "bmp", data, ".bmp"))
    parts = counts["trained_on"], counts["validated_on"]
    assert counts["n"] - sum(parts) == run.result["test"]["n"] and min(parts) > 0
    names = [data.classes[label] for label in data.labels]
    assert seen(run, (data.inputs, names)) == (*parts, 61)
    assert seen(run, (data.inputs / np.float32(255), names), units="unit") == (*parts, 61)


def test_pictures_that_were_brought_to_the_size_before_are_known(tmp_path):
    data = pictures(61, side=12)
    run = train(data, "mlp", recipe={"data": {"size": 6}}, epochs=1, out=tmp_path / "run", quiet=True)
    small = resize_pictures(data.inputs, 6, run.recipe.data.fit)
    train_part = split(data, 0).train
    for inputs in (small, data.inputs):
        assert seen(run, (inputs[train_part], data.labels[train_part])) == (len(train_part), 0, len(train_part))


def test_sequences_are_known_however_long_their_neighbours_are(tmp_path):
    rng = np.random.default_rng(1)
    lengths = rng.integers(2, 9, 60)
    data = [rng.normal(size=(length, 2)).astype(np.float32) for length in lengths]
    labels = [str(k % 2) for k in range(60)]
    run = train((data, labels), "cnn1d", epochs=1, out=tmp_path / "run", quiet=True)
    whole = evaluate(run.path, data=([*data, np.ones((20, 2), np.float32)], [*labels, "0"]))
    assert whole["others"]["n"] == run.result["test"]["n"] + 1


def test_rows_that_are_equal_by_chance_were_not_trained_on(tmp_path):
    rng = np.random.default_rng(2)
    people = np.stack([rng.integers(0, 2, 200), rng.integers(0, 3, 200)], 1).astype(np.float64)
    labels = rng.integers(0, 2, 200)
    run = train((people, labels), "mlp", epochs=1, out=tmp_path / "run", quiet=True)
    assert seen(run, (people[:50], labels[:50])) == (0, 0, 50)


def test_rare_rows_of_a_table_count(tmp_path):
    rng = np.random.default_rng(3)
    path, copy = tmp_path / "all.csv", tmp_path / "copy.csv"
    lines = [f"{rng.choice(['a', 'b'])},{rng.normal():.4f},{rng.normal():.4f},{'yn'[k % 2]}" for k in range(90)]
    path.write_text("\n".join(["kind,x,z,target", *lines]))
    copy.write_text("\n".join(["kind,x,z,target", *lines[::-1], "a,9.5,1.5,y", "b,3.5,-9,n"]))
    run = train(path, "mlp", epochs=1, out=tmp_path / "run", quiet=True)
    found = evaluate(run.path, data=copy)
    assert found["trained_on"] + found["validated_on"] == 90 - run.result["test"]["n"]


def test_of_an_earlier_run_it_cannot_be_known(run):
    result = read_sealed(run.path / "result.json")
    result["sha256"].pop("digests.safetensors")
    write_sealed(run.path / "result.json", result)
    found = evaluate(run.path, data=(DATA.inputs, DATA.labels))
    assert (found["trained_on"], found["validated_on"], found["others"]) == (None, None, None)


@pytest.mark.parametrize("content", [b"", b"x" * 50, save({"train": np.zeros(1, np.uint64)})])
def test_a_file_that_was_altered_is_refused(run, content):
    path = run.path / "digests.safetensors"
    path.write_bytes(content)
    with pytest.raises(DamagedFile, match="does not match the checksum"):
        evaluate(run.path, data=DATA)
    result = read_sealed(run.path / "result.json")
    result["sha256"][path.name] = sha256(path)
    write_sealed(run.path / "result.json", result)
    with pytest.raises(DamagedFile, match="safetensors"):
        evaluate(run.path, data=DATA)


def test_the_file_holds_eight_bytes_an_example_in_order(run):
    held = load_file(run.path / "digests.safetensors")
    assert {name: len(one) for name, one in held.items()} == {"train": len(TRAIN), "validation": len(VALIDATION)}
    assert all(one.dtype == np.uint64 and (np.diff(one.astype(object)) > 0).all() for one in held.values())
    assert set(held["train"].tolist()) == set(digest_examples(DATA.inputs[TRAIN], "plain").tolist())


def test_examples_of_no_weight_were_not_trained_on(tmp_path):
    weights = (np.arange(53) % 4 > 0).astype(float)
    run = train(DATA, "mlp", epochs=1, weights=weights, out=tmp_path / "run", quiet=True)
    assert seen(run, (DATA.inputs[::4], DATA.labels[::4]))[0] == 0
    assert seen(run, (DATA.inputs[1::4], DATA.labels[1::4]))[0] > 0


def test_a_run_that_goes_on_knows_the_same_examples(run):
    before = (run.path / "digests.safetensors").read_bytes()
    resume(run.path, epochs=2, data=DATA, quiet=True)
    assert (run.path / "digests.safetensors").read_bytes() == before and fsck(run.path) == []


def test_zero_has_one_sign_and_what_is_missing_one_form():
    one = np.array([[0.0, np.nan]], np.float32)
    other = np.array([[-0.0, -np.nan]], np.float32)
    assert digest_examples(one, "plain") == digest_examples(other, "plain")


def test_parts_that_are_empty_have_no_digests(tmp_path):
    run = train(DATA, "mlp", recipe={"split": {"validation": 0}}, epochs=1, out=tmp_path / "run", quiet=True)
    assert len(load_file(run.path / "digests.safetensors")["validation"]) == 0
