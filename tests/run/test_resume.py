"""Going on with a run: from where, to where, and what is refused."""

import json
import pickle
import warnings
from pathlib import Path

import numpy as np
import pytest

from luthier.api import is_complete as is_finished
from luthier.api import resume, train
from luthier.core.errors import BadInput, DamagedFile, Interrupted, LuthierWarning
from luthier.core.lock import hold_lock
from luthier.core.signals import Caught
from luthier.recipe.read import read_recipe
from luthier.recipe.values import read_toml, with_value
from luthier.run import Run, RunPaths
from luthier.study.verify import fsck
from luthier.testing.material import rows
from luthier.training.tricks import EarlyStopping

DATA = {"data": rows(53), "quiet": True}


def bits(run: Run) -> tuple[bytes, list]:
    """The weights and the history, the clock aside."""
    history = [{key: value for key, value in row.items() if not key.startswith("seconds")} for row in run.history]
    return (run.path / "model.safetensors").read_bytes(), history


def contents(root: Path) -> dict[str, bytes]:
    """All files but the lock, which names its last holder."""
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and path.name != ".lock"]
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


@pytest.fixture
def interrupt(monkeypatch):
    """Let a signal come in the given step, counted over all sessions of this test."""

    def at(step: int) -> None:
        class Soon(Caught):
            @property
            def number(self):
                steps.append(None)
                return 15 if len(steps) == step else None

        steps = []
        monkeypatch.setattr("luthier.core.signals.Caught", Soon)

    return at


def test_an_interrupted_run_ends_as_if_nothing_had_been(make_run, finished, interrupt, tmp_path):
    interrupt(4)
    with pytest.raises(Interrupted) as caught:
        make_run("other")
    other = tmp_path / "other"
    assert str(caught.value) == (f"interrupted at step 4; the state is saved; go on with: luthier resume {other}")
    assert caught.value.exit_code == 143
    assert sorted(path.stem for path in RunPaths(other).checkpoints.glob("*.json")) == [
        "step-000000003",
        "step-000000004",
    ]
    assert fsck(other) == []
    assert bits(resume(other, **DATA)) == bits(finished)
    assert len(json.loads((other / "environment.json").read_text())["sessions"]) == 2


def test_rows_after_the_last_checkpoint_are_not_told_twice(finished, tmp_path):
    """As of a process that was lost after it wrote them."""
    expected = bits(finished)
    (finished.path / "result.json").unlink()
    for path in RunPaths(finished.path).checkpoints.glob("step-000000006.*"):
        path.unlink()
    assert bits(resume(finished.path, **DATA)) == expected


@pytest.mark.parametrize("left", [["recipe.toml"], ["recipe.toml", "environment.json", ".lock"]])
def test_a_directory_with_a_recipe_and_no_checkpoint_starts_at_step_0(finished, tmp_path, left):
    root = tmp_path / "new"
    root.mkdir()
    for name in left:
        (root / name).write_bytes((finished.path / name).read_bytes())
    assert bits(resume(root, **DATA)) == bits(finished)
    assert fsck(root) == []


def test_a_finished_run_comes_back_as_it_is(finished):
    before = contents(finished.path)
    again = resume(finished.path, **DATA)
    assert again.result == finished.result and is_finished(again, None)
    assert contents(finished.path) == before


def test_more_epochs_are_a_new_recipe_and_the_old_result_is_set_aside(finished):
    before = contents(finished.path)
    old = finished.recipe.hash()
    longer = resume(finished.path, epochs=5, **DATA)
    assert longer.recipe.training.epochs == longer.result["epochs"] == 5
    assert longer.recipe.hash() == longer.result["recipe_hash"] != old
    after = contents(finished.path)
    assert after[f"result-{old[:12]}.json"] == before["result.json"]
    assert after[f"model-{old[:12]}.safetensors"] == before["model.safetensors"] != after["model.safetensors"]
    assert after["history.jsonl"].startswith(before["history.jsonl"])
    assert [row["epoch"] for row in longer.history if row["kind"] == "validation"] == [1, 2, 3, 4, 5]
    assert fsck(finished.path) == []


def test_under_a_constant_rate_more_epochs_are_those_of_a_longer_run(make_run):
    short = make_run("short", schedule="constant")
    assert bits(resume(short.path, epochs=4, **DATA)) == bits(make_run("long", schedule="constant", epochs=4))


@pytest.mark.parametrize("epochs", [1, 0, -3])
def test_fewer_epochs_are_refused(finished, epochs):
    before = contents(finished.path)
    with pytest.raises(BadInput) as caught:
        resume(finished.path, epochs=epochs, **DATA)
    assert str(caught.value) == (
        f"epochs must be at least the 2 that the run has done, but got {epochs}; start a new run instead"
    )
    assert contents(finished.path) == before


def test_fewer_epochs_than_were_begun_are_refused_before_the_end_too(make_run, interrupt, tmp_path):
    interrupt(8)
    with pytest.raises(Interrupted):
        make_run(epochs=5)
    before = contents(tmp_path / "run")
    with pytest.raises(BadInput) as caught:
        resume(tmp_path / "run", epochs=2, **DATA)
    assert str(caught.value) == "epochs must be at least the 3 that the run has begun, but got 2; start a new run"
    assert contents(tmp_path / "run") == before
    assert resume(tmp_path / "run", epochs=3, **DATA).result["epochs"] == 3


def test_as_many_epochs_as_it_has_leave_a_run_as_it_is(finished):
    assert resume(finished.path, epochs=2, **DATA).result == finished.result


def test_an_interrupted_continuation_goes_on_without_being_told_again(make_run, interrupt):
    straight, broken = make_run("straight"), make_run("broken")
    straight = resume(straight.path, epochs=5, **DATA)
    interrupt(5)
    with pytest.raises(Interrupted, match="interrupted at step 11"):
        resume(broken.path, epochs=5, **DATA)
    assert not is_finished(Run(broken.path), None) and Run(broken.path).recipe.training.epochs == 5
    again = resume(broken.path, **DATA)
    assert bits(again) == bits(straight)
    assert contents(broken.path).keys() == contents(straight.path).keys()
    assert again.result["test"] == straight.result["test"]


def test_a_run_that_a_trick_ended_is_finished_and_may_go_on_for_longer(make_run):
    stopped = make_run(tricks=[EarlyStopping(patience=1, least=2.0)], epochs=5)
    assert stopped.result["epochs"] == 2 and stopped.result["stopped_early"]
    assert is_finished(stopped, None) and is_finished(stopped, 5)
    longer = resume(stopped.path, epochs=7, **DATA)
    assert longer.result["epochs"] == 3 and longer.result["stopped_early"]


def test_a_run_in_use_is_left_alone(finished):
    before = contents(finished.path)
    with hold_lock(finished.path), pytest.raises(BadInput) as caught:
        resume(finished.path, epochs=3, **DATA)
    assert str(caught.value).startswith(
        f"one process at a time may write a run, but {finished.path} is in use by process "
    )
    assert contents(finished.path) == before


def test_other_data_are_refused(finished):
    before = contents(finished.path)
    other = rows(41)
    with pytest.raises(BadInput) as caught:
        resume(finished.path, epochs=3, data=other, quiet=True)
    assert str(caught.value) == (
        f"the recipe was made for data with fingerprint {rows(53).fingerprint[:12]}, "
        f"but rows has {other.fingerprint[:12]}; "
        "restore the data, or take data.fingerprint out of the recipe to train on the new ones"
    )
    assert contents(finished.path) == before


def test_data_that_no_file_holds_must_be_given_again(finished):
    with pytest.raises(BadInput) as caught:
        resume(finished.path, epochs=3, quiet=True)
    assert str(caught.value) == (
        "a run needs its data again, but it was trained on arrays that no file holds; "
        "pass them from Python as data=(X, y)"
    )


def change_recipe(run: Run, path: str, value: object) -> None:
    values = with_value(read_toml(RunPaths(run.path).recipe), path, value)
    RunPaths(run.path).recipe.write_text(read_recipe(values).to_toml())


def test_a_checkpoint_of_another_recipe_is_refused(finished):
    (finished.path / "result.json").unlink()
    change_recipe(finished, "optimizer.learning_rate", 0.125)
    rate = finished.recipe.optimizer.learning_rate
    with pytest.raises(BadInput) as caught:
        resume(finished.path, **DATA)
    assert str(caught.value) == (
        f"a run must go on with its own recipe, but optimizer.learning_rate was {rate}, is 0.125; "
        "restore recipe.toml or start a new run"
    )


def test_checkpoints_of_another_model_are_refused(make_run):
    run, other = make_run("run"), make_run("other", model={"name": "mlp", "depth": 2, "width": 3})
    (run.path / "result.json").unlink()
    for path in RunPaths(other.path).checkpoints.iterdir():
        (RunPaths(run.path).checkpoints / path.name).write_bytes(path.read_bytes())
    with pytest.raises(BadInput) as caught:
        resume(run.path, **DATA)
    assert str(caught.value) == (
        "a run must go on with its own recipe, but model.depth was 2, is 1; model.width was 3, is 5; "
        "restore recipe.toml or start a new run"
    )


def damage(path: Path, how: str) -> None:
    content = bytearray(path.read_bytes())
    if how == "flip":
        content[len(content) // 2] ^= 1
    path.write_bytes(content[:-1] if how == "cut" else content)


@pytest.mark.parametrize("suffix", ["json", "safetensors"])
@pytest.mark.parametrize("how", ["flip", "cut"])
def test_a_damaged_checkpoint_is_passed_over_and_said_so(finished, suffix, how):
    expected = bits(finished)
    (finished.path / "result.json").unlink()
    path = RunPaths(finished.path).checkpoints / f"step-000000006.{suffix}"
    damage(path, how)
    with pytest.warns(LuthierWarning, match="; going on from an older checkpoint") as warned:
        again = resume(finished.path, **DATA)
    assert str(path) in str(warned[0].message)
    assert bits(again) == expected


def test_where_no_checkpoint_is_whole_nothing_is_trained(finished):
    (finished.path / "result.json").unlink()
    for path in RunPaths(finished.path).checkpoints.glob("*.safetensors"):
        damage(path, "flip")
    before = contents(finished.path)
    with pytest.raises(DamagedFile) as caught:
        resume(finished.path, **DATA)
    message = str(caught.value)
    assert message.startswith(f"no checkpoint of {finished.path} can be gone on with: ")
    assert "step-000000003.safetensors" in message and "step-000000006.safetensors" in message
    assert message.endswith("; start the run anew elsewhere")
    assert contents(finished.path) == before


class Payload:
    """Touches a file where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_pickle_offered_as_a_checkpoint_is_never_loaded(finished, tmp_path):
    mark = tmp_path / "loaded"
    (finished.path / "result.json").unlink()
    for path in RunPaths(finished.path).checkpoints.iterdir():
        path.write_bytes(pickle.dumps(Payload(mark)))
    with pytest.raises(DamagedFile, match="no checkpoint of"):
        resume(finished.path, **DATA)
    assert not mark.exists()
    pickle.loads(pickle.dumps(Payload(mark)))
    assert mark.exists(), "the payload must bite, or its silence says nothing"


def test_another_machine_is_warned_of(finished, monkeypatch):
    there = {"torch": "1.0", "threads": 99, "processor": "abacus"}
    now = json.loads((finished.path / "environment.json").read_text())["sessions"][0]
    monkeypatch.setattr("luthier.run.write.environment", lambda: {**now, **there})
    with pytest.warns(LuthierWarning) as warned:
        resume(finished.path, epochs=3, **DATA)
    assert [str(one.message) for one in warned] == [
        "the result may differ in its last bits from the uninterrupted run: torch was "
        f"{now['torch']}, is 1.0, threads was {now['threads']}, is 99, processor was {now['processor']}, is abacus"
    ]


def test_the_same_machine_is_not(finished):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert resume(finished.path, epochs=3, **DATA).result["epochs"] == 3


def test_a_file_of_data_is_found_again(tmp_path, monkeypatch):
    path = tmp_path / "naïve ☃.npz"
    np.savez(path, X=rows(53).inputs, y=rows(53).labels)
    monkeypatch.chdir(tmp_path)
    run = train(path.name, "mlp", epochs=1, out="run", quiet=True)
    assert run.recipe.data.source == str(path)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert resume(tmp_path / "run", epochs=2, quiet=True).result["epochs"] == 2


def test_a_folder_named_like_a_data_set_does_not_take_its_place(tmp_path, monkeypatch):
    (tmp_path / "digits").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.warns(LuthierWarning, match="digits is taken for the known data set of that name"):
        run = train("digits", "mlp", epochs=1, out="run", quiet=True)
    assert run.recipe.data.source == "digits"
    assert resume("run", epochs=2, quiet=True).result["epochs"] == 2
