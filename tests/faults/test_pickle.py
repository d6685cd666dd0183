"""A pickle is a program. Wherever one is offered in place of a file of a run, it is refused and never run."""

import pickle
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from luthier.core.errors import LuthierError
from luthier.core.files import read_sealed, write_sealed
from luthier.data import load
from luthier.run import Run
from luthier.study.verify import fsck
from luthier.training.checkpoint import open_checkpoint, restore

from .rig import damage
from .rig.client import Server
from .rig.state import manifests
from .rig.world import dataset, prepared, recipe


class Payload:
    """Touches a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "executed"


@pytest.fixture
def root(straight: Path, tmp_path: Path) -> Path:
    """A copy of a finished run."""
    return Path(shutil.copytree(straight, tmp_path / "run"))


def plain(mark: Path, folder: Path) -> bytes:
    return pickle.dumps({"network": Payload(mark)})


def torch_archive(mark: Path, folder: Path) -> bytes:
    torch.save({"network": Payload(mark)}, folder / "saved.pt")
    return (folder / "saved.pt").read_bytes()


def torch_legacy(mark: Path, folder: Path) -> bytes:
    torch.save({"network": Payload(mark)}, folder / "saved.pt", _use_new_zipfile_serialization=False)
    return (folder / "saved.pt").read_bytes()


def numpy_object(mark: Path, folder: Path) -> bytes:
    np.save(folder / "saved.npy", np.array([Payload(mark)], object), allow_pickle=True)
    return (folder / "saved.npy").read_bytes()


KINDS = [plain, torch_archive, torch_legacy, numpy_object]
kinds = pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)


@kinds
def test_the_payload_would_work(make: Callable[[Path, Path], bytes], mark: Path, tmp_path: Path) -> None:
    path = tmp_path / "bait"
    path.write_bytes(make(mark, tmp_path))
    if make is numpy_object:
        np.load(path, allow_pickle=True)
    elif make is plain:
        pickle.loads(path.read_bytes())
    else:
        torch.load(path, weights_only=False)
    assert mark.exists()


@kinds
def test_as_tensors_of_a_checkpoint(
    make: Callable[[Path, Path], bytes], root: Path, mark: Path, tmp_path: Path
) -> None:
    """With the right checksum and a right seal, as somebody would take care to write."""
    newest = manifests(root)[-1]
    damage.swap_tensors(newest, make(mark, tmp_path))
    with pytest.raises(LuthierError, match=newest.stem):
        restore(open_checkpoint(newest), prepared(recipe()).trainer)
    assert not mark.exists()


@kinds
def test_as_the_tensors_of_a_run_that_is_resumed(
    server: Server, make: Callable[[Path, Path], bytes], root: Path, mark: Path, tmp_path: Path
) -> None:
    damage.swap_tensors(manifests(root)[-1], make(mark, tmp_path))
    (root / "result.json").unlink()
    refused = server.train(root)
    assert (refused.status, refused.error, refused.steps) == (1, "DamagedFile", 0)
    assert not mark.exists()


@kinds
@pytest.mark.parametrize("name", ["model.safetensors", "recipe.toml", "result.json", "environment.json", "manifest"])
def test_as_any_other_file_of_a_run(
    make: Callable[[Path, Path], bytes], root: Path, mark: Path, tmp_path: Path, name: str
) -> None:
    path = manifests(root)[-1] if name == "manifest" else root / name
    bait = make(mark, tmp_path)
    path.write_bytes(bait)
    if name == "model.safetensors":
        result = read_sealed(root / "result.json")
        checksums = {**result["sha256"], name: sha256(bait).hexdigest()}
        write_sealed(root / "result.json", {**result, "sha256": checksums})
    assert any(path.name in problem for problem in fsck(root))
    if name in ("model.safetensors", "recipe.toml", "result.json"):
        with pytest.raises(LuthierError, match=name):
            Run(root).predict(dataset().inputs)
    assert not mark.exists()


@kinds
def test_as_data(make: Callable[[Path, Path], bytes], mark: Path, tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    path.write_bytes(make(mark, tmp_path))
    with pytest.raises(LuthierError, match=r"data\.npz"):
        load(str(path))
    assert not mark.exists()


def test_inside_of_data(mark: Path, tmp_path: Path) -> None:
    bait = np.array([Payload(mark), Payload(mark)], object)
    np.savez(tmp_path / "data.npz", X=bait, y=np.arange(2), allow_pickle=True)
    with pytest.raises(LuthierError, match="no objects"):
        load(str(tmp_path / "data.npz"))
    assert not mark.exists()
