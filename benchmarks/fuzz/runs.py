"""Run directories and studies: a file of one is damaged, all checksums are mended, and everything reads it."""

import hashlib
import json
import random
import shutil
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from mutations import any_digits, damage_bytes, damage_lines, damage_tree, write_json
from readers import COLUMNS, Input

import luthier
from luthier import api
from luthier.core.errors import LuthierError
from luthier.core.files import SEAL, _encode, sha256
from luthier.report.report import report
from luthier.run import Run
from luthier.run.predict import predict_files
from luthier.study.compare import compare
from luthier.study.verify import fsck

SHARE = 0.08
"""Of the inputs; each takes as long as ten others."""


@dataclass(frozen=True)
class Whole:
    """A sound run or study, and a file that a run predicts for."""

    root: Path
    examples: Path | None = None


WHOLE: list[Whole] = []


def make_runs(folder: Path) -> list[Whole]:
    """Train small runs of every form of data, and a study."""
    rng = np.random.default_rng(0)
    y = np.arange(24) % 2
    X = rng.normal(size=(24, 6, 3)) + y[:, None, None]
    data: dict[str, Any] = {
        "rows": {"X": X[:, 0], "y": y}, "pictures": {"X": rng.integers(0, 256, (24, 6, 6, 1), np.uint8), "y": y},
        "sequences": {"X": X, "y": y, "lengths": np.full(24, 5)}, "values": {"X": X[:, 0], "y": X[:, 0, 0] * 3},
    }  # fmt: skip
    for name, arrays in data.items():
        np.savez(folder / f"{name}.npz", **arrays)
    rows = [list(COLUMNS), *map(list, zip(*COLUMNS.values(), strict=True))]
    (folder / "table.csv").write_text("\n".join(",".join(row) for row in rows))
    made = []
    for path in (*(folder / f"{name}.npz" for name in data), folder / "table.csv"):
        out = folder / f"run-{path.stem}"
        model = {} if path.stem in ("sequences", "table") else {"model": {"name": "mlp", "depth": 1, "width": 4}}
        luthier.train(path, epochs=2, out=out, quiet=True, **model)
        made.append(Whole(out, path))
    out = folder / "study"
    api.train_seeds(
        folder / "rows.npz", {"name": "mlp", "depth": 1, "width": 4}, seeds=2, epochs=1, out=out, quiet=True, workers=1
    )  # type: ignore[arg-type]
    return [*made, Whole(out)]


def run_directory(rng: random.Random, folder: Path) -> Input:
    """A run or study in which one file is damaged."""
    whole = rng.choice(WHOLE)
    root = folder / "run"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(whole.root, root)
    files = sorted(one for one in root.rglob("*") if one.is_file() and one.suffix in DAMAGES)
    path = rng.choice(files)
    if rng.random() < 0.9:
        DAMAGES[path.suffix](path, rng)
    else:
        path.write_bytes(damage_bytes(path.read_bytes(), rng))
    if rng.random() < 0.9:
        repair(path)
    return Input(root, lambda: read_all(root, whole, rng))


def _damage_json(path: Path, rng: random.Random) -> None:
    path.write_bytes(write_json(damage_tree(json.loads(path.read_bytes()), rng)) + b"\n")


def _damage_lines(path: Path, rng: random.Random) -> None:
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    place = rng.randrange(len(rows))
    rows[place] = damage_tree(rows[place], rng)
    with any_digits():
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def _damage_toml(path: Path, rng: random.Random) -> None:
    path.write_bytes(damage_lines(path.read_text(), rng).encode("utf-8", "surrogatepass"))


def _damage_tensors(path: Path, rng: random.Random) -> None:
    """Damage the header of a safetensors file, its own length made right, or the metadata in it, or the numbers."""
    content = path.read_bytes()
    (size,) = struct.unpack_from("<Q", content)
    header, body = json.loads(content[8 : 8 + size]), content[8 + size :]
    notes = header.get("__metadata__", {})
    if rng.random() < 0.4 and "luthier" in notes:
        notes["luthier"] = write_json(damage_tree(json.loads(notes["luthier"]), rng)).decode()
    elif rng.random() < 0.6:
        header = damage_tree(header, rng)
    else:
        body = damage_bytes(body, rng)
    told = write_json(header)
    path.write_bytes(struct.pack("<Q", len(told)) + told + body)


DAMAGES: dict[str, Callable[[Path, random.Random], None]] = {
    ".json": _damage_json, ".jsonl": _damage_lines, ".toml": _damage_toml, ".safetensors": _damage_tensors,
}  # fmt: skip


def repair(damaged: Path) -> None:
    """Make every checksum right that a damaged file breaks: its own seal, and what others say of it."""
    if damaged.suffix == ".json":
        _seal(damaged)
    root = damaged.parent.parent if damaged.parent.name == "checkpoints" else damaged.parent
    manifest = damaged.with_suffix(".json")
    if damaged.parent.name == "checkpoints" and damaged.suffix == ".safetensors":
        _tell(manifest, lambda told: {**told, "sha256": sha256(damaged)})
    if damaged.name == "history.jsonl":
        content = damaged.read_bytes()
        mark = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for one in (root / "checkpoints").glob("*.json"):
            _tell(one, lambda told: {**told, "notes": {**told["notes"], "history": mark}})
    if damaged.parent == root and damaged.name != "result.json":
        _tell(root / "result.json", lambda told: {**told, "sha256": {**told["sha256"], damaged.name: sha256(damaged)}})


def _tell(path: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    if path.is_file():
        path.write_bytes(write_json(change(json.loads(path.read_bytes()))))
        _seal(path)


def _seal(path: Path) -> None:
    with any_digits():
        try:
            content = json.loads(path.read_bytes())
            values = {key: value for key, value in content.items() if key != SEAL}
            path.write_bytes(_encode({**values, SEAL: hashlib.sha256(_encode(values, True)).hexdigest()}, True))
        except (ValueError, AttributeError):  # no table any more, or with numbers that no seal is made for
            return


def read_all(root: Path, whole: Whole, rng: random.Random) -> None:
    """Do with a run or study whatever a command does; raise the first refusal once all is done."""
    refusals = []
    for task in (_verify, _show, _open, rng.choice((_predict, _evaluate, _resume, _compare))):
        try:
            task(root, whole)
        except LuthierError as error:
            refusals.append(error)
    if refusals:
        raise refusals[0]


def _verify(root: Path, whole: Whole) -> None:
    fsck(root)


def _show(root: Path, whole: Whole) -> None:
    report(root)


def _open(root: Path, whole: Whole) -> None:
    if whole.examples:
        run = Run(root)
        repr((run.result, run.history, run.metadata, run.classes, run.table, run.form, run.temperature))
        assert run.test_predictions
        run.network.eval()


def _predict(root: Path, whole: Whole) -> None:
    if whole.examples:
        predict_files(Run(root), [whole.examples])


def _evaluate(root: Path, whole: Whole) -> None:
    if whole.examples:
        api.evaluate(root)
        api.evaluate(root, data=whole.examples)


def _resume(root: Path, whole: Whole) -> None:
    if whole.examples:
        (root / "result.json").unlink(missing_ok=True)
        api.resume(root, quiet=True)
    else:
        api.resume_study(root, quiet=True, workers=1)


def _compare(root: Path, whole: Whole) -> None:
    compare([root, whole.root])
