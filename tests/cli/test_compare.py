"""luthier compare: its JSON object, its words, its refusals."""

import pytest


@pytest.fixture
def weak(luthier, run):
    """A run that has hardly learned, beside the usual one."""
    settings = ["--epochs", 1, "--set", "optimizer.learning_rate=1e-6", "--out", "weak", "--quiet"]
    assert luthier("train", "rows.npz", *settings).status == 0
    return "weak"


def test_json_is_one_object(luthier, run, weak):
    done = luthier("compare", run, weak, "--json")
    (found,) = done.json["comparisons"]
    assert found["paired"] and (found["first"], found["second"]) == ("run", "weak")
    assert found["differences"][0].keys() >= {"metric", "difference", "interval", "n", "method", "test", "p"}
    assert [one["path"] for one in done.json["subjects"]] == ["run", "weak"] and done.err == ""


def test_people_are_told_the_difference_and_what_it_means(luthier, run, weak):
    found = luthier("compare", run, weak, "--json").json["comparisons"][0]["differences"][0]
    lines = luthier("compare", run, weak).out.splitlines()
    assert lines[0] == "weak less run:"
    assert lines[2].split()[:3] == ["accuracy", "higher", f"{found['difference']:.4g}"]
    resolved = found["interval"][1] < 0 and found["p"] < 0.05
    assert lines[-2].startswith("accuracy: the second is worse" if resolved else "accuracy: not resolved; ")
    assert lines[-1].startswith("one training of each: nothing is said about other seeds")
    assert [line.split()[0] for line in lines[3:-2]] == ["auroc", "log-loss", "macro-f1", "ece"]


def test_several_are_told_with_adjusted_values(luthier, run, weak):
    lines = luthier("compare", run, weak, run).out.splitlines()
    assert "p, Holm's" in lines[1] and [line for line in lines if line.endswith(" less run:")] == [
        "weak less run:", "run less run:",
    ]  # fmt: skip


def test_what_is_not_paired_says_why_and_is_no_failure(luthier, run):
    settings = ["--set", "split.folds=3", "--set", "split.fold=1", "--epochs", 1, "--out", "x"]
    assert luthier("train", "rows.npz", *settings).status == 0
    done = luthier("compare", run, "x")
    assert done.status == 0 and done.out.splitlines()[1].startswith("not paired: their test parts differ")


def test_one_is_refused_and_so_is_what_is_no_run(luthier, run):
    assert luthier("compare", run).problems == ["a comparison needs two runs or studies, but got 1; name another"]
    (problem,) = luthier("compare", run, "nowhere").problems
    assert problem.startswith("a run is a directory with a recipe.toml, but nowhere has none")


@pytest.mark.parametrize(
    ("interval", "p", "words"),
    [
        ([0.1, 0.3], 0.01, "accuracy: the second is better"),
        ([-0.3, -0.1], 0.01, "accuracy: the second is worse"),
        ([0.1, 0.3], 0.06, "accuracy: not resolved; differences from 0.1 to 0.3 fit what was seen"),
        ([-0.1, 0.3], None, "accuracy: not resolved; differences from -0.1 to 0.3 fit what was seen"),
        (None, None, "accuracy: no interval; there are too few, or no two that differ"),
    ],
)
def test_the_verdict_needs_the_interval_and_the_test(interval, p, words):
    from luthier.cli.compare import conclude

    found = {"metric": "accuracy", "better": "higher", "interval": interval, "p": p,
             "difference": interval and sum(interval) / 2}  # fmt: skip
    assert conclude(found, several=False) == words
    lower = {**found, "better": "lower"}
    assert ("better" in conclude(lower, several=False)) == ("worse" in words)
