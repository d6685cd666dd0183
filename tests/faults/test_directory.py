"""The output directory: unusable ones are refused before any work, a second process is kept out, modes follow umask."""

import os
import shutil
import signal
import socket
from pathlib import Path
from typing import Any

import pytest

from luthier.core.errors import BadInput, LostDirectory
from luthier.run import begin
from luthier.study.verify import fsck
from luthier.training import TrainState

from .rig.client import Server, alone
from .rig.state import digest, newest_step
from .rig.world import prepared, recipe

BAD_INPUT = 2
LONGEST = 255


def file_in_place(folder: Path) -> Path:
    (folder / "run").write_text("precious")
    return folder / "run"


def parent_is_a_file(folder: Path) -> Path:
    (folder / "file").write_text("precious")
    return folder / "file" / "run"


def not_empty(folder: Path) -> Path:
    (folder / "run").mkdir()
    (folder / "run" / "thesis.tex").write_text("precious")
    return folder / "run"


def somebody_elses_temporary(folder: Path) -> Path:
    (folder / "run").mkdir()
    (folder / "run" / "thesis.tmp").write_text("precious")
    return folder / "run"


def no_place_for_files(folder: Path) -> Path:
    return Path("/proc/luthier/run")


def name_too_long(folder: Path) -> Path:
    return folder / ("x" * (LONGEST + 1))


def circle(folder: Path) -> Path:
    (folder / "run").symlink_to(folder / "run")
    return folder / "run"


UNUSABLE = {
    file_in_place: "is none",
    parent_is_a_file: "Not a directory",
    not_empty: "is not; choose another",
    somebody_elses_temporary: "is not; choose another",
    no_place_for_files: "No such file or directory",
    name_too_long: "File name too long",
    circle: "is none",
}


@pytest.mark.parametrize("make", UNUSABLE, ids=lambda make: make.__name__)
def test_an_unusable_directory_is_refused_before_any_work(server: Server, tmp_path: Path, make: Any) -> None:
    root = make(tmp_path)
    before = listing(tmp_path)
    refused = server.train(root)
    assert (refused.status, refused.error, refused.steps) == (BAD_INPUT, "BadInput", 0), refused
    assert refused.message.startswith("the output directory must be ")
    assert str(root) in refused.message
    assert UNUSABLE[make] in refused.message
    assert "--out" in refused.message
    assert refused.message.count("\n") == 0
    assert refused.seconds < 1
    assert listing(tmp_path) == before


def listing(folder: Path) -> dict[str, str]:
    return {
        str(path): os.readlink(path)
        if path.is_symlink()
        else path.read_text(errors="replace")
        if path.is_file()
        else "directory"
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize("name", ["-dash", "two words", "ünïcode ✓", "line\nbreak", "\udcff\udcfe", "x" * LONGEST])
def test_strange_names_are_names(server: Server, expected: dict[str, Any], tmp_path: Path, name: str) -> None:
    root = tmp_path / name
    assert server.train(root, signal_at=3, signal=signal.SIGTERM).status == 128 + signal.SIGTERM
    assert server.train(root).is_clean
    assert digest(root) == expected


def test_a_directory_with_a_lock_and_temporary_files_counts_as_empty(
    server: Server, expected: dict[str, Any], tmp_path: Path
) -> None:
    root = tmp_path / "run"
    root.mkdir()
    for name in (".lock", "..probe.tmp.tmp", ".probe.tmp", ".recipe.toml.tmp"):
        (root / name).write_text("left by a killed process")
    begun = server.train(root)
    assert begun.is_clean, begun
    assert digest(root) == expected


def test_a_recipe_without_a_checkpoint_starts_at_step_0(
    server: Server, straight: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    root = tmp_path / "run"
    root.mkdir()
    shutil.copy(straight / "recipe.toml", root)
    begun = server.train(root)
    assert begun.is_clean, begun
    assert begun.steps == expected["result"]["steps"]
    assert digest(root) == expected


@pytest.mark.parametrize("umask", [0o002, 0o027, 0o077], ids=oct)
def test_every_file_follows_the_umask(server: Server, tmp_path: Path, umask: int) -> None:
    root = tmp_path / "run"
    assert server.train(root, umask=umask, signal_at=3, signal=signal.SIGTERM).status == 128 + signal.SIGTERM
    assert server.train(root, umask=umask).is_clean
    modes = {path.name: path.stat().st_mode & 0o777 for path in (root, *root.rglob("*"))}
    directories = {path.name for path in (root, *root.rglob("*")) if path.is_dir()}
    assert len(modes) > 8
    assert modes == {name: (0o777 if name in directories else 0o666) & ~umask for name in modes}


def test_a_second_process_is_told_who_owns_the_run_until_that_one_dies(
    server: Server, expected: dict[str, Any], tmp_path: Path
) -> None:
    root = tmp_path / "run"
    with alone(root, wait_at=3) as holder:
        assert holder.stdout
        assert [holder.stdout.readline() for _ in range(2)] == ["ready\n", "waiting\n"]
        before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
        refused = server.train(root)
        assert (refused.status, refused.error, refused.steps) == (BAD_INPUT, "BadInput", 0)
        assert f"process {holder.pid} on {socket.gethostname()} (since 20" in refused.message
        assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before
        holder.kill()
    assert newest_step(root) == 2
    assert server.train(root).is_clean
    assert digest(root) == expected


def test_of_processes_that_begin_at_once_one_wins(server: Server, expected: dict[str, Any], tmp_path: Path) -> None:
    for number in range(12):
        root = tmp_path / str(number) / "run"
        root.parent.mkdir()
        outcome = server.train(root, racers=6, anew=True)
        assert sorted([outcome.status, *outcome.others]) == [0, *[BAD_INPUT] * 5], outcome
        assert digest(root) == expected


def link_to(path: Path, target: Path) -> None:
    """Put a link in place of a file or folder of a run."""
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.symlink_to(target)


OUTSIDE = {"victim.txt": "precious", "step-000000001.safetensors": "x", "step-my.json": "{}", ".notes.tmp": "x"}


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder of somebody, with names that look like those of a run."""
    folder = tmp_path / "outside"
    folder.mkdir()
    for name, text in OUTSIDE.items():
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("name", [".lock", "history.jsonl", "checkpoints"])
@pytest.mark.parametrize("epochs", [None, 4], ids=["unfinished", "more epochs"])
def test_a_link_leads_no_change_out_of_a_run(
    server: Server, straight: Path, outside: Path, name: str, epochs: int | None
) -> None:
    root = Path(shutil.copytree(straight, outside.with_name("run")))
    link_to(root / name, outside if name == "checkpoints" else outside / "victim.txt")
    if epochs is None:
        (root / "result.json").unlink()
        if name == "history.jsonl":
            shutil.rmtree(root / "checkpoints")
    refused = server.train(root, watched=False, **({} if epochs is None else {"epochs": epochs}))
    assert refused.status != 0 and refused.error in ("BadInput", "DamagedFile") and refused.steps == 0, refused
    assert str(root / name) in refused.message and refused.message.count("\n") == 0
    assert listing(outside) == {str(outside / one): text for one, text in OUTSIDE.items()}
    assert any(f"{root / name} is a link" in problem for problem in fsck(root))


def test_the_lock_of_a_new_run_is_no_link(server: Server, outside: Path, tmp_path: Path) -> None:
    root = tmp_path / "run"
    root.mkdir()
    link_to(root / ".lock", outside / "victim.txt")
    refused = server.train(root, watched=False)
    assert (refused.status, refused.error, refused.steps) == (BAD_INPUT, "BadInput", 0), refused
    assert (outside / "victim.txt").read_text() == "precious"


def remove(root: Path) -> None:
    shutil.rmtree(root)


def replace(root: Path) -> None:
    root.rename(root.with_name("moved"))
    shutil.copytree(root.with_name("moved"), root)


def unlock(root: Path) -> None:
    (root / ".lock").unlink()


def checkpoints_elsewhere(root: Path) -> None:
    (root / "checkpoints").rename(root.with_name("moved"))
    (root / "checkpoints").symlink_to(root.with_name("moved"))


@pytest.mark.parametrize("happening", [remove, replace, unlock, checkpoints_elsewhere], ids=lambda one: one.__name__)
@pytest.mark.parametrize("at", [3, 4, 6], ids=["end of an epoch", "within an epoch", "end"])
def test_a_run_stops_where_its_directory_is_no_longer_its_own(tmp_path: Path, happening: Any, at: int) -> None:
    root, before = tmp_path / "run", dict[str, str]()

    def watch(state: TrainState, rows: list[Any]) -> None:
        if state.step == at:
            happening(root)
            before.update(listing(tmp_path))

    with pytest.raises((LostDirectory, BadInput)) as caught:
        begin(prepared(recipe()), root, watch)
    assert isinstance(caught.value, BadInput) is (happening is checkpoints_elsewhere)
    assert str(root) in str(caught.value)
    if happening is checkpoints_elsewhere:  # the history is still its own
        assert listing(tmp_path / "moved").items() <= before.items()
    else:
        assert listing(tmp_path) == before
