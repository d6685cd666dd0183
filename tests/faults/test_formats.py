"""Runs that earlier versions wrote open for ever: see `rig.assets` for how the files in assets/ came to be."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from luthier.run import Run
from luthier.study.verify import fsck

from .rig.assets import INTERRUPTED_AT
from .rig.client import Server
from .rig.world import STEPS, dataset

FORMATS = sorted((Path(__file__).parent / "assets").iterdir())
LARGEST = 60_000
formats = pytest.mark.parametrize("folder", FORMATS, ids=lambda folder: folder.name)


def test_the_formats_so_far() -> None:
    assert [folder.name for folder in FORMATS] == ["format-1"]
    assert sum(path.stat().st_size for path in FORMATS[0].rglob("*") if path.is_file()) < LARGEST


@formats
@pytest.mark.parametrize("name", ["finished", "interrupted"])
def test_a_run_is_whole(folder: Path, name: str) -> None:
    assert fsck(folder / name) == []


@formats
def test_a_finished_run_answers_as_it_did(folder: Path) -> None:
    run = Run(folder / "finished")
    answers = json.loads((folder / "answers.json").read_text())
    np.testing.assert_allclose(run.predict_proba(dataset().inputs), answers, atol=1e-5)
    assert run.classes == ("0", "1", "2")
    assert run.result["steps"] == STEPS
    assert [row["kind"] for row in run.history] == ["train", "validation"] * 2


@formats
def test_an_interrupted_run_goes_on_to_the_same_end(server: Server, folder: Path, tmp_path: Path) -> None:
    """Not to the bit: it says itself that it was begun elsewhere."""
    root = Path(shutil.copytree(folder / "interrupted", tmp_path / "run"))
    ended = server.train(root)
    assert (ended.status, ended.problems, ended.steps) == (0, [], STEPS - INTERRUPTED_AT), ended
    (warning,) = ended.warnings
    assert warning.startswith("the result may differ in its last bits from the uninterrupted run")
    expected, found = (load_file(one / "model.safetensors") for one in (folder / "finished", root))
    assert expected.keys() == found.keys()
    for name, tensor in expected.items():
        np.testing.assert_allclose(found[name], tensor, rtol=1e-4, atol=1e-6, err_msg=name)


@formats
def test_a_finished_run_goes_on_to_more_epochs(server: Server, folder: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(folder / "finished", tmp_path / "run"))
    ended = server.train(root, epochs=3)
    assert (ended.status, ended.problems, ended.steps) == (0, [], STEPS // 2), ended
    assert Run(root).result["epochs"] == 3
