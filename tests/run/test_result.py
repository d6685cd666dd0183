"""The end of a run: what is measured, on what, and how often."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from luthier.api import resume, train
from luthier.core.card import TrickCard
from luthier.core.errors import LuthierWarning
from luthier.recipe.build import prepare
from luthier.report.report import report
from luthier.run.result import KEYS, measure_peak_memory
from luthier.stats import share_interval
from luthier.testing.material import rows
from luthier.training import evaluate
from luthier.training.trick import Trick

CPU = torch.device("cpu")


def test_a_result_says_what_it_is_of(finished):
    result = json.loads((finished.path / "result.json").read_text())
    assert result.keys() >= KEYS
    assert result["recipe_hash"] == finished.recipe.hash()
    assert result["recipe_hash_without_seed"] == finished.recipe.hash(with_seed=False)
    assert result["fingerprint"] == rows(53).fingerprint
    assert (result["seed"], result["epochs"], result["steps"], result["stopped_early"]) == (0, 2, 6, False)
    assert result["parameters"] == 7 * 5 + 5 + 5 * 3 + 3
    assert result["seconds"] > 0
    assert result["examples_per_second"] == pytest.approx(2 * 39 / result["seconds"], rel=0.5)


def test_validation_and_test_are_those_of_the_kept_network(finished):
    made = prepare(finished.recipe, rows(53), CPU)
    for name, part in {"test": made.test, "validation": made.trainer.validation}.items():
        found = evaluate(finished.network, part, finished.recipe.loss).metrics
        told = finished.result[name]
        assert told["n"] == found["n"] == len(part)
        assert told["accuracy"] == found["accuracy"]
        assert told["loss"] == pytest.approx(found["loss"], rel=1e-6)
        interval = share_interval(round(found["accuracy"] * found["n"]), found["n"])
        assert told["interval"] == [interval.low, interval.high]


def test_the_last_validation_is_that_of_the_history(finished):
    last = [row for row in finished.history if row["kind"] == "validation"][-1]
    assert finished.result["validation"]["loss"] == pytest.approx(last["loss"], rel=1e-6)


def test_without_a_validation_part_there_is_no_validation(make_run):
    run = make_run(split={"validation": 0})
    assert run.result["validation"] is None and run.result["test"]["n"] == 11
    assert [row["kind"] for row in run.history] == ["train", "train"]


def test_every_read_of_a_test_part_is_counted(make_run):
    assert [make_run(str(number), seed=number).result["test_reads"] for number in range(3)] == [1, 2, 3]
    longer = resume(make_run("3").path, epochs=3, data=rows(53), quiet=True)
    assert longer.result["test_reads"] == 5
    assert make_run("other", side=9).result["test_reads"] == 1


def test_the_test_part_is_the_same_for_all_seeds_and_the_validation_part_is_not(make_run):
    parts = [prepare(make_run(str(seed), seed=seed).recipe, rows(53), CPU).parts for seed in range(3)]
    assert len({part.test.tobytes() for part in parts}) == 1
    assert len({part.validation.tobytes() for part in parts}) == 3
    for part in parts:
        assert not np.intersect1d(part.test, part.validation).size


def test_peak_memory_is_in_bytes():
    """PyTorch alone takes more than 50 million."""
    assert 50e6 < measure_peak_memory() < 1e12


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system counts the process alone")
def test_peak_memory_is_not_that_of_the_process_that_started_this_one():
    held = np.ones(125_000_000)
    code = "import luthier.run.result as result; print(result.measure_peak_memory())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < held.nbytes


class Unlearn(Trick):
    """Forgets everything after the last epoch but one."""

    name = "unlearn"
    card = TrickCard(summary="Forgets.", source="tests")

    def after_epoch(self, trick_state, report, context):
        if context.epoch == context.training.epochs - 1:
            for one in context.training.network.parameters():
                torch.nn.init.zeros_(one)
        return trick_state, False


def test_a_network_that_was_much_better_before_is_said_so(tmp_path):
    settings = {"epochs": 12, "out": tmp_path / "run", "quiet": True, "batch_size": 16, "learning_rate": 0.02}
    with pytest.warns(
        LuthierWarning, match=r"ends at validation accuracy \d+\.\d+%, but had \d+\.\d+% after epoch \d+; keep"
    ):
        train(rows(301), "mlp", tricks=[Unlearn()], schedule="cosine", **settings)


def test_a_network_that_is_about_as_good_as_ever_is_not(tmp_path):
    """Warnings are errors in these tests."""
    train(rows(301), "mlp", epochs=3, out=tmp_path / "run", quiet=True)


def test_the_result_says_what_was_left_out_of_the_data(tmp_path):
    lines = [f"{k % 7},5,{'' if k == 3 else k % 11},{'ab'[k % 2]}" for k in range(40)]
    (tmp_path / "one.csv").write_text("\n".join(["x,same,gap,label", *lines]))
    with pytest.warns(LuthierWarning, match="column same is left out: it is constant"):
        run = train(tmp_path / "one.csv", epochs=1, out=tmp_path / "run", quiet=True)
        page = report(run.path).read_text()
    told = ["column same is left out: it is constant", "column gap is missing in 1 rows, where the mean stands for it"]
    assert run.result["remarks"] == told
    assert all(f"When the data were read: {line}." in page for line in told)


def test_answers_that_are_not_finite_are_warned_of(tmp_path):
    data = replace(rows(53), official_test=np.arange(53) >= 42)
    data.inputs[:, 0] *= 1e-3
    data.inputs[50, 0] = 3e38
    with pytest.warns(LuthierWarning, match="^1 of the 11 answers on the test part are not finite, so that most"):
        run = train(data, epochs=1, out=tmp_path / "run", quiet=True)
    assert run.result["test"]["loss"] is None
    assert report(run.path, data=data).is_file(), "and nothing warns"
