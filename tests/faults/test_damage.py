"""Damaged checkpoints are refused by name, an older one steps in with a warning, and nothing is ever half loaded."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from luthier.core.errors import DamagedFile
from luthier.training.checkpoint import open_checkpoint, restore

from .rig import damage
from .rig.client import Server
from .rig.power import Trace, number_of
from .rig.state import digest, is_valid, manifests
from .rig.world import prepared, recipe
from .test_kill import KILLED, MORE, difference

FAILURE, BAD_INPUT = 1, 2
OLDER, NEWEST = "step-000000003", "step-000000004"


@pytest.fixture(scope="module")
def unfinished(server: Server, trace: Trace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was killed after step 4: it has the checkpoints OLDER and NEWEST."""
    root = tmp_path_factory.mktemp("unfinished") / "run"
    at = number_of(trace, "create", "step-000000006.safetensors")
    assert server.train(root, fault={"kind": "kill", "at": at}).status == KILLED
    assert [path.stem for path in manifests(root)] == [OLDER, NEWEST]
    return root


@pytest.fixture
def root(unfinished: Path, tmp_path: Path) -> Path:
    """A copy of the unfinished run, to damage."""
    return Path(shutil.copytree(unfinished, tmp_path / "run"))


@pytest.mark.parametrize(
    ("suffix", "ways"), [(".safetensors", damage.damaged_tensors), (".json", damage.damaged_manifests)]
)
def test_any_damage_is_seen(root: Path, suffix: str, ways: Callable[[bytes], Iterator[tuple[str, bytes]]]) -> None:
    path, manifest = (root / "checkpoints" / f"{NEWEST}{one}" for one in (suffix, ".json"))
    right = path.read_bytes()
    seen = 0
    for what, wrong in ways(right):
        path.write_bytes(wrong)
        reason = refusal(manifest)
        assert reason.startswith(str(path)), (what, reason)
        assert "\n" not in reason, what
        seen += 1
    assert seen > 1500
    path.write_bytes(right)
    assert refusal(manifest) == "none"


def refusal(manifest: Path) -> str:
    """Why a checkpoint is not opened; any error but DamagedFile fails the test."""
    try:
        open_checkpoint(manifest)
    except DamagedFile as error:
        return str(error)
    return "none"


def torn_manifest(folder: Path) -> str:
    path = folder / f"{NEWEST}.json"
    path.write_bytes(path.read_bytes()[:1000])
    return "is not readable JSON"


def torn_tensors(folder: Path) -> str:
    path = folder / f"{NEWEST}.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    return "does not match the checksum"


def tensors_missing(folder: Path) -> str:
    (folder / f"{NEWEST}.safetensors").unlink()
    return "is missing"


def tensors_of_another_step(folder: Path) -> str:
    shutil.copy(folder / f"{OLDER}.safetensors", folder / f"{NEWEST}.safetensors")
    return "does not match the checksum"


def other_format(folder: Path) -> str:
    path = folder / f"{NEWEST}.json"
    damage.seal(path, {**damage.body_of(path), "format": 999})
    return "has 999; use the version of Luthier that wrote it"


DAMAGES = [torn_manifest, torn_tensors, tensors_missing, tensors_of_another_step, other_format]


@pytest.mark.parametrize("harm", DAMAGES, ids=lambda harm: harm.__name__)
def test_an_older_checkpoint_steps_in(
    server: Server, expected: dict[str, Any], root: Path, harm: Callable[[Path], str]
) -> None:
    reason = harm(root / "checkpoints")
    again = server.train(root)
    assert again.status == 0, again
    assert again.problems == []
    assert again.steps == expected["result"]["steps"] - 3
    (warning,) = again.warnings
    assert str(root / "checkpoints" / NEWEST) in warning
    assert reason in warning
    assert warning.endswith("going on from an older checkpoint")
    assert digest(root) == expected, difference(digest(root), expected)


def test_where_no_checkpoint_is_whole_nothing_is_trained(server: Server, root: Path) -> None:
    for name in (OLDER, NEWEST):
        path = root / "checkpoints" / f"{name}.safetensors"
        path.write_bytes(damage.flipped(path.read_bytes(), 2000, 3))
    refused = server.train(root)
    assert (refused.status, refused.error, refused.steps) == (FAILURE, "DamagedFile", 0)
    assert OLDER in refused.message
    assert NEWEST in refused.message
    assert "start the run anew" in refused.message


def test_a_refused_checkpoint_never_counts_as_one_of_the_two_kept(server: Server, tmp_path: Path) -> None:
    """Saves after 4 and 5 (by signals), 5 damaged: the run goes on from 4, and with 6 has again two good ones."""
    root = tmp_path / "run"
    for step in (4, 5):
        assert server.train(root, every=1000, signal_at=step, signal=15).status == 128 + 15
    assert [path.stem[-1] for path in manifests(root)] == ["4", "5"]
    torn = manifests(root)[-1]
    torn.write_bytes(torn.read_bytes()[:-1])
    assert len(server.train(root, every=1000).warnings) == 1
    assert [path.stem[-1] for path in manifests(root)] == ["4", "6"]
    assert all(map(is_valid, manifests(root)))
    assert sorted(path.suffix for path in (root / "checkpoints").iterdir()) == [".json"] * 2 + [".safetensors"] * 2


def cut(content: bytes) -> bytes:
    return content[:-1]


def altered(content: bytes) -> bytes:
    return content[:-9] + bytes([content[-9] ^ 1]) + content[-8:]


@pytest.mark.parametrize("harm", [cut, altered])
def test_where_the_history_has_lost_its_end_the_checkpoint_before_it_steps_in(
    server: Server, expected: dict[str, Any], tmp_path: Path, harm: Callable[[bytes], bytes]
) -> None:
    root = tmp_path / "run"
    assert server.train(root, signal_at=6, signal=15).status == 128 + 15
    history, content = root / "history.jsonl", (root / "history.jsonl").read_bytes()
    history.write_bytes(harm(content))
    again = server.train(root)
    assert (again.status, again.problems) == (0, []), again
    (warning,) = again.warnings
    assert warning.startswith(f"{history} ")
    assert warning.endswith("going on from an older checkpoint")
    assert digest(root) == expected, difference(digest(root), expected)


def test_a_history_shorter_than_every_checkpoint_counts_on_is_refused(server: Server, root: Path) -> None:
    history = root / "history.jsonl"
    history.write_bytes(history.read_bytes()[:300])
    refused = server.train(root)
    assert (refused.status, refused.error, refused.steps) == (FAILURE, "DamagedFile", 0)
    assert f"{history} must hold the " in refused.message
    assert len(history.read_bytes()) == 300


def test_a_checkpoint_of_another_recipe_is_refused_with_what_differs(server: Server, root: Path) -> None:
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file() and path.name != ".lock"}
    other = {"seed": 7, "model": {"name": "mlp", "depth": 1, "width": 6}, "tricks": {}}
    refused = server.train(root, recipe=other, epochs=MORE)
    assert (refused.status, refused.error, refused.steps) == (BAD_INPUT, "BadInput", 0)
    for what in (
        "model.width was 5, is 6",
        "seed was 0, is 7",
        "tricks.early-stopping.patience was 5, is None",
    ):
        assert what in refused.message
    assert "training" not in refused.message
    assert {path: path.read_bytes() for path in before} == before


def weights(of: Any) -> dict[str, torch.Tensor]:
    return {name: one.clone() for name, one in of.trainer.network.state_dict().items()}


def test_a_checkpoint_of_another_network_is_refused_and_nothing_of_it_loaded(root: Path) -> None:
    deeper = prepared(recipe(model={"name": "mlp", "depth": 2, "width": 5}))
    before = weights(deeper)
    checkpoint = open_checkpoint(root / "checkpoints" / f"{NEWEST}.json")
    with pytest.raises(DamagedFile) as refused:
        restore(checkpoint, deeper.trainer)
    for what in (
        "body.3.weight: file (3, 5), network (5, 5)",
        "body.5.weight: file absent, network (3, 5)",
        "use the recipe it was written with",
    ):
        assert what in str(refused.value)
    assert all(torch.equal(before[name], one) for name, one in deeper.trainer.network.state_dict().items())
    assert not deeper.trainer.optimizer.state


def lose(key: str) -> Callable[[dict[str, Any]], Any]:
    return lambda body: {**body, "tree": {name: one for name, one in body["tree"].items() if name != key}}


NO_STATES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no network": lose("network"),
    "no optimizer": lose("optimizer"),
    "no state": lose("state"),
    "unknown field": lambda body: {**body, "tree": {**body["tree"], "state": {**body["tree"]["state"], "more": 1}}},
    "unknown tensor": lambda body: {
        **body,
        "tree": {**body["tree"], "network": {"body.1.bias": {"$tensor": "nothing"}}},
    },
    "a list for a tree": lambda body: {**body, "tree": [1, 2]},
    "no format": lambda body: {},
}


@pytest.mark.parametrize("name", NO_STATES)
def test_a_manifest_that_was_sealed_without_a_state_in_it_is_refused(root: Path, name: str) -> None:
    """Not an accident of the disk but of a program, or of somebody who knows how to compute a seal."""
    manifest = root / "checkpoints" / f"{NEWEST}.json"
    damage.seal(manifest, NO_STATES[name](damage.body_of(manifest)))
    ready = prepared(recipe())
    before = weights(ready)
    with pytest.raises(DamagedFile, match=NEWEST):
        restore(open_checkpoint(manifest), ready.trainer)
    assert all(torch.equal(before[name], one) for name, one in ready.trainer.network.state_dict().items())
