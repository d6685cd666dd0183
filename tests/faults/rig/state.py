"""What is on the disk, read without Luthier: a file format that only its own reader understands proves nothing."""

import json
import struct
from hashlib import sha256
from pathlib import Path
from typing import Any

CLOCKS = {"seconds", "seconds_by_phase", "examples_per_second", "peak_memory_bytes", "test_reads", "sha256", "seal"}
"""What differs between two equal runs: the clock, the memory, how often this machine read the test part, and the
checksums of files in which the clock stands."""


def digest(root: Path) -> dict[str, Any]:
    """Everything in a run directory that must not depend on what happened on the way there."""
    return {
        "files": sorted(str(path.relative_to(root)) for path in root.rglob("*")),
        "recipe": (root / "recipe.toml").read_text(),
        "history": [_timeless(json.loads(line)) for line in (root / "history.jsonl").read_text().splitlines()],
        "checkpoints": {path.stem: checkpoint(path) for path in manifests(root)},
        "model": tensors(root / "model.safetensors"),
        "result": _timeless(json.loads((root / "result.json").read_text())),
    }


def final(digest: dict[str, Any]) -> dict[str, Any]:
    """What must be equal where the runs saved at different steps: all but the checkpoint before the last."""
    last = max(digest["checkpoints"])
    files = [name for name in digest["files"] if "step-" not in name or last in name]
    return {**digest, "files": files, "checkpoints": {last: digest["checkpoints"][last]}}


def _timeless(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in CLOCKS}


def manifests(root: Path) -> list[Path]:
    """The manifests of a run, oldest first."""
    return sorted((root / "checkpoints").glob("step-*.json"))


def checkpoint(manifest: Path) -> dict[str, Any]:
    """The tensors of a checkpoint, each as a hash, and all else that it holds but clocks and machine."""
    body = json.loads(manifest.read_text())
    notes = {"recipe": body["notes"]["recipe"]}
    return {"tensors": tensors(manifest.with_suffix(".safetensors")), "tree": body["tree"], "notes": notes}


def tensors(path: Path) -> dict[str, str]:
    """SHA-256 of each tensor of a safetensors file with its type and shape."""
    content = path.read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + size])
    header.pop("__metadata__", None)
    return {
        name: f"{one['dtype']} {one['shape']} {sha256(_part(content, 8 + size, one['data_offsets'])).hexdigest()}"
        for name, one in header.items()
    }


def _part(content: bytes, start: int, offsets: list[int]) -> bytes:
    return content[start + offsets[0] : start + offsets[1]]


def is_valid(manifest: Path) -> bool:
    """Whether a checkpoint is whole."""
    try:
        content = json.loads(manifest.read_bytes())
        seal = content.pop("seal")
        body = json.dumps(content, indent=2) + "\n"
        other = manifest.with_suffix(".safetensors").read_bytes()
    except (ValueError, KeyError, OSError):
        return False
    return sha256(body.encode()).hexdigest() == seal and sha256(other).hexdigest() == content["sha256"]


def newest_step(root: Path) -> int:
    """Step of the newest whole checkpoint, 0 where there is none."""
    return max((int(path.stem.removeprefix("step-")) for path in manifests(root) if is_valid(path)), default=0)


def torn(root: Path, checkpoints: int = 3) -> list[str]:
    """Files that are there under their own name without being whole; of the checkpoints so many count.

    After power loss two do: a third is being removed, and may have lost its tensors before its manifest.
    """
    bad = [path.name for path in manifests(root)[-checkpoints:] if not is_valid(path)]
    for name in ("environment.json", "result.json"):
        if (root / name).exists() and not _is_json((root / name).read_bytes()):
            bad.append(name)
    if (root / "recipe.toml").exists() and b"[tricks" not in (root / "recipe.toml").read_bytes():
        bad.append("recipe.toml")
    if (root / "result.json").exists() and "result.json" not in bad and not _has_its_model(root):
        bad.append("model.safetensors")
    return bad


def _is_json(content: bytes) -> bool:
    try:
        return bool(json.loads(content))
    except ValueError:
        return False


def _has_its_model(root: Path) -> bool:
    path, result = root / "model.safetensors", json.loads((root / "result.json").read_text())
    return path.exists() and sha256(path.read_bytes()).hexdigest() == result["sha256"]["model.safetensors"]


def temporaries(root: Path) -> list[str]:
    """Temporary files that were left."""
    return sorted(path.name for path in root.rglob("*") if path.name.endswith(".tmp"))
