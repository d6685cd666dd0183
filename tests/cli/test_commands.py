"""evaluate, predict, list, inspect, fsck and bench: their JSON objects, their words, their refusals."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from luthier.api import evaluate, load, train
from luthier.core.files import read_sealed, write_sealed
from luthier.data.split import split
from luthier.recipe.catalogue import FAMILIES, items
from luthier.report.inspection import describe_network
from luthier.testing.material import SmallNet, pictures, rows, values


def test_evaluate_gives_the_tables(luthier, run):
    found = luthier("evaluate", "run", "--json").json
    assert found.keys() >= {"run", "part", "accuracy", "loss", "n", "per_class", "confusion", "interval", "test_reads"}
    assert (found["part"], found["n"], found["test_reads"]) == ("test part", 11, 2)
    assert {key: evaluate("run")[key] for key in ("accuracy", "loss", "per_class")} == {
        key: found[key] for key in ("accuracy", "loss", "per_class")
    }
    assert found["per_class"][0].keys() == {"class", "n", "precision", "recall", "f1"}


def test_evaluate_tells_people_the_tables(luthier, run):
    told = luthier("evaluate", "run").out.splitlines()
    assert told[0].startswith("test part: accuracy ") and told[0].endswith("; read 2 times so far on this machine")
    assert told.pop(1).startswith("trivial: ")
    lines = [line.split() for line in told]
    assert lines[1] == ["metric", "value", "from", "to", "95%", "interval", "by"]
    assert [line[0] for line in lines[2:8]] == ["accuracy", "auroc", "ece", "log-loss", "macro-f1", "top-5"]
    assert told[8] == "top-5 is undefined: with 3 classes every answer is among the top 5"
    assert lines[9] == ["class", "n", "precision", "recall", "f1"]
    assert [line[0] for line in lines[10:13]] == ["0", "1", "2"]
    assert lines[14] == ["0", "1", "2"] and sum(int(cell) for line in lines[15:18] for cell in line[1:]) == 11


def test_every_metric_is_in_the_result_with_its_interval(luthier, run):
    found = luthier("evaluate", "run", "--json").json
    told = load("run").result["test"]
    for name in ("accuracy", "auroc", "ece", "log-loss", "macro-f1"):
        assert found[name] == pytest.approx(told[name], rel=1e-5)
        assert name in told["intervals"] and told["methods"][name] == found["methods"][name] != ""
    assert told["undefined"].keys() == {"top-5"} and told["top-5"] is None


def test_evaluate_takes_other_data(luthier, run):
    other = rows(29)
    np.savez("other.npz", X=other.inputs + 1, y=other.labels)
    found = luthier("evaluate", "run", "--data", "other.npz", "--json").json
    assert (found["part"], found["n"]) == ("all examples", 29)


def test_evaluate_says_what_the_run_has_seen(luthier, run):
    data = rows(53)
    parts = split(data, 0)
    np.savez("some.npz", X=data.inputs[[*parts.test, *parts.train[:4]]], y=data.labels[[*parts.test, *parts.train[:4]]])
    np.savez("all.npz", X=data.inputs[parts.train], y=data.labels[parts.train])
    np.savez("new.npz", X=data.inputs + 1, y=data.labels)
    told = {name: luthier("evaluate", "run", "--data", f"{name}.npz").out for name in ("some", "all", "new")}
    assert told["some"].splitlines()[1].startswith("4 of the 15 examples were trained on; the others alone: accuracy ")
    n = len(parts.train)
    assert told["all"].splitlines()[1] == (
        f"all {n} examples were trained on: these figures say nothing about new examples"
    )
    assert "trained on" not in told["new"] + luthier("evaluate", "run").out
    content = read_sealed(run / "result.json")
    del content["sha256"]["digests.safetensors"]
    write_sealed(run / "result.json", content)
    assert luthier("evaluate", "run", "--data", "new.npz").out.splitlines()[1] == (
        "how many of the examples were trained on cannot be known: the run is of an earlier version"
    )


def test_evaluate_refuses_what_does_not_fit(luthier, run):
    assert luthier("evaluate", "run", "--data", "pictures.npz").problems == [
        "the run takes examples of shape (7,), but pictures gives pictures of shape (1, 9, 9); "
        "evaluate on data of its kind"
    ]
    (run / "result.json").unlink()
    assert luthier("evaluate", "run").problems == [
        "a result needs a finished run, but run is not; finish it with: luthier resume run"
    ]


def test_predict_answers_for_each_file(luthier):
    luthier("train", "pictures.npz", "--model", "mlp", "--epochs", 1, "--out", "run", "--quiet")
    Image.fromarray(pictures(5, side=9).inputs[0, ..., 0]).save("näin ☃.png")
    np.save("some.npy", pictures(3, side=9).inputs)
    found = luthier("predict", "run", "näin ☃.png", "some.npy", "--json").json
    assert found.keys() == {"predictions"}
    assert [one["file"] for one in found["predictions"]] == ["näin ☃.png", "some.npy#0", "some.npy#1", "some.npy#2"]
    for one in found["predictions"]:
        assert one.keys() >= {"file", "class", "probability", "top"}
        assert {"class": one["class"], "probability": one["probability"]} == one["top"][0]
    told = luthier("predict", "run", "näin ☃.png").out.splitlines()
    assert told[0].split() == ["file", "class", "probability"]
    assert told[1].split()[:3] == ["näin", "☃.png", found["predictions"][0]["class"]]


def test_names_of_files_steer_no_terminal(luthier, here):
    for number, name in enumerate(["a\nb", "\x1b[31mred", "-rf", "x" * 251, "\udcff"] * 2):
        folder = here / "odd" / ("cat" if number < 5 else "-dog")
        folder.mkdir(parents=True, exist_ok=True)
        picture = np.random.default_rng(number).integers(0, 256, (5, 7), np.uint8)
        Image.fromarray(picture).save(here / "plain.png")
        (here / "plain.png").rename(folder / f"{name}.png")
    assert luthier("train", "odd", "--epochs", 1, "--out", "run", "--quiet").status == 0
    names = sorted(here.glob("odd/*/*.png"))
    told = luthier("predict", "run", *names).out.splitlines()
    assert len(told) == 1 + len(names) and all(line.isprintable() for line in told)
    assert [one["file"] for one in luthier("predict", "run", *names, "--json").json["predictions"]] == list(
        map(str, names)
    )
    names[0].write_bytes(b"")
    names[3].write_bytes(b"")
    problems = luthier("train", "odd", "--epochs", 1, "--out", "other", "--quiet").problems
    assert len(problems) == 2 and all(line.isprintable() for line in problems)


def test_units_of_pictures_can_be_given(luthier, here):
    X = pictures(61, side=9).inputs
    assert luthier("train", "pictures.npz", "--model", "mlp", "--epochs", 1, "--out", "run", "--quiet").status == 0
    np.savez("shares.npz", X=X / 255, y=pictures(61, side=9).labels)
    (problem,) = luthier("predict", "run", "shares.npz").problems
    assert problem.startswith("shares.npz: X must hold bytes, 0 to 255, as the pictures of the training did, but its n")
    found, expected = (luthier("predict", "run", *words, "--json").json["predictions"] for words in
                       (["shares.npz", "--units", "unit"], ["pictures.npz"]))  # fmt: skip
    assert [one["class"] for one in found] == [one["class"] for one in expected]
    told = luthier("evaluate", "run", "--data", "shares.npz", "--units", "unit", "--json").json
    assert told["n"] == 61 and luthier("evaluate", "run", "--data", "shares.npz").status == 2
    assert luthier("predict", "run", "shares.npz", "--units", "byte").problems == [
        "units must be bytes, unit or plain, but got 'byte'; did you mean 'bytes'? known: bytes, plain, unit"
    ]
    words = ["--set", "data.units=plain", "--model", "mlp", "--epochs", 1, "--quiet"]
    assert luthier("train", "pictures.npz", *words, "--out", "plain").status == 0
    assert luthier("train", "digits", *words, "--out", "other").problems == [
        "data.units says what the numbers of pictures in arrays are, but is 'plain', and digits holds bytes; leave it "
        "out"
    ]


def test_predict_refuses_all_bad_files_at_once(luthier, run):
    Path("bad.npy").write_bytes(b"")
    problems = luthier("predict", "run", "bad.npy", "missing.npy", "rows.npz").problems
    assert [problem.split(" ")[0] for problem in problems] == ["bad.npy", "missing.npy"]


@pytest.mark.parametrize("kind", [*FAMILIES, "data"])
def test_list_gives_every_card(luthier, kind):
    found = luthier("list", kind, "--json").json
    assert found == {"items": items(kind)}
    assert all(item.keys() >= {"name", "summary", "source"} for item in found["items"])
    told = luthier("list", kind).out
    for item in items(kind):
        assert item["name"] in told and item["summary"] in told and item["source"] in told
        for setting in item.get("hyperparameters", []):
            assert f"{item['name']}.{setting['name']}" in told and setting["says"] in told


def test_list_answers_an_unknown_kind_with_the_nearest(luthier):
    (problem,) = luthier("list", "optimiser").problems
    assert problem.startswith("list takes the name of a catalogue, but got 'optimiser'; did you mean 'optimizers'? ")


def test_inspect_gives_layers_parameters_and_flops(luthier):
    found = luthier("inspect", "lenet5", "--input", "3x32x32", "--classes", 7, "--json").json
    assert found == describe_network("lenet5", "3x32x32", 7)
    assert found.keys() >= {"parameters", "flops", "layers", "memory"}
    told = luthier("inspect", "lenet5").out.splitlines()
    assert told[0].split() == ["name", "type", "output", "parameters", "flops", "saved_bytes"]
    assert told[1].split() == ["conv1", "Conv2d", "6x28x28", "156", "235200", "3136"]
    assert told[-2] == "61,706 parameters, 833,040 FLOPs per example forward"
    assert told[-1].startswith("memory of a training step by batch size: 1.0 MB at 1, ")


def test_inspect_says_the_largest_batch_for_a_memory(luthier):
    found = luthier("inspect", "lenet5", "--memory", "1 GB", "--json").json
    assert found == describe_network("lenet5", memory="1GB")
    fixed, each = found["memory"][0]["bytes"], found["memory"][1]["bytes"]
    each = (each - fixed) // 15
    assert found["largest_batch"] == (10**9 - fixed + each) // each
    told = luthier("inspect", "lenet5", "--memory", "1 GB").out.splitlines()
    assert told[-1] == f"largest batch in 1 GB: {found['largest_batch']:,}"
    assert "largest_batch" not in luthier("inspect", "lenet5", "--json").json


def test_inspect_takes_a_run_and_a_recipe(luthier, run):
    found = luthier("inspect", "run", "--json").json
    assert found["parameters"] == 7 * 5 + 5 + 5 * 5 + 5 + 5 * 3 + 3
    assert luthier("inspect", "run/recipe.toml", "--input", "7", "--classes", 3, "--json").json["parameters"] == 88


@pytest.mark.parametrize(
    ("arguments", "start"),
    [
        (["lenet"], "inspect takes an architecture, a recipe file or a run, but got 'lenet'; did you mean 'lenet5'?"),
        (
            ["lenet5", "--input", "1x"],
            "an input shape must be CxHxW, TxF or F in whole numbers from 1 to 99999, but got '1x'; ",
        ),
        (["lenet5", "--memory", "4"], "memory must be a number with its unit, but got '4'; "),
        (["lenet5", "--classes", 1], "classes must be from 2 to 100000, but got 1; set it with --classes 10"),
        (["."], "a run is a directory with a recipe.toml, but . has none; "),
        (["rows.npz"], "a recipe must be a readable TOML file, but rows.npz is not ("),
    ],
)
def test_inspect_refuses_what_it_cannot_build(luthier, arguments, start):
    (problem,) = luthier("inspect", *arguments).problems
    assert problem.startswith(start)


def test_fsck_says_that_all_is_well(luthier, run):
    done = luthier("fsck", "run", "--json")
    assert (done.status, done.json) == (0, {"ok": True, "problems": []})
    assert luthier("fsck", "run").out == "run is whole\n"


def test_fsck_names_what_is_wrong_and_leaves_with_1(luthier, run):
    (run / "model.safetensors").write_bytes(b"torn")
    (run / "notes.txt").touch()
    problems = [
        "run/notes.txt does not belong to a run",
        "run/model.safetensors is missing or does not match the checksum in result.json",
    ]
    done = luthier("fsck", "run", "--json")
    assert (done.status, done.json) == (1, {"ok": False, "problems": problems})
    done = luthier("fsck", "run")
    assert (done.status, done.out.splitlines()) == (1, problems)


def test_fsck_of_a_damaged_ledger_is_one_object_too(luthier):
    Path("study.json").write_text("{")
    done = luthier("fsck", ".", "--json")
    assert done.status == 1 and done.json["ok"] is False and len(done.json["problems"]) == 1


def test_fsck_refuses_what_is_no_run(luthier):
    assert luthier("fsck", "missing").problems == [
        "fsck needs the directory of a run or a study, but missing is neither; give the one luthier printed"
    ]


def test_bench_compares_in_one_run(luthier):
    found = luthier("bench", "--rounds", 2, "--examples", 128, "--json").json
    assert len(found["rows"]) >= 3 and found["rows"][0]["name"] == "luthier"
    for row in found["rows"]:
        assert row.keys() >= {"name", "examples_per_second", "ratio"} and row["examples_per_second"] > 0
    told = luthier("bench", "--rounds", 2, "--examples", 128).out.splitlines()
    assert [line.split()[0] for line in told[1:4]] == [row["name"] for row in found["rows"][:3]]


def test_what_a_file_cannot_hold_is_asked_for(luthier, here):
    run = train(pictures(61), SmallNet(), epochs=1, out="own", quiet=True)
    for command in (["evaluate", "own"], ["resume", "own", "--epochs", 2]):
        (problem,) = luthier(*command).problems
        assert problem == (
            "a run needs its data again, but it was trained on arrays that no file holds; "
            "pass them from Python as data=(X, y)"
        )
    (problem,) = luthier("inspect", "own").problems
    needed = f"the recipe needs the user's own module {run.recipe.model!r}"
    assert problem == f"{needed}, but none was passed; pass it from Python as model="


def test_values_are_trained_told_and_predicted(luthier, here):
    data = values(120)
    np.savez("values.npz", X=data.inputs, y=data.labels)
    np.save("some.npy", data.inputs[:2])
    trained = luthier("train", "values.npz", "--epochs", 2, "--out", "run")
    assert trained.status == 0 and "test        r2 " in trained.out and ", rmse " in trained.out
    tested = luthier("evaluate", "run")
    assert tested.status == 0 and "test part: r2 " in tested.out and "confusion" not in tested.out
    assert luthier("predict", "run", "some.npy").out.split()[:2] == ["file", "value"]
    answers = luthier("predict", "run", "some.npy", "--json").json["predictions"]
    assert [one.keys() for one in answers] == [{"file", "value"}] * 2
    study = luthier("train", "values.npz", "--epochs", 1, "--seeds", 2, "--out", "study", "--quiet")
    assert study.status == 0 and study.out.startswith("test r2, mean of 2 seeds: ")


def test_whole_numbers_are_values_where_the_recipe_says_so(luthier, here):
    np.savez("whole.npz", X=values(120).inputs, y=np.arange(120) % 7)
    told = luthier("train", "whole.npz", "--epochs", 1, "--set", "data.task=regression", "--out", "run", "--json").json
    assert "rmse" in told["test"]
    assert luthier("evaluate", "run", "--json").json["part"] == "test part"


def test_inspect_shows_the_health_of_a_run(luthier, run):
    found = luthier("inspect", "run", "--health", "--json").json
    assert found["run"] == "run"
    assert [(one["epoch"], one["step"]) for one in found["epochs"]] == [(1, 3), (2, 6)]
    for one in found["epochs"]:
        assert list(one["layers"]) == ["body.1", "body.3", "body.5"]
        assert all(set(row) == {"gradient", "activation", "dead", "update_ratio"} for row in one["layers"].values())
    told = luthier("inspect", "run", "--health").out.splitlines()
    assert [line for line in told if line.startswith("epoch")] == ["epoch 1, step 3:", "epoch 2, step 6:"]
    assert told[1].split() == ["layer", "gradient", "activation", "dead", "update_ratio"]
    assert told[-1].startswith("gradient in epoch 2: from ")


def test_inspect_refuses_health_where_there_is_none(luthier, run, rewrite_history):
    (problem,) = luthier("inspect", "lenet5", "--health").problems
    assert problem == ("--health needs the directory of a run, but got 'lenet5'; give the one that luthier printed")
    rewrite_history(run, lambda row: {name: one for name, one in row.items() if name != "health"})
    (problem,) = luthier("inspect", run, "--health").problems
    assert problem.startswith("--health needs a history with the health of layers, but run has none")


def test_inspect_refuses_what_says_nothing_beside_health(luthier, run):
    problems = luthier("inspect", run, "--health", "--classes", 3, "--memory", "4GB").problems
    assert problems == [
        "--health shows a run as it was trained, but --classes 3 is there too; leave one of them out",
        "--health shows a run as it was trained, but --memory 4GB is there too; leave one of them out",
    ]


@pytest.mark.parametrize("out", ["nowhere/curve.png", "folder.png"])
def test_find_lr_refuses_a_place_before_it_trains(luthier, here, out):
    (here / "folder.png").mkdir()
    (problem,) = luthier("find-lr", "rows.npz", "--out", out).problems
    assert problem == f"the curve is a file in an existing folder, but got {out!r}; pass --out learning-rate.png"


def test_the_metric_that_decides_is_an_option(luthier, here):
    told = luthier("train", "rows.npz", "--epochs", 1, "--monitor", "macro-f1", "--out", "run", "--quiet").out
    assert [line.split()[:2] for line in told.splitlines()[:2]] == [["validation", "macro-f1"], ["test", "macro-f1"]]
    assert 'monitor = "macro-f1"' in (here / "run" / "recipe.toml").read_text()
    (problem,) = luthier("train", "rows.npz", "--monitor", "f1", "--out", "other").problems
    assert problem.startswith("training.monitor must be one of accuracy, auroc, ece, ") and "'f1'" in problem


def test_list_metrics(luthier):
    assert [one["name"] for one in luthier("list", "metrics", "--json").json["items"]] == [
        "accuracy", "auroc", "ece", "log-loss", "loss", "macro-f1", "mae", "r2", "rmse", "top-5",
    ]  # fmt: skip
    heading, first, *_ = luthier("list", "metrics").out.splitlines()
    assert heading.split() == ["name", "better", "tasks", "summary", "source"]
    assert first.split()[:3] == ["accuracy", "higher", "classification"]
