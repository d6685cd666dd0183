"""Compares what a case left in two directories, read with json, tomllib and safetensors alone."""

import hashlib
import json
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from safetensors import deserialize

RENAMED: dict[str, str] = {}
"""Keys that a change renames on purpose, old name to new. Empty it afterwards."""

ADDED: tuple[tuple[str, str], ...] = (("study/study.json", "threads"),)
"""File and key, as patterns, of what a change adds on purpose: allowed where BEFORE has none. Empty it afterwards."""

IGNORED = (
    ("*", "*seconds*", "the clock"),
    ("*", "*examples_per_second", "the clock"),
    ("*", "*peak_memory_bytes", "the memory of that process"),
    ("*", "*seal", "a digest of a file that holds times"),
    ("*", "*sha256*", "digests of files that hold times; tensors are compared by digests made here"),
    ("*environment.json", "*", "when and by which command a process began"),
    ("*/checkpoints/*.json", "notes.environment.*", "the same in a checkpoint"),
    ("*/checkpoints/*.json", "notes.history.bytes", "the length of a file that holds times"),
    ("study/*/result.json", "test_reads", "which of the runs that train side by side ends first"),
    *(("stdout-*-list.json", f"*.{key}", "prose") for key in ("claim", "cost", "rule", "says", "source", "summary")),
)
"""File and key, as patterns, of what differs by nature between two runs of the same code or is no number, and why."""

ABSENT = "absent"


@dataclass(frozen=True)
class Difference:
    """One value that differs between two directories."""

    file: str
    key: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.file}, {self.key}: {self.before!r} became {self.after!r}"


def compare(before: Path, after: Path) -> tuple[int, list[Difference]]:
    """Compare two directories; return how many values were compared, and those that differ."""
    old, new = _read_folder(before, RENAMED), _read_folder(after, {})
    places = dict.fromkeys((*old, *(place for place in new if place in old or not _matches(place, ADDED))))
    pairs = ((place, old.get(place, ABSENT), new.get(place, ABSENT)) for place in places)
    found = [Difference(*place, one, other) for place, one, other in pairs if repr(one) != repr(other)]
    return len(places), found  # by repr: NaN equals itself, and 1 is not 1.0


def _read_folder(folder: Path, renamed: Mapping[str, str]) -> dict[tuple[str, str], Any]:
    """Read every value of a directory, by file and key, but hidden files; files of no known kind are there or not."""
    found: dict[tuple[str, str], Any] = {}
    for path in sorted(folder.rglob("*"), key=lambda path: (path.suffix != ".jsonl", path)):  # histories tell most
        inner = path.relative_to(folder)
        if not path.is_file() or any(part.startswith(".") for part in inner.parts):
            continue
        content = READERS[path.suffix](path) if path.suffix in READERS else {}
        for key, value in (("file", "there"), *_leaves(content, renamed)):
            if not _matches((inner.as_posix(), key), (ignored[:2] for ignored in IGNORED)):
                found[inner.as_posix(), key] = value.replace(str(folder), ".") if isinstance(value, str) else value
    return found


def _matches(place: tuple[str, str], patterns: Iterable[tuple[str, str]]) -> bool:
    """Tell whether the file and the key of a value are those of a pattern."""
    return any(fnmatchcase(place[0], file) and fnmatchcase(place[1], key) for file, key in patterns)


def _leaves(value: Any, renamed: Mapping[str, str], path: str = "") -> Iterator[tuple[str, Any]]:
    """Walk through nested values by dotted keys; an empty table or list is a value too."""
    if isinstance(value, dict | list) and value:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            yield from _leaves(inner, renamed, f"{path}.{renamed.get(key, key)}".lstrip("."))
    else:
        yield path, value


def _read_rows(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _read_tensors(path: Path) -> dict[str, Any]:
    """Read type, shape and digest of each tensor, and the metadata, which are JSON in a text."""
    content = path.read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    tensors = {
        name: f"{one['dtype']} {one['shape']} {hashlib.sha256(one['data']).hexdigest()}"
        for name, one in deserialize(content)
    }
    return {"metadata": {key: json.loads(text) for key, text in header.get("__metadata__", {}).items()}, **tensors}


READERS: dict[str, Callable[[Path], Any]] = {
    ".json": lambda path: json.loads(path.read_text()),
    ".jsonl": _read_rows,
    ".safetensors": _read_tensors,
    ".toml": lambda path: tomllib.loads(path.read_text()),
}
"""How each kind of file is turned into plain values; pages, charts and journals are written for people or in parts."""
