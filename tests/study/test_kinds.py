"""Folds as a study: every example tested once, an interval that allows for what folds share, resumable."""

import dataclasses
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from luthier.api import evaluate, resume_study, train, train_curve, train_folds, train_seeds
from luthier.core.errors import BadInput
from luthier.core.files import read_sealed, write_sealed
from luthier.data.split import split
from luthier.run import Run
from luthier.stats import mean_interval, resampled_interval
from luthier.study import train_runs
from luthier.study.kinds import choose_sizes
from luthier.study.verify import fsck
from luthier.testing.material import rows, values

DATA = rows(53)


def folds(out: Path, count: int = 3, data=DATA, **settings) -> dict:
    return train_folds(data, "mlp", folds=count, out=out, **{"epochs": 1, "quiet": True, **settings})


def test_every_example_is_tested_once_and_every_fold_has_its_seed(tmp_path):
    study = folds(tmp_path / "study", seed=4)
    runs = [Run(path) for path in study["runs"]]
    assert [run.path.name for run in runs] == ["fold-0", "fold-1", "fold-2"]
    assert [run.recipe.seed for run in runs] == [4, 5, 6]
    tests = [split(DATA, run.recipe.seed, run.recipe.split).test for run in runs]
    assert sorted(np.concatenate(tests).tolist()) == list(range(53))
    assert [run.result["test"]["n"] for run in runs] == list(map(len, tests))
    found = resampled_interval([run.result["test"]["accuracy"] for run in runs], 1 / 2, within=(0, 1))
    assert study["test"] == {"mean": found.estimate, "interval": [found.low, found.high], "n": 3}
    assert fsck(tmp_path / "study") == []


def test_the_interval_is_wider_than_that_of_independent_runs(tmp_path):
    study = folds(tmp_path / "study", data=values(67))
    assert study["metric"] == "r2"
    plain = mean_interval([Run(path).result["test"]["r2"] for path in study["runs"]], within=(-np.inf, 1))
    assert study["test"]["interval"][0] < plain.low and study["test"]["mean"] == plain.estimate


def test_repeats_deal_anew(tmp_path):
    study = folds(tmp_path / "study", 2, repeats=2)
    ways = [Run(path).recipe for path in study["runs"]]
    assert [one.split.fold for one in ways] == [0, 1, 2, 3] and study["test"]["n"] == 4
    tests = [set(split(DATA, one.seed, one.split).test.tolist()) for one in ways]
    assert tests[0].isdisjoint(tests[1]) and tests[2].isdisjoint(tests[3]) and tests[0] not in tests[2:]


def test_a_study_of_folds_goes_on(tmp_path, monkeypatch):
    np.savez(tmp_path / "data.npz", X=DATA.inputs, y=DATA.labels)
    whole = folds(tmp_path / "straight", data=tmp_path / "data.npz")
    begun = train_runs.start_run

    def die(prepared, *rest):
        if prepared.recipe.split.fold == 1:
            raise KeyboardInterrupt
        return begun(prepared, *rest)

    monkeypatch.setattr(train_runs, "start_run", die)
    with pytest.raises(KeyboardInterrupt):
        folds(tmp_path / "study", data=tmp_path / "data.npz")
    assert fsck(tmp_path / "study") == []
    monkeypatch.undo()
    assert resume_study(tmp_path / "study", quiet=True)["test"] == whole["test"]


def test_fsck_knows_which_fold_belongs_where(tmp_path):
    folds(tmp_path / "study")
    one, other = (tmp_path / "study" / name for name in ("fold-0", "fold-1"))
    one.rename(tmp_path / "kept")
    other.rename(one)
    (tmp_path / "kept").rename(other)
    assert fsck(tmp_path / "study") == [f"{path} is of another recipe than its study" for path in (one, other)]


def test_fsck_adds_up_again(tmp_path):
    folds(tmp_path / "study")
    path = tmp_path / "study" / "study.json"
    ledger = read_sealed(path)
    write_sealed(path, {**ledger, "test": {**ledger["test"], "mean": 1.0}})
    assert fsck(tmp_path / "study") == [f"{path} sums up other results than those of its runs"]


def test_a_fold_is_evaluated_on_its_own_part(tmp_path):
    study = folds(tmp_path / "study")
    run = Run(study["runs"][1])
    found = evaluate(run.path, data=DATA)
    assert (found["part"], found["n"], found["accuracy"]) == (
        "test part", run.result["test"]["n"], run.result["test"]["accuracy"],
    )  # fmt: skip


def test_folds_do_not_count_as_reads_of_an_official_test_part(tmp_path):
    official = dataclasses.replace(DATA, official_test=np.arange(53) < 9)
    study = folds(tmp_path / "study", 2, data=official)
    assert [Run(path).result["test_reads"] for path in study["runs"]] == [1, 2]
    assert train(official, "mlp", epochs=1, out=tmp_path / "run", quiet=True).result["test_reads"] == 1


WRONG = [
    ({"count": 1}, "--folds must be a whole number at least 2 and at most 10000, but got 1; train on all folds "
                   "but one, "
                   "for each of this many, and print the mean; 5 or 10 are usual"),
    ({"repeats": 0}, "--repeats must be a whole number at least 1 and at most 10000, but got 0; deal the folds "
                     "this many "
                     "times; leave it out for one deal"),
    ({"count": 10_001}, "--folds must be a whole number at least 2 and at most 10000, but got 10001; train on "
                        "all folds "
                        "but one, for each of this many, and print the mean; 5 or 10 are usual"),
    ({"count": 1000, "repeats": 101}, "--folds times --repeats must be at most 100000 runs, but got 101000; "
                                      "lower one of "
                                      "them"),
    ({"split": {"folds": 5, "fold": 1}},
     "folds are dealt to the whole of the data, but the recipe is fold 1 of 5; take split.folds and split.fold out"),
    ({"count": 30},
     "every class needs 30 examples or more that may part, one for each fold, but 0 has 18, 1 has 18, 2 has 17; "
     "ask for fewer folds, add examples or set split.name = 'random'"),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "problem"), WRONG)
def test_what_cannot_be_dealt_is_refused_before_anything_is_written(tmp_path, settings, problem):
    with pytest.raises(BadInput) as caught:
        folds(tmp_path / "study", **settings)
    assert str(caught.value) == problem and not (tmp_path / "study").exists()


def test_another_number_of_folds_is_another_study(tmp_path):
    folds(tmp_path / "study", 2)
    with pytest.raises(BadInput) as caught:
        folds(tmp_path / "study", 3)
    assert str(caught.value) == (
        f"the study in {tmp_path / 'study'} is of another recipe or other folds than 3 in 1 deals from seed 0 on; "
        "choose another --out"
    )


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
