"""Evaluation of a finished run: on its own test part, on other data, class by class."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn.functional import cross_entropy

from luthier.api import evaluate, train
from luthier.cli.output import summarise
from luthier.core.errors import BadInput, DamagedFile, LuthierWarning
from luthier.core.files import read_sealed, write_sealed
from luthier.data import Dataset
from luthier.data.split import mark_test as mask_of
from luthier.run import Run
from luthier.run.predict import predict_files
from luthier.testing.material import pictures, rows, values

DATA = rows(53)


@pytest.fixture
def run(tmp_path) -> Run:
    return train(DATA, "mlp", epochs=3, batch_size=16, out=tmp_path / "run", quiet=True)


def by_hand(run: Run, inputs: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Accuracy and loss."""
    with torch.no_grad():
        logits = run.network(torch.tensor(inputs, dtype=torch.float32))
    truth = torch.tensor(labels)
    return (logits.argmax(1) == truth).float().mean().item(), cross_entropy(logits, truth).item()


def test_its_own_data_mean_its_own_test_part(run):
    found = evaluate(run.path, data=DATA)
    part = mask_of(DATA)
    accuracy, loss = by_hand(run, DATA.inputs[part], DATA.labels[part])
    assert (found["part"], found["n"], found["run"]) == ("test part", 11, str(run.path))
    assert found["accuracy"] == pytest.approx(accuracy) and found["loss"] == pytest.approx(loss, rel=1e-5)
    assert {name: found[name] for name in ("accuracy", "n", "interval")} == {
        name: run.result["test"][name] for name in ("accuracy", "n", "interval")
    }


def test_other_data_without_a_test_part_are_taken_whole(run):
    other = rows(29)
    found = evaluate(run.path, data=(other.inputs + 1, other.labels))
    accuracy, loss = by_hand(run, other.inputs + 1, other.labels)
    assert (found["part"], found["n"]) == ("all examples", 29)
    assert found["accuracy"] == pytest.approx(accuracy) and found["loss"] == pytest.approx(loss, rel=1e-5)


def test_of_other_data_with_a_test_part_only_that_is_taken(run):
    official = np.arange(53) % 5 == 0
    other = Dataset("other", DATA.inputs + 1, DATA.labels, DATA.classes, official)
    found = evaluate(run.path, data=other)
    accuracy, _ = by_hand(run, other.inputs[official], other.labels[official])
    assert (found["part"], found["n"], found["accuracy"]) == ("test part", 11, pytest.approx(accuracy))


def test_the_tables_add_up(run):
    found = evaluate(run.path, data=DATA)
    matrix = np.array(found["confusion"])
    part = mask_of(DATA)
    assert matrix.sum(1).tolist() == np.bincount(DATA.labels[part]).tolist() == [row["n"] for row in found["per_class"]]
    assert matrix.trace() / matrix.sum() == pytest.approx(found["accuracy"])
    answers = np.bincount([int(name) for name in run.predict(DATA.inputs[part])], minlength=3)
    assert matrix.sum(0).tolist() == answers.tolist()
    assert [row["class"] for row in found["per_class"]] == ["0", "1", "2"]


def test_classes_are_matched_by_name(run):
    """Other data may have them in another order, and not all of them."""
    some = DATA.labels > 0
    shifted = Dataset("shifted", DATA.inputs[some] + 1, 2 - DATA.labels[some], ("2", "1"))
    found = evaluate(run.path, data=shifted)
    accuracy, loss = by_hand(run, shifted.inputs, DATA.labels[some])
    assert found["accuracy"] == pytest.approx(accuracy) and found["loss"] == pytest.approx(loss, rel=1e-5)
    assert found["per_class"][0]["n"] == 0 and found["per_class"][0]["recall"] is None


def test_pictures_of_another_size_are_brought_to_the_runs(tmp_path):
    data = pictures(61, side=9)
    run = train(data, "mlp", recipe={"data": {"size": 12}}, epochs=1, out=tmp_path / "run", quiet=True)
    assert evaluate(run.path, data=pictures(43, side=15))["n"] == 43


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            (np.zeros((4, 6)), [0, 1, 0, 1]),
            "the run takes examples of shape (7,), but arrays gives (6,); evaluate on data of its kind",
        ),
        (
            (np.zeros((4, 7)), ["0", "x", "x", "0"]),
            "the data's classes must be the run's, but x are not; the run knows 0, 1, 2",
        ),
        (None, "a run needs its data again, but it was trained on arrays that no file holds; "
               "pass them from Python as data=(X, y)"),
    ],
)  # fmt: skip
def test_data_that_do_not_fit_are_refused_and_not_counted_as_read(run, data, message):
    with pytest.raises(BadInput) as caught:
        evaluate(run.path, data=data)
    assert str(caught.value) == message
    assert evaluate(run.path, data=DATA)["test_reads"] == 2


def test_every_evaluation_is_a_read(run):
    assert [evaluate(run.path, data=DATA)["test_reads"] for _ in range(3)] == [2, 3, 4]


def test_data_that_changed_under_their_name_are_refused(tmp_path):
    path = tmp_path / "data.npz"
    np.savez(path, X=DATA.inputs, y=DATA.labels)
    run = train(path, "mlp", epochs=1, out=tmp_path / "run", quiet=True)
    assert evaluate(run.path)["part"] == "test part"
    np.savez(path, X=DATA.inputs + 1, y=DATA.labels)
    with pytest.raises(BadInput, match=f"the recipe was made for data with fingerprint {DATA.fingerprint[:3]}"):
        evaluate(run.path)


def test_a_run_that_is_not_finished_cannot_be_evaluated(run):
    (run.path / "result.json").unlink()
    with pytest.raises(BadInput, match=f"a result needs a finished run, but {run.path} is not"):
        evaluate(run.path, data=DATA)


@pytest.mark.parametrize("count", [1, 3])
def test_other_data_may_be_few_and_of_one_class(run, tmp_path, count):
    inputs, labels = DATA.inputs[DATA.labels == 1][:count], np.full(count, 1)
    found = evaluate(run.path, data=(inputs, labels))
    assert (found["part"], found["n"]) == ("all examples", count)
    assert [row["n"] for row in found["per_class"]] == [0, count, 0]
    np.savez(tmp_path / "few.npz", X=inputs, y=labels)
    assert evaluate(run.path, data=tmp_path / "few.npz")["accuracy"] == found["accuracy"]


@pytest.mark.parametrize("count", [1, 3])
def test_values_that_do_not_differ_have_no_r2(tmp_path, count):
    data = values(53)
    run = train(data, "mlp", epochs=1, out=tmp_path / "run", quiet=True)
    found = evaluate(run.path, data=(data.inputs[:count], np.full(count, 500.0)))
    assert (found["n"], found["r2"], found["intervals"]["r2"]) == (count, None, None)
    assert found["mae"] == pytest.approx(np.abs(run.predict(data.inputs[:count]) - 500).mean(), rel=1e-5)
    assert summarise(found).endswith("(r2 is undefined where the true values do not differ)")


CARDS = {"left": slice(0, 8), "right": slice(8, 16)}
"""Classes of pictures of 16 x 16 pixels, and which columns are bright."""


def write_cards(root: Path, count: int, mode: str, labels=tuple(CARDS)) -> Path:
    """A class folder of noisy pictures for each label."""
    for seed, label in enumerate(labels):
        (root / label).mkdir(parents=True)
        noise = np.random.default_rng(seed).integers(0, 60, (count, 16, 16, 3), np.uint8)
        for number, pixels in enumerate(noise):
            pixels[:, CARDS[label]] += 180
            Image.fromarray(pixels).convert(mode).save(root / label / f"{number}.png")
    return root


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("other", ["L", "RGB"])
def test_a_folder_of_one_class_is_evaluated_whatever_its_colours(tmp_path, mode, other):
    """A card of one class alone, and one picture of it, in grey and in colour."""
    run = train(write_cards(tmp_path / "all", 20, mode), "mlp", epochs=3, out=tmp_path / "run", quiet=True)
    for count in (1, 5):
        folder = write_cards(tmp_path / f"right{count}", count, other, ("right",))
        found = evaluate(run.path, data=folder)
        assert (found["part"], found["n"], found["accuracy"]) == ("all examples", count, 1)
        assert [(row["class"], row["n"], row["recall"]) for row in found["per_class"]] == [
            ("left", 0, None),
            ("right", count, 1),
        ]
        answers = predict_files(run, sorted(folder.rglob("*.png")))
        losses = [-np.log(answer["probability"]) for answer in answers]
        assert found["loss"] == pytest.approx(np.mean(losses), rel=0.01, abs=1e-6)


@pytest.mark.parametrize("parts", [("train",), ("train", "t10k")], ids=["without a test pair", "with one"])
def test_an_idx_folder_of_one_class_is_evaluated(tmp_path, parts):
    """In the test pair all are of the class 3, in the other pair of class 2."""
    images = np.random.default_rng(0).integers(0, 60, (60, 16, 16), np.uint8)
    labels = np.arange(60, dtype=np.uint8) % 4
    for image, label in zip(images, labels, strict=True):
        image[4 * label : 4 * label + 4] += 180
    run = train((images, labels), "mlp", epochs=5, out=tmp_path / "run", quiet=True)
    one = {"train": 2, "t10k": 3}
    (tmp_path / "idx").mkdir()
    for part in parts:
        for what, array in {"images-idx3": images, "labels-idx1": labels}.items():
            some = array[labels == one[part]]
            header = bytes((0, 0, 8, some.ndim)) + np.asarray(some.shape, ">u4").tobytes()
            (tmp_path / "idx" / f"{part}-{what}-ubyte").write_bytes(header + some.tobytes())
    found = evaluate(run.path, data=tmp_path / "idx")
    last = one[parts[-1]]
    assert found["part"] == ("test part" if len(parts) == 2 else "all examples")
    assert (found["n"], found["accuracy"]) == (15, 1)
    assert [row["n"] for row in found["per_class"]] == [15 * (k == last) for k in range(4)]


# Pictures, whose numbers are read in the units of the training


@pytest.fixture
def seen(tmp_path) -> Run:
    return train(pictures(61), "mlp", epochs=3, batch_size=16, out=tmp_path / "pictures", quiet=True)


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.uint16, np.int64, np.float32, np.float64])
def test_pictures_of_every_type_are_read_in_the_units_of_the_run(seen, kind):
    other, names = pictures(29).inputs.copy(), list(map(str, pictures(29).labels))
    expected = evaluate(seen.path, data=(other, names))
    found = evaluate(seen.path, data=(other.astype(kind), names))
    assert (found["accuracy"], found["loss"]) == (expected["accuracy"], pytest.approx(expected["loss"], rel=1e-5))
    if kind is not np.uint8:
        brighter = other.astype(kind)
        brighter[0, 0, 0, 0] = 256
        assert evaluate(seen.path, data=(brighter, names))["loss"] == pytest.approx(expected["loss"], abs=0.05)


def test_pictures_that_could_be_meant_in_other_units_are_refused_unless_units_are_given(seen, tmp_path):
    other, names = pictures(29).inputs, list(map(str, pictures(29).labels))
    shares = (other / 255, names)
    with pytest.raises(
        BadInput, match="X must hold bytes, 0 to 255, as the pictures of the training did, but its numb"
    ):
        evaluate(seen.path, data=shares)
    expected = evaluate(seen.path, data=(other, names))["loss"]
    assert evaluate(seen.path, data=shares, units="unit")["loss"] == pytest.approx(expected, rel=1e-5)
    np.savez(tmp_path / "shares.npz", X=shares[0], y=names)
    assert evaluate(seen.path, data=tmp_path / "shares.npz", units="unit")["loss"] == pytest.approx(expected, rel=1e-5)
    with pytest.raises(
        BadInput, match="the training saw bytes, or numbers from 0 to 1, but arrays holds numbers in ot"
    ):
        evaluate(seen.path, data=shares, units="plain")
    with pytest.raises(BadInput, match="units are those of other data, but got 'unit' and no data; leave them out"):
        evaluate(seen.path, units="unit")


def test_pictures_far_from_those_of_the_training_are_told(seen):
    other = pictures(29)
    with pytest.warns(
        LuthierWarning, match="X runs from 48 to 40.., but the pictures of the training from 0 to 255: an"
    ):
        evaluate(seen.path, data=(other.inputs.astype(int) * 16, list(map(str, other.labels))))


def test_pictures_that_are_dark_are_read_as_those_of_the_training(tmp_path):
    """The rule is of the training: whole numbers up to 255 are no bytes to a run of larger ones."""
    X, names = pictures(61).inputs.astype(np.uint16) * 8, list(map(str, pictures(61).labels))
    run = train((X, names), "mlp", epochs=3, batch_size=16, out=tmp_path / "deep", quiet=True)
    dark = np.minimum(X, 255)
    brighter = dark.copy()
    brighter[0, 0, 0, 0] = 256
    one, other = (evaluate(run.path, data=(X, names)) for X in (dark, brighter))
    assert one["accuracy"] == np.mean(np.array(run.predict(dark)) == names)
    assert one["loss"] == pytest.approx(other["loss"], abs=1e-3)


def test_folders_of_pictures_do_not_go_with_plain_numbers(tmp_path):
    X, names = pictures(61).inputs.astype(np.uint16) * 8, list(map(str, pictures(61).labels))
    run = train((X, names), "mlp", epochs=1, out=tmp_path / "deep", quiet=True)
    (tmp_path / "more" / "0").mkdir(parents=True)
    Image.fromarray(pictures(1).inputs[0, ..., 0]).save(tmp_path / "more" / "0" / "a.png")
    with pytest.raises(
        BadInput, match="the training saw numbers in its own units, but more holds bytes, 0 to 255; bri"
    ):
        evaluate(run.path, data=tmp_path / "more")


def test_a_trivial_answer_of_another_size_is_damage_before_the_test_part_is_read(run):
    path = run.path / "result.json"
    write_sealed(path, {**read_sealed(path), "trivial": [1.0]})
    with pytest.raises(DamagedFile, match=r"must hold a trivial answer of 3 numbers"):
        evaluate(run.path, data=DATA)
