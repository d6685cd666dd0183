"""The learning curve: the same test part, fewer examples part of more, a picture."""

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from luthier.api import train_curve, train_seeds
from luthier.core.errors import BadInput
from luthier.data.split import split
from luthier.run import Run
from luthier.study.kinds import choose_sizes
from luthier.study.verify import fsck
from luthier.testing.material import rows

DATA = rows(53)


def curve(out: Path, **settings) -> dict:
    return train_curve(DATA, "mlp", out=out, **{"seeds": 2, "epochs": 1, "quiet": True, **settings})


def test_points_are_means_over_seeds_on_one_test_part(tmp_path):
    study = curve(tmp_path / "study", sizes=[30, 5, 14])
    assert [point["n"] for point in study["points"]] == [5, 14, 30]
    runs = [Run(path) for path in study["runs"]]
    parts = [split(DATA, run.recipe.seed, run.recipe.split) for run in runs]
    assert len({tuple(one.test) for one in parts}) == 1
    assert [len(one.train) for one in parts] == [5, 5, 14, 14, 30, 30]
    for few, more in zip(parts[:-2], parts[2:], strict=True):
        assert set(few.train) < set(more.train) and few.validation.tolist() == more.validation.tolist()
    for number, point in enumerate(study["points"]):
        accuracies = [run.result["test"]["accuracy"] for run in runs[2 * number : 2 * number + 2]]
        assert point["mean"] == pytest.approx(np.mean(accuracies)) and point["seeds"] == 2
    assert fsck(tmp_path / "study") == []
    picture = Path(study["picture"])
    assert picture == tmp_path / "study" / "learning-curve.svg"
    words = [one.text for one in ET.fromstring(picture.read_text()).iter("{http://www.w3.org/2000/svg}text")]
    assert {"5", "14", "30", "training examples"} <= set(words)


def test_all_examples_are_what_a_study_of_seeds_trains_on(tmp_path):
    size = len(split(DATA, 0).train)
    study = curve(tmp_path / "study", sizes=[5, size])
    seeds = train_seeds(DATA, "mlp", seeds=2, epochs=1, quiet=True, out=tmp_path / "seeds")
    assert study["points"][-1]["mean"] == seeds["test"]["mean"]


def test_a_lost_picture_is_noticed_and_drawn_anew(tmp_path):
    study = curve(tmp_path / "study", sizes=[5, 9])
    text = Path(study["picture"]).read_text()
    Path(study["picture"]).unlink()
    (problem,) = fsck(tmp_path / "study")
    assert problem.startswith(f"{study['picture']} is missing or is not the picture of the study")
    assert curve(tmp_path / "study", sizes=[5, 9]) == study and Path(study["picture"]).read_text() == text


def test_sizes_are_halved_down_to_a_sixteenth_while_every_class_has_an_example():
    assert choose_sizes(None, 1295, 10) == (80, 161, 323, 647, 1295)
    assert choose_sizes(None, 50, 10) == (12, 25, 50)
    assert choose_sizes((7, 3, 7), 7, 0) == (3, 7)


@pytest.mark.parametrize("sizes", [(2, 9), (9, 40), (9,), ()])
def test_sizes_out_of_range_are_refused(sizes, tmp_path):
    with pytest.raises(BadInput) as caught:
        curve(tmp_path / "study", sizes=sizes)
    assert str(caught.value) == (
        "a learning curve needs two numbers of examples or more, from 3 to 39, which are left to train on, "
        f"but got {', '.join(map(str, sizes)) or 'none'}; choose others, or let them be chosen with auto"
    )
    assert not (tmp_path / "study").exists()
