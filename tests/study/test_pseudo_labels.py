"""Rounds of pseudo-labels: who is labelled by whom, resumed, checked, refused."""

import dataclasses

import numpy as np
import pytest

from luthier import api
from luthier.api import evaluate, resume, resume_study, train, train_pseudo_labels
from luthier.core.errors import BadInput, DamagedFile
from luthier.data import DataConfig, load
from luthier.data.extra import with_pseudo_labels, write_pseudo_labels
from luthier.data.split import split
from luthier.recipe.read import read_recipe
from luthier.run import Run
from luthier.study import read_study_file, run_directories, train_runs
from luthier.study.pseudo_labels import choose_surest
from luthier.study.verify import fsck
from luthier.testing.material import rows, values

DATA, MORE = rows(53), rows(203).inputs[53:]


def rounds(out, count=2, more=MORE, **settings):
    settings = {"epochs": 2, "quiet": True, "split": {"validation": 0.0}, **settings}
    return train_pseudo_labels(DATA, "mlp", rounds=count, unlabelled=more, out=out, **settings)


def labels_of(path) -> tuple[np.ndarray, np.ndarray]:
    """The pseudo-labelled inputs of a run and their labels."""
    file = path.with_name(f"{path.name}-labels.safetensors")
    found = with_pseudo_labels(load(DATA, unlabelled=MORE), file)
    return found.inputs[found.extra], found.labels[found.extra]


def test_each_round_learns_what_the_last_network_was_surest_of(tmp_path):
    study = rounds(tmp_path / "study")
    runs = [Run(path) for path in study["runs"]]
    assert [run.path for run in runs] == run_directories(tmp_path / "study")
    assert [one["round"] for one in study["by_round"]] == [0, 1, 2]
    for before, run, share in ((runs[0], runs[1], 0.5), (runs[1], runs[2], 1.0)):
        inputs, labels = labels_of(run.path)
        answers = before.predict_proba(MORE)
        chosen = np.sort(np.argsort(-answers.max(1), kind="stable")[: round(150 * share)])
        assert np.array_equal(inputs, MORE[chosen]) and labels.tolist() == answers[chosen].argmax(1).tolist()
        assert run.recipe.data.fingerprint != before.recipe.data.fingerprint
    assert study["test"] == {"mean": runs[2].result["test"]["accuracy"], "interval": None, "n": 1}
    assert fsck(tmp_path / "study") == []


def test_round_0_is_the_training_without_and_all_share_the_test_part(tmp_path):
    rounds(tmp_path / "study", 1)
    alone = train(DATA, "mlp", epochs=2, quiet=True, split={"validation": 0.0}, out=tmp_path / "alone")
    first, second = (Run(tmp_path / "study" / f"seed-0-round-{number}") for number in (0, 1))
    assert np.array_equal(first.predict_proba(MORE), alone.predict_proba(MORE))
    assert not np.array_equal(second.predict_proba(MORE), alone.predict_proba(MORE))
    ways = [load(DATA, unlabelled=MORE), with_pseudo_labels(load(DATA, unlabelled=MORE), _file(tmp_path))]
    assert split(ways[0], 0).test.tolist() == split(ways[1], 0).test.tolist() == split(DATA, 0).test.tolist()


def _file(folder):
    return folder / "study" / "seed-0-round-1-labels.safetensors"


def test_a_study_that_was_cut_off_ends_like_one_that_was_not(tmp_path, monkeypatch):
    whole, trained = rounds(tmp_path / "whole"), []

    def die(prepared, *rest):
        trained.append(len(prepared.trainer.training.examples))
        if len(trained) == 3:
            raise KeyboardInterrupt
        return begun(prepared, *rest)

    begun = train_runs.start_run
    monkeypatch.setattr(train_runs, "start_run", die)
    with pytest.raises(KeyboardInterrupt):
        rounds(tmp_path / "study")
    again = rounds(tmp_path / "study")
    assert trained[1] - trained[0] == 75 and trained[2] == trained[3] == trained[0] + 150
    assert again["by_round"] == whole["by_round"]


def test_seeds_give_an_interval(tmp_path):
    study = rounds(tmp_path / "study", 1, seeds=2, seed=5)
    assert [path.name for path in run_directories(tmp_path / "study")] == [
        "seed-5-round-0", "seed-5-round-1", "seed-6-round-0", "seed-6-round-1",
    ]  # fmt: skip
    assert study["test"]["n"] == 2 and len(study["test"]["interval"]) == 2
    last = [Run(path).result["test"]["accuracy"] for path in study["runs"][1::2]]
    assert study["test"]["mean"] == pytest.approx(np.mean(last))


def test_files_are_found_again(tmp_path):
    """By resume of the study and of a round, and by evaluate of a round."""
    np.savez(tmp_path / "data.npz", X=DATA.inputs, y=DATA.labels)
    np.save(tmp_path / "more.npy", MORE)
    out = tmp_path / "study"
    whole = train_pseudo_labels(
        tmp_path / "data.npz", "mlp", rounds=1, unlabelled=tmp_path / "more.npy", out=out, epochs=2, quiet=True
    )
    assert resume_study(out, quiet=True)["by_round"] == whole["by_round"]
    last = out / "seed-0-round-1"
    assert evaluate(last)["accuracy"] == whole["test"]["mean"]
    assert resume(last, epochs=3, quiet=True).result["epochs"] == 3
    assert read_study_file(out)["rounds"] == 1


def test_nobody_labels_an_example_that_has_a_label():
    data = load(DATA, unlabelled=np.concatenate((DATA.inputs, MORE)))
    recipe = read_recipe({"model": "mlp", "split": {"validation": 0.2, "examples": 20}})

    class Sure:
        def predict_proba(self, X, units):
            assert units is None  # rows have none
            return np.full((len(X), 3), 1 / 3)

    index, labels = choose_surest(Sure(), recipe, data, 1.0)
    parts = split(data, 0, recipe.split)
    known = np.concatenate((parts.train, parts.validation, parts.test))
    assert index.tolist() == sorted({*range(203)} - {*known.tolist()}) and not labels.any()


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (
            {"count": 0},
            "--pseudo-labels must be a whole number at least 1 and at most 1000, but got 0; label the "
            "unlabelled examples in so many rounds, and train on them too; 5 are usual",
        ),
        (
            {"more": None},
            "--pseudo-labels needs examples without labels, but there are none; "
            "give them with --unlabelled, or unlabelled= in Python",
        ),
        (
            {"extra_data": dataclasses.replace(DATA, name="again")},
            "--pseudo-labels makes extra examples of its own, but there are extra ones already; "
            "put those among the data, or leave them out",
        ),
    ],
)
def test_what_cannot_be_labelled_is_refused_before_anything_is_written(tmp_path, settings, line):
    with pytest.raises(BadInput) as caught:
        rounds(tmp_path / "study", **settings)
    assert caught.value.problems == (line,) and not (tmp_path / "study").exists()


def test_values_are_no_classes(tmp_path):
    with pytest.raises(BadInput, match="--pseudo-labels gives classes, but values is for regression"):
        train_pseudo_labels(values(), "mlp", rounds=1, unlabelled=values(9).inputs, out=tmp_path / "a", quiet=True)


def test_unlabelled_examples_that_nothing_uses_are_refused(tmp_path):
    for way in (train, lambda *a, **k: api.train_seeds(*a, seeds=2, **k)):
        with pytest.raises(BadInput) as caught:
            way(DATA, "mlp", unlabelled=MORE, out=tmp_path / "run", quiet=True)
        assert caught.value.problems == (
            "unlabelled examples are for tricks that learn from them, but nothing uses these 150; add "
            "--set tricks.fixmatch.weight=1 or --set tricks.mean-teacher.weight=10, or --pseudo-labels 5",
        )


def test_a_trick_gets_them_and_the_run_says_where_they_were(tmp_path):
    np.save(tmp_path / "more.npy", MORE)
    tricks = {"fixmatch": {"threshold": 0.0}}
    run = train(
        DATA, "mlp", unlabelled=tmp_path / "more.npy", tricks=tricks, epochs=1, quiet=True, out=tmp_path / "run"
    )
    assert run.recipe.data.unlabelled == str(tmp_path / "more.npy")
    plain = train(DATA, "mlp", epochs=1, quiet=True, out=tmp_path / "plain")
    assert not np.array_equal(run.predict_proba(MORE), plain.predict_proba(MORE))


def test_labels_of_other_examples_are_refused(tmp_path):
    file = tmp_path / "labels.safetensors"
    write_pseudo_labels(file, np.array([3, 150]), np.array([0, 1]))
    for data in (DATA, load(DATA, unlabelled=MORE)):
        with pytest.raises(BadInput, match="pseudo-labels belong to the unlabelled examples and classes they were"):
            load(data, data_config=DataConfig(pseudo_labels=str(file)))
    file.write_bytes(b"no tensors")
    with pytest.raises(DamagedFile, match="is not a file of pseudo-labels"):
        load(load(DATA, unlabelled=MORE), data_config=DataConfig(pseudo_labels=str(file)))
