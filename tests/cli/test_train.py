"""luthier train: precedence, the run, the study, and what is refused before anything is written."""

import json
import pickle
import re
import tomllib
from pathlib import Path

import pytest

from luthier.data.augment import AUGMENTATIONS
from luthier.data.images import cache
from luthier.models import ARCHITECTURES, MLP, LeNet5
from luthier.recipe.read import LARGEST_SEED, read_recipe
from luthier.recipe.values import read_toml
from luthier.run import Run
from luthier.study.verify import fsck

from ..data.images.conftest import classes, write

KEYS = {
    "run", "recipe_hash", "parameters", "epochs", "seconds", "examples_per_second", "validation", "test",
    "peak_memory_bytes", "test_reads", "seed", "fingerprint",
}  # fmt: skip
BEFORE = {"rows.npz", "pictures.npz"}

RECIPE = """
seed = 3
[data]
source = "pictures.npz"
[model]
name = "mlp"
width = 11
[training]
epochs = 2
batch_size = 8
[optimizer]
learning_rate = 0.5
"""


def resolved(path: str) -> dict:
    return read_toml(Path(path) / "recipe.toml")


def refused(luthier, here, *arguments) -> list[str]:
    """The problems; and nothing was written."""
    kept = {path.name for path in here.iterdir()}
    problems = luthier("train", *arguments, "--out", "new/run").problems
    assert {path.name for path in here.iterdir()} == kept
    return problems


@pytest.mark.parametrize("command", ["train --out run", "find-lr", "preview --out preview.png"])
@pytest.mark.parametrize("setting", ["optimzer.learning_rate=0.1", "data.sise=9", "augment.rotation.degree=3"])
def test_what_is_misspelt_is_told_before_the_data_are_read(luthier, here, monkeypatch, command, setting):
    """To decode many pictures may take an hour."""

    def caught(*arguments):
        raise AssertionError("nothing may be decoded yet")

    write(here / "animals", classes())
    monkeypatch.setattr(cache, "decode_all", caught)
    (problem,) = luthier(*command.split(), "animals", "--set", setting).problems
    assert re.search("is not a (section|setting) that exists; did you mean", problem)


def test_json_is_one_object_with_the_whole_result(luthier):
    done = luthier("train", "rows.npz", "--epochs", 2, "--out", "run", "--json")
    found = done.json
    assert found.keys() >= KEYS
    assert found == {"run": "run", "report": "run/report.html", **Run("run").result}
    for part, n in {"validation": 3, "test": 11}.items():
        metrics = {"accuracy", "auroc", "ece", "log-loss", "loss", "macro-f1", "top-5"}
        assert found[part].keys() == {*metrics, "n", "interval", "intervals", "methods", "trivial", "undefined"}
        assert found[part]["trivial"].keys() == metrics - {"loss"}
        assert found[part]["n"] == n
    assert found["epochs"] == 2 and fsck(Path("run")) == []
    assert [line.split("  ")[0] for line in done.err.splitlines()] == ["epoch 1/2", "epoch 2/2"]


def test_people_are_told_the_result_and_where_it_lies(luthier):
    done = luthier("train", "rows.npz", "--epochs", 1, "--out", "run")
    validation, test, trivial, size, page, where = done.out.splitlines()
    interval = r"\d+\.\d\d% \(95% interval \d+\.\d\d% to \d+\.\d\d%, n = "
    assert re.fullmatch(rf"validation  accuracy {interval}3\)", validation)
    assert re.fullmatch(rf"test        accuracy {interval}11\); read 1 time so far on this machine", test)
    figures = r"accuracy \d+\.\d\d%, log-loss \d\.\d+"
    assert re.fullmatch(rf"trivial     {figures}: the largest class, and the share of each, for all examples", trivial)
    assert re.fullmatch(r"17,923 parameters, 1 epoch, \d+\.\d s, [\d,]+ examples/s", size)
    assert (page, where) == ("report: run/report.html", "run: run")


def test_quiet_shows_no_progress(luthier):
    assert luthier("train", "rows.npz", "--epochs", 1, "--quiet").err == ""


def test_without_out_a_new_directory_under_runs_is_made(luthier):
    found = [luthier("train", "rows.npz", "--epochs", 1, "--json", "--quiet").json["run"] for _ in range(2)]
    assert len(set(found)) == 2
    for path in found:
        assert re.fullmatch(r"runs/\d{8}-\d{6}-rows-mlp(-\d)?", path) and fsck(Path(path)) == []


def test_without_a_validation_part_there_is_no_line_for_it(luthier):
    done = luthier("train", "rows.npz", "--epochs", 1, "--set", "split.validation=0", "--out", "run")
    assert done.out.startswith("test        accuracy")


def test_a_recipe_alone_is_enough(luthier, here):
    Path("recipe.toml").write_text(RECIPE)
    assert luthier("train", "--recipe", "recipe.toml", "--out", "run").status == 0
    values = resolved("run")
    assert values == read_recipe(values).dump()
    assert (values["seed"], values["model"]["width"], values["training"]["epochs"]) == (3, 11, 2)
    assert values["data"]["source"] == str(here / "pictures.npz") and values["data"]["size"] == 9


def test_data_on_the_command_line_win_over_the_recipes(luthier, here):
    pinned = RECIPE.replace('"pictures.npz"', f'"pictures.npz"\nfingerprint = "{"a" * 64}"')
    Path("recipe.toml").write_text(pinned)
    assert luthier("train", "rows.npz", "--recipe", "recipe.toml", "--out", "run").status == 0
    assert resolved("run")["data"]["source"] == str(here / "rows.npz")
    assert resolved("run")["data"]["fingerprint"] != "a" * 64


def test_settings_win_over_options_and_options_over_the_recipe(luthier, here):
    Path("recipe.toml").write_text(RECIPE)
    options = ["--model", "mlp", "--epochs", 3, "--seed", 4]
    settings = ["data.source=rows.npz", "training.epochs=1", "model.depth=1", "optimizer.learning_rate=0.25"]
    sets = [word for one in settings for word in ("--set", one)]
    assert luthier("train", "digits", "--recipe", "recipe.toml", *options, *sets, "--out", "run").status == 0
    values = resolved("run")
    assert values["data"]["source"] == str(here / "rows.npz")
    assert values["model"] == MLP(depth=1).dump()
    assert (values["training"]["epochs"], values["training"]["batch_size"], values["seed"]) == (1, 8, 4)
    assert values["optimizer"]["learning_rate"] == 0.25


def test_the_last_of_two_settings_wins(luthier):
    sets = ["--set", "training.epochs=9", "--set", "training.epochs=1"]
    assert luthier("train", "rows.npz", *sets, "--out", "run", "--json").json["epochs"] == 1


def test_the_resolved_recipe_repeats_the_run(luthier):
    first = luthier("train", "rows.npz", "--epochs", 1, "--seed", 5, "--out", "first", "--json").json
    again = luthier("train", "--recipe", "first/recipe.toml", "--out", "again", "--json").json
    assert Path("again/model.safetensors").read_bytes() == Path("first/model.safetensors").read_bytes()
    assert again["recipe_hash"] == first["recipe_hash"] and again["test_reads"] == 2


def test_seeds_give_a_study(luthier):
    done = luthier("train", "rows.npz", "--epochs", 1, "--seeds", 3, "--seed", 4, "--out", "study", "--json")
    found = done.json
    assert found.keys() >= {"study", "runs", "test"} and found["study"] == "study"
    assert found["runs"] == ["study/seed-4", "study/seed-5", "study/seed-6"]
    assert found["test"].keys() >= {"mean", "interval", "n"} and found["test"]["n"] == 3
    assert fsck(Path("study")) == []


def test_people_are_told_the_mean_over_seeds(luthier):
    done = luthier("train", "rows.npz", "--epochs", 1, "--seeds", 2, "--out", "study", "--quiet")
    mean, trivial, page, where = done.out.splitlines()
    number = r"-?\d+\.\d\d%"
    assert re.fullmatch(rf"test accuracy, mean of 2 seeds: {number} \(95% interval {number} to {number}\)", mean)
    assert re.fullmatch(rf"trivial accuracy, the same answer for all examples: {number}", trivial)
    assert (page, where) == ("report: study/report.html", "study: study")


def test_pictures_train_the_first_citizen(luthier):
    found = luthier("train", "digits", "--epochs", 1, "--out", "run", "--json", "--quiet").json
    assert (found["parameters"], found["test"]["n"], found["validation"]["n"]) == (61_706, 359, 143)
    assert found["test"]["accuracy"] > 0.7
    assert resolved("run")["model"] == LeNet5().dump() and resolved("run")["data"]["source"] == "digits"


KNOWN = ", ".join(ARCHITECTURES.members)
REFUSED = [
    ([], "train needs data, but neither DATA nor the recipe names any; for example: luthier train digits"),
    (["digit"], "data must be a known name or an existing path, but got 'digit'; "
                "did you mean 'digits'? known: cifar10, digits, fashion-mnist, kmnist, mnist"),
    (["rows.npz", "--model", "mpl"], "model.name must be the name of a known architecture, but got 'mpl'; "
                                     f"did you mean 'mlp'? known: {KNOWN}"),
    (["rows.npz", "--model", "own-module"], "the recipe needs the user's own module OwnModule(type='', layout=''), "
                                            "but none was passed; pass it from Python as model="),
    (["rows.npz", "--epochs", 0], "training.epochs must be a whole number at least 1, but got 0; "
                                  "how often each example is seen (default 20)"),
    (["rows.npz", "--seed", -1], f"seed must be a whole number from 0 to {LARGEST_SEED}, but got -1; "
                                 "set it with --seed 0"),
    (["rows.npz", "--seeds", 1], "--seeds must be at least 2 for an interval, but got 1; use --seed N for a "
                                 "single run"),
    (["rows.npz", "--workers", 2], "--workers goes with a study, but got --workers 2 alone; "
                                   "add --seeds 5, or leave it out"),
    (["rows.npz", "--seeds", 2, "--workers", 0], "--workers must be a whole number at least 1 and at most 1024, "
                                                 "but got 0; "
                                                 "trainings at once; by default one for each core"),
    (["rows.npz", "--device", "gpu"], "device must be one of auto, cpu, cuda, mps, but got 'gpu'; "
                                      "choose one with --device"),
    (["rows.npz", "--set", "="], "--set needs PATH=VALUE, but got '='; "
                                 "write for example --set optimizer.learning_rate=0.01"),
    (["rows.npz", "--set", "model=3"], "model.name must be the name of a known architecture, but got 3; "
                                       f"known: {KNOWN}"),
    (["rows.npz", "--set", "tricks=1"], "tricks must be a table of parts, but got 1; write [tricks.NAME]"),
    (["rows.npz", "--set", "augment.x.y=1"], "augment.x.name must be the name of a known augmentation, but got 'x'; "
                                             f"known: {', '.join(AUGMENTATIONS.members)}"),
    (["rows.npz", "--set", "data=digits"], "data must be a table of settings, but got 'digits'; "
                                           "write [data] and its keys"),
    (["rows.npz", "--set", "data.size=28"], "data.size is a side of pictures, but rows holds rows; "
                                            "take data.size out of the recipe"),
    (["rows.npz", "--set", "split.validation=0", "--set", "tricks.early-stopping.patience=2"],
     "tricks.early-stopping needs a validation part, but split.validation is 0; set it above 0 or take the trick out"),
    (["pictures.npz", "--set", "data.size=11"], "lenet5 needs pictures of at least 12 pixels a side, but got 11x11, "
                                                "of which nothing is left after pool2; set data.size = 12 or more"),
    (["rows.npz", "--model", "lenet5"], "lenet5 needs pictures, but an example has shape (7,); "
                                        "use --model mlp for rows"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "problem"), REFUSED, ids=lambda one: " ".join(map(str, one))[:50])
def test_what_cannot_be_followed_is_refused_before_anything_is_written(luthier, here, arguments, problem):
    assert refused(luthier, here, *arguments) == [problem]


def test_an_unknown_section_is_refused_with_those_that_exist(luthier, here):
    (problem,) = refused(luthier, here, "rows.npz", "--set", "a.b.c=1")
    assert problem.startswith("a is not a section that exists; known: augment, data, ")


@pytest.mark.parametrize("data", [[], ["rows.npz"]])
def test_everything_that_is_wrong_with_a_recipe_is_said_at_once(luthier, here, data):
    wrong = 'data = "digits"\nsed = 1\n[training]\nepochs = 0\n[tricks.mixpu]\nalpha = 1'
    Path("recipe.toml").write_text(wrong)
    problems = refused(luthier, here, *data, "--recipe", "recipe.toml")
    assert [problem.split(" ")[0] for problem in problems] == ["sed", "data", "training.epochs", "tricks.mixpu.name"]


def test_a_misspelt_source_is_said_and_not_that_there_is_none(luthier, here):
    Path("recipe.toml").write_text('[data]\nsourc = "digits"')
    assert refused(luthier, here, "--recipe", "recipe.toml") == [
        "data.sourc is not a setting that exists; did you mean 'source'? "
        "known: bad, columns, dates, extra, fingerprint, fit, form, group, header, part, pseudo_labels, size, source, "
        "target, task, text, time, units, unlabelled"
    ]


def test_a_study_that_cannot_be_trained_leaves_nothing(luthier, here):
    (problem,) = refused(luthier, here, "rows.npz", "--model", "lenet5", "--seeds", 2)
    assert problem.startswith("lenet5 needs pictures")


class Payload:
    """Touches a file where it is unpickled."""

    def __reduce__(self):
        return Path.touch, (Path("loaded"),)


@pytest.mark.parametrize("arguments", [["bad.npz"], ["rows.npz", "--recipe", "bad.npz"]])
def test_a_pickle_offered_as_data_or_recipe_is_never_loaded(luthier, here, arguments):
    Path("bad.npz").write_bytes(pickle.dumps(Payload()))
    assert len(refused(luthier, here, *arguments)) == 1
    assert not Path("loaded").exists()
    pickle.loads(Path("bad.npz").read_bytes())
    assert Path("loaded").exists(), "the payload must bite, or its silence says nothing"


def test_a_directory_in_use_or_not_empty_or_a_file_is_refused(luthier, run):
    for out, message in {
        "run": "the output directory must be new or empty, but run is not; "
               "choose another with --out, or go on with: luthier resume run",
        "rows.npz": "the output directory must be a directory, but rows.npz is none; choose another with --out",
        "rows.npz/run": "the output directory must be writable, but rows.npz/run is not (Not a directory); "
                        "choose another with --out",
    }.items():  # fmt: skip
        assert luthier("train", "rows.npz", "--epochs", 1, "--out", out).problems == [message]


def test_data_are_found_in_data_dir(luthier, here):
    (problem,) = refused(luthier, here, "mnist", "--data-dir", "sets")
    assert problem.startswith("mnist must lie in one of sets/mnist, ")


def test_calibrate_is_a_setting_of_the_recipe_and_is_told(luthier, here):
    told = luthier("train", "rows.npz", "--epochs", 1, "--calibrate", "--out", "mended", "--quiet").out
    recipe = tomllib.loads((here / "mended" / "recipe.toml").read_text())
    assert recipe["training"]["calibration"] == "temperature"
    found = json.loads((here / "mended" / "result.json").read_text())["calibration"]
    line = next(one for one in told.splitlines() if one.startswith("calibration temperature "))
    assert line.endswith(f" {found['test']['after']['ece']:.4g} after") and f"{found['temperature']:.4g}: " in line


def test_a_logger_that_does_not_exist_is_refused(luthier):
    for command in (["train", "rows.npz", "--out", "other"], ["train", "rows.npz", "--seeds", 2, "--out", "other"]):
        assert luthier(*command, "--log", "csv").problems == [
            "log must name a logger, but got 'csv'; known: mlflow, tensorboard"
        ]
    assert not Path("other").exists()
