"""A trial in steps: bit for bit the straight training, and what faults make of it."""

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

import luthier
from luthier.core.lock import hold_lock
from luthier.data.split import split
from luthier.recipe.build import prepare
from luthier.recipe.read import read_recipe
from luthier.run import RunPaths
from luthier.study.tune import train_trial as room
from luthier.study.tune.train_trial import NO_MEMORY, TrialRun, train_trial
from luthier.study.tune.trial import Outcome
from luthier.testing.material import pictures, rows, values

CPU = torch.device("cpu")
ROWS = rows(97)
MLP = {"model": {"name": "mlp", "depth": 1, "width": 11, "dropout": 0.25}, "training": {"batch_size": 17, "epochs": 3}}


def recipe_of(base=MLP, **more):
    return read_recipe({**base, "training": {**base["training"], **more.pop("training", {})}, **more})


def trained(directory: Path, *stops: int, recipe=None, data=ROWS, told=lambda *_: None, costs=()) -> list[Outcome]:
    return [train_trial(TrialRun(recipe or recipe_of(), directory, stop), data, CPU, costs, told) for stop in stops]


def history(directory: Path) -> list[dict]:
    """All that training told but its times."""
    found = [json.loads(line) for line in RunPaths(directory).history.read_text().splitlines()]
    return [{key: one for key, one in row.items() if not key.startswith("seconds")} for row in found]


def tensors(directory: Path) -> dict[str, torch.Tensor]:
    """All that the newest checkpoint holds."""
    return load_file(max(RunPaths(directory).checkpoints.glob("*.safetensors")))


def equal(one: Path, other: Path) -> None:
    assert history(one) == history(other)
    left, right = tensors(one), tensors(other)
    assert left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


@pytest.mark.parametrize("stops", [(1, 3), (1, 2, 3), (2, 3), (1, 1, 3, 3)])
def test_a_trial_in_steps_is_the_straight_training_bit_for_bit(stops, tmp_path):
    straight, steps = trained(tmp_path / "straight", 3), trained(tmp_path / "steps", *stops)
    equal(tmp_path / "straight", tmp_path / "steps")
    assert [one.ended for one in steps] == ["finished" if stop == 3 else "paused" for stop in stops]
    assert (steps[-1].scores, steps[-1].examples) == (straight[0].scores, straight[0].examples)
    assert [max(one.scores) for one in steps] == list(stops)


def test_augmented_pictures_and_batch_norm_too(tmp_path):
    recipe = recipe_of({"model": {"name": "lenet5", "norm": "batch", "width": 0.5}, "training": {"epochs": 3}},
                       augment={"rotation": {}}, training={"batch_size": 16}, tricks={"ema": {}})  # fmt: skip
    trained(tmp_path / "straight", 3, recipe=recipe, data=pictures(67))
    trained(tmp_path / "steps", 1, 3, recipe=recipe, data=pictures(67))
    equal(tmp_path / "straight", tmp_path / "steps")


def test_the_schedule_is_that_of_the_whole_training(tmp_path):
    trained(tmp_path / "first", 1)
    trained(tmp_path / "whole", 3)
    rates = [row["learning_rate"] for row in history(tmp_path / "first") if row["kind"] == "train"]
    assert (
        rates == [row["learning_rate"] for row in history(tmp_path / "whole") if row["kind"] == "train"][: len(rates)]
    )


def test_what_a_trial_tells(tmp_path):
    heard = []
    (first, last) = trained(tmp_path / "a", 1, 3, told=lambda *said: heard.append(said))
    assert heard == list(last.scores.items()) and set(first.scores) == {1}
    parts = split(ROWS, 0, recipe_of().split)
    assert (first.examples, last.examples) == (len(parts.train), 3 * len(parts.train))
    assert (last.threads, last.why) == (1, None)
    assert last.costs == {"parameters": 7 * 11 + 11 + 11 * 3 + 3}
    assert Outcome.of(json.loads(json.dumps(last.dump()))) == last


def test_a_job_that_was_done_but_not_told_says_the_same_again(tmp_path):
    (first, again) = trained(tmp_path / "a", 3, 3)
    assert (again.scores, again.ended, again.examples, again.costs) == (
        first.scores, first.ended, first.examples, first.costs
    )  # fmt: skip


def test_the_test_part_is_not_read_and_there_is_no_result(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "prepare", without_test)
    assert trained(tmp_path / "a", 3)[0].ended == "finished"
    assert not RunPaths(tmp_path / "a").result.exists() and not RunPaths(tmp_path / "a").predictions.exists()


def without_test(*arguments):
    return replace(prepare(*arguments), test=None)


def test_costs_are_measured_where_they_are_asked_for(tmp_path):
    plain, measured = (
        trained(tmp_path / "a", 1)[0].costs,
        trained(tmp_path / "b", 1, costs=("flops", "latency"))[0].costs,
    )
    assert set(plain) == {"parameters"} and set(measured) == {"parameters", "flops", "latency"}
    assert measured["flops"] > measured["parameters"] > 0 and 0 < measured["latency"] < 1000
    equal(tmp_path / "a", tmp_path / "b")


def test_a_learning_rate_beyond_all_bounds_diverges(tmp_path):
    recipe = recipe_of(optimizer={"name": "sgd", "learning_rate": 1e30})
    first, again = trained(tmp_path / "a", 3, 3, recipe=recipe)
    assert first.ended == again.ended == "diverged" and "finite" in first.why
    assert (again.scores, again.examples, again.why) == (first.scores, first.examples, first.why)


def test_a_metric_that_is_no_number_is_as_bad(tmp_path, monkeypatch):
    monkeypatch.setattr(TrialRun, "scores", lambda self: {1: 0.5})
    assert trained(tmp_path / "a", 1)[0].ended == "paused"
    found = trained(tmp_path / "a", 3)[0]
    assert (found.ended, found.why) == ("diverged", "accuracy was no finite number")


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("CUDA out of memory. Tried to allocate 3 GiB")])
def test_out_of_memory_is_a_failure_with_a_remedy(error, tmp_path, monkeypatch):
    monkeypatch.setattr(room, "train_epochs", raiser(error))
    found = trained(tmp_path / "a", 3)[0]
    assert (found.ended, found.why, found.scores, found.examples) == ("failed", NO_MEMORY, {}, 0)


def test_other_errors_are_raised(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "train_epochs", raiser(RuntimeError("a fault of ours")))
    with pytest.raises(RuntimeError, match="a fault of ours"):
        trained(tmp_path / "a", 3)


def raiser(error):
    def fail(*_):
        raise error

    return fail


def test_a_recipe_that_does_not_fit_the_data_fails_with_the_reason(tmp_path):
    found = trained(tmp_path / "a", 3, recipe=recipe_of(augment={"rotation": {}}))[0]
    assert found.ended == "failed" and "augmentations change pictures" in found.why


def test_early_stopping_ends_a_trial(tmp_path):
    recipe = recipe_of(tricks={"early-stopping": {"patience": 1}}, training={"epochs": 40})
    found = trained(tmp_path / "a", 40, recipe=recipe)[0]
    assert found.ended == "finished" and max(found.scores) < 40
    assert trained(tmp_path / "a", 40, recipe=recipe)[0].scores == found.scores


def test_values_are_compared_by_their_own_metric(tmp_path):
    recipe = recipe_of(loss="mse", training={"monitor": "r2"})
    found = trained(tmp_path / "a", 2, recipe=recipe, data=values(97))[0]
    rows_of = [row for row in history(tmp_path / "a") if row["kind"] == "validation"]
    assert found.scores == {row["epoch"]: row["r2"] for row in rows_of} and len(found.scores) == 2


def test_a_directory_that_another_is_about_to_leave_is_waited_for(tmp_path):
    (tmp_path / "a").mkdir()
    with hold_lock(tmp_path / "a"):
        found = []
        thread = threading.Thread(target=lambda: found.extend(trained(tmp_path / "a", 1)))
        thread.start()
        thread.join(0.5)
        assert thread.is_alive() and found == []
    thread.join()
    assert found[0].ended == "paused"


def test_the_last_score_is_that_of_the_network_that_a_run_would_keep(tmp_path):
    """Early stopping goes back to the best weights, from which the last epoch of a curve may be far."""
    stops = {"early-stopping": {"patience": 1}}
    recipe = recipe_of(tricks=stops, training={"epochs": 60, "monitor": "loss"}, optimizer={"learning_rate": 0.3})
    (found,) = trained(tmp_path / "trial", 60, recipe=recipe)
    curve = TrialRun(recipe, tmp_path / "trial", 60).scores()
    run = luthier.train(ROWS, recipe=recipe, out=tmp_path / "run", quiet=True)
    last = max(found.scores)
    assert found.ended == "finished" and last < 60
    assert found.scores[last] == run.result["validation"]["loss"] == min(curve.values()) < curve[last]
    assert [found.scores[epoch] for epoch in range(1, last)] == [curve[epoch] for epoch in range(1, last)]
