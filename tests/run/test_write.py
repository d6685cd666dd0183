"""Training into a directory: what lies there in the end, and what is refused before anything does."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from luthier.api import train
from luthier.core.errors import BadInput, DamagedFile, Diverged
from luthier.recipe.read import read_recipe
from luthier.recipe.values import read_toml
from luthier.run import RunPaths, begin, is_unused
from luthier.run.provenance import environment, read_sessions
from luthier.testing.compare import difference
from luthier.testing.material import SmallNet, pictures, rows
from luthier.testing.training import prepare_recipe

CPU = torch.device("cpu")


def files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_a_finished_run_holds_these_files_and_no_others(finished):
    assert files(finished.path) == [
        ".lock",
        "checkpoints/step-000000003.json",
        "checkpoints/step-000000003.safetensors",
        "checkpoints/step-000000006.json",
        "checkpoints/step-000000006.safetensors",
        "digests.safetensors",
        "environment.json",
        "history.jsonl",
        "model.safetensors",
        "predictions.safetensors",
        "recipe.toml",
        "result.json",
    ]


def test_the_recipe_that_lies_there_is_complete(finished):
    values = read_toml(finished.path / "recipe.toml")
    assert values.keys() == read_recipe({}).dump().keys()
    assert values["data"]["fingerprint"] == rows(53).fingerprint
    assert read_recipe(values) == finished.recipe
    assert values["optimizer"].keys() >= {"name", "learning_rate", "weight_decay", "beta1"}


def test_the_history_tells_every_epoch(finished):
    history = finished.history
    assert [(row["kind"], row["epoch"], row["step"]) for row in history] == [
        ("train", 0, 3), ("validation", 1, 3), ("train", 1, 6), ("validation", 2, 6),
    ]  # fmt: skip
    assert [row["steps"] for row in history if row["kind"] == "train"] == [3, 3]
    seconds = [row["seconds"] for row in history]
    assert seconds == sorted(seconds) and seconds[0] >= 0


def test_the_environment_is_noted_for_each_process(finished):
    (session,) = json.loads((finished.path / "environment.json").read_text())["sessions"]
    assert session.items() >= environment().items()
    assert session["command"] == sys.argv
    assert session["threads"] == torch.get_num_threads() and session["torch"] == torch.__version__


def without_clock(run):
    rows = [{key: value for key, value in row.items() if not key.startswith("seconds")} for row in run.history]
    clock = {"seconds", "examples_per_second", "peak_memory_bytes", "test_reads", "sha256"}
    return rows, {key: value for key, value in run.result.items() if key not in clock}


def test_equal_recipes_give_equal_bits_and_another_seed_does_not(make_run):
    one, same, other = make_run("one"), make_run("same"), make_run("other", seed=1)
    assert without_clock(one) == without_clock(same)
    assert (one.path / "model.safetensors").read_bytes() == (same.path / "model.safetensors").read_bytes()
    assert one.recipe.hash() == same.recipe.hash()
    assert (one.path / "model.safetensors").read_bytes() != (other.path / "model.safetensors").read_bytes()
    assert one.history[0]["loss"] != other.history[0]["loss"]


def test_random_draws_of_the_caller_are_neither_used_nor_moved(make_run):
    torch.manual_seed(3)
    before = torch.get_rng_state()
    one = make_run("one")
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(17)
    assert without_clock(make_run("same")) == without_clock(one)


@pytest.fixture
def prepared():
    """What `begin` takes."""
    return prepare_recipe(read_recipe({"model": "mlp", "training": {"epochs": 1}}), rows(53), CPU)


def refusal(prepared, root: Path) -> str:
    with pytest.raises(BadInput) as caught:
        begin(prepared, root, lambda state, news: pytest.fail("training began"))
    return str(caught.value)


def test_a_directory_in_which_something_lies_is_refused(prepared, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    assert refusal(prepared, tmp_path) == (
        f"the output directory must be new or empty, but {tmp_path} is not; "
        f"choose another with --out, or go on with: luthier resume {tmp_path}"
    )
    assert files(tmp_path) == ["notes.txt"]


def test_a_file_is_no_directory(prepared, tmp_path):
    path = tmp_path / "file"
    path.write_text("mine")
    assert refusal(prepared, path) == (
        f"the output directory must be a directory, but {path} is none; choose another with --out"
    )
    assert refusal(prepared, path / "below") == (
        f"the output directory must be writable, but {path / 'below'} is not (Not a directory); "
        "choose another with --out"
    )
    assert path.read_text() == "mine"


def test_a_name_that_the_system_cannot_hold_is_refused(prepared, tmp_path):
    path = tmp_path / ("x" * 300)
    assert refusal(prepared, path).endswith("is not (File name too long); choose another with --out")
    assert files(tmp_path) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_place_is_refused(prepared, tmp_path):
    tmp_path.chmod(0o500)
    try:
        message = refusal(prepared, tmp_path / "run")
    finally:
        tmp_path.chmod(0o700)
    assert message.endswith("is not (Permission denied); choose another with --out")
    assert not (tmp_path / "run").exists()


def test_a_place_that_takes_no_files_is_refused(prepared, tmp_path, monkeypatch):
    """As of a read-only disk, for root too."""

    def refuse(*arguments, **named):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("luthier.core.files.write_atomic", refuse)
    path = tmp_path / "new" / "run"
    assert refusal(prepared, path) == (
        f"the output directory must be writable, but {path} is not (Read-only file system); choose another with --out"
    )
    assert files(tmp_path) == []


HOLD = """
import sys
from pathlib import Path
from luthier.core.lock import hold_lock

with hold_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_directory_in_use_is_refused_and_its_holder_named(prepared, tmp_path):
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        message = refusal(prepared, tmp_path)
        holder.communicate("")
    assert message.startswith(
        f"one process at a time may write a run, but {tmp_path} is in use by process {holder.pid} on "
    )
    assert files(tmp_path) == [".lock"]


@pytest.mark.parametrize("left", [[], [".lock"], [".recipe.toml.tmp", ".lock"]])
def test_what_a_killed_process_left_counts_as_empty(prepared, tmp_path, left):
    for name in left:
        (tmp_path / name).write_text("torn")
    assert is_unused(tmp_path)
    begin(prepared, tmp_path, lambda state, news: None)
    assert not list(tmp_path.glob("*.tmp")) and not list(tmp_path.glob(".*.tmp"))
    assert RunPaths(tmp_path).result.is_file()


def test_a_file_of_the_users_own_is_not_taken_for_ours(tmp_path):
    (tmp_path / "draft.tmp").write_text("mine")
    assert not is_unused(tmp_path)


def test_training_that_diverges_keeps_what_it_had(tmp_path):
    with pytest.raises(Diverged, match=r"step \d \(from 0\) met non-finite values in the loss, at learning") as caught:
        train(rows(53), "mlp", epochs=3, batch_size=16, learning_rate=1e30, out=tmp_path / "run", quiet=True)
    assert str(caught.value).endswith("lower optimizer.learning_rate")
    assert not RunPaths(tmp_path / "run").result.exists() and not RunPaths(tmp_path / "run").model.exists()


def test_networks_that_share_weights_are_saved(tmp_path):
    module = SmallNet()
    module.twin = torch.nn.Conv2d(1, 5, 3)
    module.twin.weight = module.conv.weight
    run = train(pictures(61), module, epochs=1, out=tmp_path / "run", quiet=True)
    state = run.network.body.state_dict()
    assert torch.equal(state["twin.weight"], state["conv.weight"])
    assert difference(module.state_dict()["conv.weight"], state["conv.weight"]) is not None


@pytest.mark.parametrize("content", ["{}", "[]", '{"sessions": {}}'])
def test_an_environment_that_lists_no_sessions_is_damaged(tmp_path, content):
    path = tmp_path / "environment.json"
    path.write_text(content)
    with pytest.raises(DamagedFile) as caught:
        read_sessions(path)
    assert str(caught.value) == (
        f"{path} does not list the sessions of a run; restore it, or remove it and go on without"
    )
