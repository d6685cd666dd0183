"""Runs from before the house was rebuilt stay readable, answer as they did and go on.

`luthier train digits` left them in tests/assets/run_before_the_spine: a small LeNet-5 with dropout, rotation and
EMA, once to its end, and once until a signal in the middle of the second epoch. The locks, the page and an older
checkpoint were taken out, and the machine was given another name. They are never written again: what a later version
writes proves nothing about what an earlier one wrote.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from sklearn.datasets import load_digits

import luthier
from luthier.cli import main
from luthier.core.errors import LuthierWarning

ASSETS = Path(__file__).parents[1] / "assets" / "run_before_the_spine"
FINISHED, INTERRUPTED = ASSETS / "finished", ASSETS / "interrupted"
LARGEST = 300_000
EPOCHS, STEPS, STEPS_OF_INTERRUPTED = 4, 164, 50


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits.astype(np.float64) - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the interrupted run, which may be written to."""
    return Path(shutil.copytree(INTERRUPTED, tmp_path / "run"))


def test_assets_stay_small() -> None:
    assert sum(path.stat().st_size for path in ASSETS.rglob("*") if path.is_file()) <= LARGEST


@pytest.mark.parametrize("path", [FINISHED, INTERRUPTED], ids=lambda path: path.name)
def test_fsck_is_clean(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["fsck", str(path), "--json"])
    said = json.loads(capsys.readouterr().out)
    assert (left.value.code, said["problems"]) == (0, [])


def test_finished_run_is_read() -> None:
    run = luthier.load(FINISHED)
    assert run.classes == tuple("0123456789")
    assert (run.recipe.seed, run.recipe.model.name, run.recipe.training.epochs) == (3, "lenet5", EPOCHS)
    assert [part.name for part in (*run.recipe.augment, *run.recipe.tricks)] == ["rotation", "ema"]
    assert (run.result["epochs"], run.result["steps"]) == (EPOCHS, STEPS)
    assert run.recipe.hash() == run.result["recipe_hash"]
    rows = [json.loads(line) for line in (FINISHED / "history.jsonl").read_text().splitlines()]
    assert run.history == rows
    assert [row["epoch"] for row in rows if row["kind"] == "validation"] == [1, 2, 3, 4]


def test_finished_run_answers_as_it_did() -> None:
    stored = load_file(FINISHED / "predictions.safetensors")
    pictures = np.rint(load_digits().images[stored["index"]] * 255 / 16).astype(np.uint8)  # as `digits` are read
    run = luthier.load(FINISHED)
    expected = softmax(stored["answers"])
    np.testing.assert_allclose(run.predict_proba(pictures), expected, atol=1e-6)
    assert run.predict(pictures) == [str(k) for k in expected.argmax(1)]
    assert run.result["test"]["accuracy"] == np.mean(expected.argmax(1) == stored["truth"])


def test_interrupted_run_goes_on_to_the_end_of_the_finished_one(copy: Path) -> None:
    with pytest.raises(luthier.BadInput, match="result"):
        _ = luthier.load(copy).result
    with pytest.warns(LuthierWarning, match="the result may differ in its last bits"):
        run = luthier.resume(copy, quiet=True)
    assert (run.result["epochs"], run.result["steps"]) == (EPOCHS, STEPS)
    before, after = ((path / "history.jsonl").read_text().splitlines() for path in (INTERRUPTED, copy))
    assert after[: len(before)] == before
    assert json.loads(before[-1])["step"] == STEPS_OF_INTERRUPTED
    expected, found = (load_file(path / "model.safetensors") for path in (FINISHED, copy))
    assert expected.keys() == found.keys()
    for name, tensor in expected.items():
        np.testing.assert_allclose(found[name], tensor, rtol=1e-4, atol=1e-5, err_msg=name)  # processors differ
