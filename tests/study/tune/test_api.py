"""Whole studies of small networks: what they say, that they say it again, and how they are refused."""

import json
import shutil
import signal
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from luthier.cli import main
from luthier.core.errors import BadInput, LuthierError
from luthier.core.files import write_sealed
from luthier.recipe.read import read_recipe
from luthier.recipe.values import read_toml
from luthier.run import Run
from luthier.study.tune import resume_tune, tune
from luthier.study.tune import study as room
from luthier.study.verify import RESTORE, fsck
from luthier.testing.material import rows, values

from .process import gone, marked, started, timeless

SPACE = {"model": {"width": {"low": 8, "high": 256}}, "optimizer": {"learning_rate": {"high": 0.03}}}
ASKED = {"epochs": 3, "trials": 6, "race_seeds": 1, "fresh_seeds": 2, "seed": 3, "space": SPACE, "quiet": True}
ARGUMENTS = [
    "digits",
    "--model",
    "mlp",
    "--epochs",
    3,
    "--trials",
    6,
    "--race-seeds",
    1,
    "--fresh-seeds",
    2,
    "--seed",
    3,
]
DIVERGES = {"name": "sgd", "learning_rate": 1e30}
TOML = "[model.width]\nlow = 8\nhigh = 256\n[optimizer.learning_rate]\nhigh = 0.03\n"


def digits(out, workers=1, **more):
    return tune("digits", "mlp", out=out, workers=workers, **{**ASKED, **more})


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study that nothing happened to, and what it gave."""
    root = tmp_path_factory.mktemp("study") / "tune"
    return root, digits(root)


def test_a_study_says_what_was_found(study):
    root, found = study
    assert found["study"] == str(root) and found["kind"] == "tune" and found["metric"] == "accuracy"
    assert [one["number"] for one in found["trial_list"]] == list(range(6))
    assert [one["how"] for one in found["trial_list"]] == ["default", *["quasi-random"] * 4, "tpe"]
    assert found["trial_list"][0]["state"] == "finished" and set(found["trial_list"][0]["scores"]) == {"1", "2", "3"}
    search = found["search"]
    assert search["trials"] == 6 == sum(search[name] for name in ("finished", "stopped", "diverged", "failed"))
    assert found["budget"] == {"search_epochs": 18, "race_epochs": 15, "fresh_epochs": 12, "final_epochs": 3}
    assert len({one["seed"] for one in found["trial_list"]}) == 6
    seeds = {*found["race"]["seeds"], *found["fresh"]["seeds"], *(one["seed"] for one in found["trial_list"]), 3}
    assert len(seeds) == 6 + 1 + len(found["fresh"]["seeds"]) + 1  # no two stages meet
    expected = [one["mean"] for one in found["expected_best"]]
    assert expected == sorted(expected) and expected[-1] == max(
        one["score"] for one in found["trial_list"] if one["state"] == "finished"
    )


def test_the_runs_of_a_study_are_there_and_whole(study):
    root, found = study
    assert fsck(root) == []
    run = Run(root / "run")
    best = found["best"]["recipe"] if found["shipped"] == "best" else found["recipe"]
    assert run.recipe.dump()["model"] == best["model"] and run.recipe.seed == 3
    assert run.result["test"] == found["test"]
    assert read_toml(root / "best.toml")["model"]["width"] == found["best"]["recipe"]["model"]["width"]
    results = [str(path.relative_to(root)) for path in root.rglob("result.json")]
    assert results == ["run/result.json"]  # the test part was read once
    assert json.loads((root / "study.json").read_text())["trial_list"] == json.loads(json.dumps(found["trial_list"]))


def test_two_workers_give_the_same_study(study, tmp_path):
    root, found = study
    other = digits(tmp_path / "two", workers=2)
    assert timeless(other, tmp_path / "two") == timeless(found, root)


@pytest.mark.slow
def test_another_seed_gives_another_study(study, tmp_path):
    other = digits(tmp_path / "other", seed=4, trials=2, race_seeds=0, fresh_seeds=0)
    assert other["trial_list"][1]["params"] != study[1]["trial_list"][1]["params"]
    assert other["race"] is None and other["fresh"]["difference"] is None and other["shipped"] == "default"


def test_the_same_question_in_the_same_place_trains_nothing_anew(study, tmp_path, capsys):
    root, found = study
    (tmp_path / "space.toml").write_text(TOML)
    kept = {path: path.stat().st_mtime_ns for path in root.rglob("history.jsonl")}
    with pytest.raises(SystemExit) as caught:
        main([str(one) for one in ("tune", *ARGUMENTS, "--space", tmp_path / "space.toml", "--out", root, "--json",
                                   "--quiet", "--workers", 1)])  # fmt: skip
    assert caught.value.code == 0
    (line,) = capsys.readouterr().out.splitlines()
    said = json.loads(line)
    assert {"study", "trials", "best", "fresh", "run"} <= said.keys()
    assert {"recipe", "search_score"} <= said["best"].keys() and said["trials"] == 6
    assert {"default", "best", "difference", "interval"} <= said["fresh"].keys()
    for key, value in timeless(json.loads(json.dumps(found)), root).items():
        assert timeless(said, root)[key] == value, key
    assert {path: path.stat().st_mtime_ns for path in root.rglob("history.jsonl")} == kept


@pytest.mark.slow
def test_a_study_goes_on_to_another_end(tmp_path):
    first = digits(tmp_path / "study", trials=2, race_seeds=0, fresh_seeds=0)
    found = resume_tune(tmp_path / "study", trials=8, workers=2, quiet=True)
    assert len(found["trial_list"]) == 8 and found["trials"] == 8
    assert [one["params"] for one in found["trial_list"][:2]] == [one["params"] for one in first["trial_list"]]
    assert fsck(tmp_path / "study") == []
    again = resume_tune(tmp_path / "study", quiet=True, workers=1)
    assert timeless(again, tmp_path) == timeless(found, tmp_path)


def test_a_study_goes_on_with_all_that_it_was_given_from_python(tmp_path, monkeypatch):
    data = rows(131)
    known = {
        "weights": np.linspace(0.5, 2, 131), "groups": np.arange(131) // 3, "times": np.arange(131.0),
        "extra_data": (data.inputs[:17] + 1, data.labels[:17]), "unlabelled": data.inputs[:19] - 1,
    }  # fmt: skip
    kept = []

    def written(plan, dataset, place, pool):
        kept.append((plan, dataset))
        place.root.mkdir(exist_ok=True)
        write_sealed(place.root / "study.json", {**plan.dump(), "storage": None, "site": ""})
        return {}

    monkeypatch.setattr(import_module("luthier.study.tune.api"), "run_plan", written)
    tune((data.inputs, data.labels), "mlp", out=tmp_path / "study", workers=1, quiet=True, **known)
    resume_tune(tmp_path / "study", data=(data.inputs, data.labels), workers=1, quiet=True, **known)
    (first, given), (again, found) = kept
    assert again == first and found.fingerprint == given.fingerprint
    assert found.unlabelled is not None and np.array_equal(found.groups, given.groups)


def test_values_from_arrays_and_a_network_that_is_small(tmp_path):
    data = values(97)
    found = tune((data.inputs, data.labels), "mlp", epochs=2, trials=3, race_seeds=1, fresh_seeds=2, workers=1,
                 out=tmp_path / "study", quiet=True, cost="parameters")  # fmt: skip
    assert found["metric"] == "r2" and list(found["objectives"]) == ["r2", "parameters"] and found["front"]
    assert {one["trial"] for one in found["front"]} <= {0, 1, 2}
    assert found["trial_list"][0]["values"] == [7 * 128 + 128 + 128 * 128 + 128 + 128 + 1]
    assert "augmentation-strength" not in [one["path"] for one in found["space"]]


def test_a_table_in_a_file(tmp_path):
    rows = [f"{number % 7},{number % 5},{'yes' if number % 7 + number % 5 > 4 else 'no'}" for number in range(120)]
    (tmp_path / "table.csv").write_text("\n".join(["one,other,target", *rows]))
    settings = {"data": {"target": "target"}, "training": {"epochs": 1}, "split": {"validation": 0.2}}
    found = tune(str(tmp_path / "table.csv"), recipe=settings, trials=2, race_seeds=0, fresh_seeds=0, workers=1,
                 out=tmp_path / "study", quiet=True)  # fmt: skip
    assert found["recipe"]["model"]["name"] == "mlp" and found["test"]["n"] > 0


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"trials": 1}, "--trials must be a whole number at least 2 and at most 100000, but got 1"),
        ({"workers": 0}, "--workers must be a whole number at least 1 and at most 1024, but got 0"),
        ({"minutes": 0}, "--minutes must be a number above 0"),
        ({"minutes": float("inf")}, "--minutes must be a number above 0"),
        ({"fresh_seeds": 1}, "--fresh-seeds must be 0 or at least 2"),
        ({"sampler": "tpee"}, "did you mean 'tpe'?"),
        ({"pruner": "ashaa"}, "did you mean 'asha'?"),
        ({"cost": "bytes"}, "--cost must be one of flops, latency, parameters, but got 'bytes'"),
        ({"cost": "flops", "pruner": "asha"}, "cannot be stopped early"),
        ({"space": {"model": {"wdth": {}}}}, "did you mean 'model.width'?"),
        ({"space": "none.toml"}, "none.toml"),
        ({"split.validation": 0.0}, "trials are compared on a validation part"),
        ({"storage": "sqlite:////no/such/folder/studies.db"}, "--storage must be a database that can be reached"),
        ({"storage": "nonsense"}, "--storage must be a database that can be reached"),
    ],
)
def test_nonsense_is_refused_before_anything_is_trained(settings, words, tmp_path):
    overrides = {key: one for key, one in settings.items() if "." in key}
    recipe = {"split": {"validation": 0.0}} if overrides else None
    asked = {key: one for key, one in settings.items() if "." not in key}
    with pytest.raises(BadInput) as caught:
        digits(tmp_path / "study", recipe=recipe, **asked)
    assert words in str(caught.value)
    assert not (tmp_path / "study").exists()


def test_another_question_in_the_same_place_is_refused(study, tmp_path):
    root, found = study
    for other in ({"epochs": 4}, {"sampler": "random"}, {"seed": 5}, {"space": {"model": {"width": {}}}}):
        with pytest.raises(BadInput, match="is of another recipe or another plan"):
            digits(root, **other)
    (tmp_path / "file").write_text("something")
    with pytest.raises(BadInput, match="must be new or empty"):
        digits(tmp_path)
    with pytest.raises(BadInput, match="must be the directory of a tuning study"):
        resume_tune(tmp_path)
    assert json.loads((root / "study.json").read_text())["shipped"] == found["shipped"]


def test_a_budget_that_holds_no_training_says_how_long_one_takes(tmp_path):
    with pytest.raises(BadInput, match=r"got 0\.001 minutes: a training takes \d+ s, and those runs \d+ s; give"):
        digits(tmp_path / "study", trials=None, minutes=0.001)


@pytest.mark.slow
def test_a_study_whose_budget_was_too_small_goes_on_with_another(tmp_path):
    with pytest.raises(BadInput):
        digits(tmp_path / "study", trials=None, minutes=0.001)
    found = resume_tune(tmp_path / "study", trials=2, workers=1, quiet=True)
    assert len(found["trial_list"]) >= 2 and fsck(tmp_path / "study") == []


def test_an_interrupt_leaves_with_a_word_on_how_to_go_on(tmp_path):
    (tmp_path / "space.toml").write_text(TOML)
    root, mark = tmp_path / "study", str(tmp_path)
    command = started("tune", *ARGUMENTS, "--space", tmp_path / "space.toml", "--out", root, "--workers", 2, mark=mark)
    with command:
        for line in command.stderr:
            if line.startswith("trial"):
                break
        assert len(marked(mark)) == 3
        command.send_signal(signal.SIGINT)
        _, said = command.communicate(timeout=60)
    assert command.returncode == 130 and f"go on with: luthier tune --resume {root}" in said
    assert gone(mark)
    assert 0 < len(json.loads((root / "study.json").read_text())["trial_list"]) <= 6


def test_a_default_that_diverges_is_refused_and_is_refused_again(tmp_path):
    data = values(97)
    asked = {"trials": 2, "epochs": 1, "workers": 1, "quiet": True, "out": tmp_path / "study"}
    recipe = {"optimizer": {"name": "sgd", "learning_rate": 1e30}}
    for _ in range(2):
        with pytest.raises(BadInput, match="starts from a recipe that can be trained, but the one given diverged"):
            tune((data.inputs, data.labels), "mlp", recipe=recipe, **asked)


def test_a_recipe_that_cannot_be_made_is_refused_before_anything_is_written(tmp_path):
    data = rows(97)
    with pytest.raises(BadInput, match="top-5"):
        tune((data.inputs, data.labels), "mlp", monitor="top-5", out=tmp_path / "study", quiet=True)
    assert not (tmp_path / "study").exists()


def test_a_last_run_that_diverges_leaves_the_answer(study, tmp_path, monkeypatch):
    root = copied(study[0], tmp_path)
    shutil.rmtree(root / "run")
    monkeypatch.setattr(
        room, "_selected_recipe", lambda plan, found: read_recipe({**plan.recipe.dump(), "optimizer": DIVERGES})
    )
    with pytest.raises(LuthierError, match=r"could not be trained under the study's seed: .*finite"):
        resume_tune(root, quiet=True, workers=1)
    content = json.loads((root / "study.json").read_text())
    assert content["fresh"] == json.loads(json.dumps(study[1]["fresh"])) and "run" not in content


def test_where_further_trials_change_what_is_kept_it_has_a_run_of_its_own(tmp_path):
    root, recipe = tmp_path / "tune", {"optimizer": {"learning_rate": 1e-5}}
    few = digits(root, recipe=recipe, trials=2)
    before = Run(root / "run").recipe
    more = resume_tune(root, trials=6, quiet=True, workers=1)
    assert more["shipped"] == "best" and (few["shipped"] == "default" or few["best"] != more["best"])
    run = Run(root / "run")
    assert run.recipe.hash() == read_recipe(more["best"]["recipe"]).hash() != before.hash()
    assert run.result["test"] == more["test"]
    assert Run(root / f"run-{before.hash()[:8]}").recipe == before
    assert fsck(root) == []
    shutil.rmtree(root / "run")
    (root / f"run-{before.hash()[:8]}").rename(root / "run")
    assert any("is of another recipe than the one that is kept" in one for one in fsck(root))


def test_fsck_tells_of_a_journal_or_runs_that_are_gone(study, tmp_path):
    def told(harm):
        root = copied(study[0], tmp_path / harm.__name__)
        harm(root)
        before = sorted(one.name for one in root.iterdir())
        found = fsck(root)
        assert sorted(one.name for one in root.iterdir()) == before
        return found

    def missing(root):
        (root / "trials.journal").unlink()

    def emptied(root):
        (root / "trials.journal").write_bytes(b"")

    def cut(root):
        lines = (root / "trials.journal").read_bytes().splitlines(keepends=True)
        (root / "trials.journal").write_bytes(b"".join(lines[: len(lines) * 2 // 3]))

    def without_run(root):
        shutil.rmtree(root / "run")

    def without_fresh(root):
        shutil.rmtree(next(root.glob("race-*")))

    def without_trial(root):
        shutil.rmtree(root / "trial-0001")

    assert ["is missing or empty" in told(harm)[0] for harm in (missing, emptied)] == [True, True]
    assert any("lacks trials or runs" in one for one in told(cut))
    assert any("run/result.json is missing" in one for one in told(without_run))
    assert any(one.endswith(f"is missing, but the trial log has its scores; {RESTORE}") for one in told(without_fresh))
    assert f"trial-0001 is missing, but the trial log has its scores; {RESTORE}" in told(without_trial)[0]


def copied(root, folder):
    return Path(shutil.copytree(root, folder / "copy"))


def test_the_room_lists_what_it_offers():
    room_itself = import_module("luthier.study.tune")
    assert set(room_itself.__all__) <= set(dir(room_itself))
    with pytest.raises(AttributeError, match="no attribute 'tuen'"):
        _ = room_itself.tuen
