"""Whatever is wrong with a run or a study is found, file by file; a whole one is called whole."""

import json
from pathlib import Path

import pytest

from luthier.api import resume, train, train_seeds
from luthier.core.errors import BadInput
from luthier.core.files import read_sealed, sha256, write_sealed
from luthier.run import Run
from luthier.study.verify import fsck
from luthier.testing.material import SmallNet, pictures, rows

DATA = rows(53)


@pytest.fixture
def run(tmp_path) -> Run:
    return train(DATA, "mlp", epochs=2, batch_size=16, out=tmp_path / "run", quiet=True)


@pytest.fixture
def study(tmp_path) -> Path:
    return Path(train_seeds(DATA, "mlp", seeds=2, epochs=1, out=tmp_path / "study", quiet=True)["study"])


def edit(path: Path, **changes) -> None:
    """Somebody took care to seal it again."""
    write_sealed(path, read_sealed(path) | changes)


def test_whole_runs_are_whole(run, tmp_path):
    assert fsck(run.path) == []
    resume(run.path, epochs=3, data=DATA, quiet=True)
    assert fsck(run.path) == []
    own = train(pictures(61), SmallNet(), epochs=1, out=tmp_path / "own", quiet=True)
    assert fsck(own.path) == []


def test_an_unfinished_run_is_whole(run):
    (run.path / "result.json").unlink()
    assert fsck(run.path) == []
    (run.path / "model.safetensors").unlink()
    assert fsck(run.path) == []


def all_files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file() and path.name != ".lock")


def test_every_byte_of_the_files_under_a_checksum_counts(run):
    """Every 97th, and each file's first and last."""
    guarded = all_files(run.path)
    assert len(guarded) == 11
    for path in guarded:
        content = path.read_bytes()
        for place in {*range(0, len(content), max(97, len(content) // 40)), len(content) - 1}:
            torn = bytearray(content)
            torn[place] ^= 1
            path.write_bytes(torn)
            assert any(path.stem in problem for problem in problems_of(run.path)), (path, place)
        path.write_bytes(content)
    assert fsck(run.path) == []


def problems_of(root: Path) -> list[str]:
    try:
        return fsck(root)
    except BadInput as error:
        return [str(error)]


def test_every_file_is_missed_or_found_cut(run):
    for path in all_files(run.path):
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
        assert fsck(run.path), f"{path} cut in half"
        path.unlink()
        if path.name == "recipe.toml":
            with pytest.raises(BadInput):
                fsck(run.path)
        elif path.name != "result.json" and path.suffix != ".json":
            assert fsck(run.path), f"{path} gone"
        path.write_bytes(content)
    assert fsck(run.path) == []


def test_a_checkpoint_needs_both_its_files(run):
    folder = run.path / "checkpoints"
    (folder / "step-000000003.json").unlink()
    (folder / "step-000000006.safetensors").unlink()
    assert fsck(run.path) == [
        f"{folder / 'step-000000006.safetensors'} is missing or does not match the checksum in its manifest",
        f"{folder / 'step-000000003.safetensors'} has no manifest: a save was cut off; luthier resume removes it",
    ]


@pytest.mark.parametrize("name", ["notes.txt", "result-.txt", "recipe.toml.bak"])
def test_a_file_of_somebody_else_is_named(run, name):
    (run.path / name).touch()
    assert fsck(run.path) == [f"{run.path / name} does not belong to a run"]


def test_a_history_must_be_rows_in_order(run):
    (run.path / "result.json").unlink()
    for path in (run.path / "checkpoints").iterdir():
        path.unlink()
    path = run.path / "history.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[2:], *lines[:2]]))
    assert fsck(run.path) == [f"{path} has steps out of order"]
    path.write_text("".join([*lines[:-1], "x" * (len(lines[-1]) - 1) + "\n"]))
    assert fsck(run.path) == [f"{path} line 4 is not a row of a history"]


def test_a_history_must_begin_with_what_the_checkpoints_count_on(run):
    (run.path / "result.json").unlink()
    path = run.path / "history.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-1]))
    total, size = sum(map(len, lines)), sum(map(len, lines[:-1]))
    assert fsck(run.path) == [
        f"{path} must hold the {total} bytes its checkpoint counts on, but holds {size} (step-000000006.json)"
    ]


@pytest.mark.parametrize("content", ["{}", "[]", "{", '{"sessions": 3}'])
def test_an_environment_must_list_sessions(run, content):
    (run.path / "result.json").unlink()
    path = run.path / "environment.json"
    path.write_text(content)
    (problem,) = fsck(run.path)
    assert problem.startswith(f"{path} ")
    path.unlink()
    assert fsck(run.path) == [f"{path} is missing"]


@pytest.mark.parametrize("content", ["{}", "[]", "{", "null"])
def test_a_result_must_be_one(run, content):
    path = run.path / "result.json"
    path.write_text(content)
    (problem,) = fsck(run.path)
    assert problem.startswith((f"{path} is not readable", f"{path} does not match its own seal"))
    write_sealed(path, {})
    (problem,) = fsck(run.path)
    assert problem.startswith(f"{path} is not a result: ")


def test_a_result_must_be_of_this_model(run):
    path, model = run.path / "result.json", run.path / "model.safetensors"
    edit(path, recipe_hash="0" * 64)
    assert fsck(run.path) == [f"{model} was written by another recipe than result.json"]
    checksums = read_sealed(path)["sha256"]
    edit(path, recipe_hash=run.recipe.hash(), sha256={**checksums, model.name: "0" * 64})
    assert fsck(run.path) == [f"{model} is missing or does not match the checksum in result.json"]
    model.write_bytes(b"no tensors")
    edit(path, sha256={**checksums, model.name: sha256(model)})
    (problem,) = fsck(run.path)
    assert problem.startswith(f"{model} is not a safetensors file (")


@pytest.mark.parametrize("name", ["recipe.toml", "environment.json", "history.jsonl"])
def test_a_result_rests_on_its_files(run, name):
    """A comment, or a space: what it says is the same, but somebody was there."""
    path = run.path / name
    path.write_bytes(path.read_bytes() + {"recipe.toml": b"# mine\n"}.get(name, b" "))
    assert f"{path} is missing or does not match the checksum in result.json" in fsck(run.path)


def test_a_recipe_must_be_one(run):
    path = run.path / "recipe.toml"
    path.write_text("sed = 1")
    (problem,) = fsck(run.path)
    assert problem.startswith(f"{path}: sed is not a section that exists; did you mean 'seed'?")


def test_whole_studies_are_whole(study):
    assert fsck(study) == []


def test_a_study_that_was_cut_off_is_whole(study):
    ledger = json.loads((study / "study.json").read_text())
    write_sealed(study / "study.json", {key: ledger[key] for key in ("seeds", "recipe", "recipe_hash")})
    assert fsck(study) == []
    for path in all_files(study / "seed-1"):
        path.unlink()
    (study / "seed-1" / "checkpoints").rmdir()
    assert fsck(study) == []


def test_what_is_wrong_with_a_members_file_is_wrong_with_the_study(study):
    path = study / "seed-1" / "model.safetensors"
    path.unlink()
    assert fsck(study) == [f"{path} is missing or does not match the checksum in result.json"]


def test_a_ledger_must_sum_up_its_own_runs(study):
    path = study / "study.json"
    edit(path, test={"mean": 1.0, "interval": [1.0, 1.0], "n": 2})
    assert fsck(study) == [f"{path} sums up other results than those of its runs"]


def test_a_member_that_is_missing_from_the_sum_is_noticed(study):
    (study / "seed-1" / "result.json").unlink()
    assert fsck(study) == [f"{study / 'study.json'} sums up other results than those of its runs"]


def test_a_member_of_another_recipe_is_noticed(study, tmp_path):
    other = train(DATA, "mlp", epochs=2, out=tmp_path / "other", quiet=True)
    for path in all_files(study / "seed-1"):
        path.unlink()
    for path in all_files(other.path):
        (study / "seed-1" / path.relative_to(other.path)).write_bytes(path.read_bytes())
    assert fsck(study)[0] == f"{study / 'seed-1'} is of another recipe than its study"


@pytest.mark.parametrize("content", ["{}", "[1]", "{", '{"seeds": [0, 1], "recipe": {}, "recipe_hash": ""}'])
def test_a_ledger_that_is_none_is_a_problem_and_no_crash(study, content):
    (study / "study.json").write_text(content)
    (problem,) = fsck(study)
    assert f"{study / 'study.json'} " in problem


@pytest.mark.parametrize("ledger", [{}, {"seeds": ["../x"], "recipe": {}, "recipe_hash": ""}])
def test_a_sealed_ledger_that_is_none_is_a_problem_too(study, ledger):
    write_sealed(study / "study.json", ledger)
    (problem,) = fsck(study)
    assert f"{study / 'study.json'} is not the ledger of a study" in problem


def test_a_ledger_with_a_wrong_recipe_says_what_is_wrong(study):
    edit(study / "study.json", recipe={"sed": 1})
    (problem,) = fsck(study)
    assert problem.startswith(f"{study}: sed is not a section that exists; did you mean 'seed'?")


@pytest.mark.parametrize("where", ["missing", "", "file"])
def test_what_is_neither_run_nor_study_is_refused(tmp_path, where):
    (tmp_path / "file").touch()
    with pytest.raises(BadInput) as caught:
        fsck(tmp_path / where)
    assert str(caught.value) == (
        f"fsck needs the directory of a run or a study, but {tmp_path / where} is neither; give the one luthier printed"
    )


def test_what_a_killed_process_leaves_is_no_damage(run):
    """Half of a save, of a row and of a file: the next process removes it, and nothing counts on it."""
    (run.path / "result.json").unlink()
    (run.path / "checkpoints" / "step-000000009.safetensors").write_bytes(b"half")
    (run.path / ".result.json.tmp").write_bytes(b"half")
    (run.path / "checkpoints" / ".step-000000009.json.tmp").write_bytes(b"half")
    with (run.path / "history.jsonl").open("ab") as file:
        file.write(b'{"kind": "tr')
    assert fsck(run.path) == []


def test_what_others_put_beside_checkpoints_is_named_and_kept(run):
    path = run.path / "checkpoints" / "step-mine.json"
    path.write_text("{}")
    assert fsck(run.path) == [f"{path} does not belong to a run"]
    resume(run.path, epochs=3, data=DATA, quiet=True)
    assert path.read_text() == "{}"
