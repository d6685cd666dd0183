"""A model of a disk that loses power: it keeps what was synced, and of the rest whatever it likes.

A file's content is safe after fsync of the file, a name after fsync of its directory (POSIX promises no more).
What was not synced survives in any subset: some changes of a directory without earlier ones, the beginning of a
write, or its length without its content.
"""

import json
import random
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from .disk import COUNTED, Event

Trace = list[Event]
Tree = dict[str, bytes | None]
"""Content of each file by its path; None stands for a directory."""


def read_trace(path: Path) -> Trace:
    """Read what a child wrote down of its changes to the disk."""
    return [Event(**{**one, "data": b64decode(one["data"])}) for one in json.loads(path.read_text())]


def promised(trace: Trace) -> int:
    """The step whose checkpoint the engine was last told to be safe."""
    return max((event.number for event in trace if event.kind == "saved"), default=0)


def counted(trace: Trace) -> list[int]:
    """Places of the changes in a trace: fault number n belongs before place counted(trace)[n]."""
    return [place for place, event in enumerate(trace) if event.kind in COUNTED]


def number_of(trace: Trace, kind: str, name: str) -> int:
    """Number of the first change of a kind to a path that contains a name."""
    changes = [trace[place] for place in counted(trace)]
    return next(n for n, event in enumerate(changes) if event.kind == kind and name in event.path)


@dataclass
class File:
    """Synced content, and the changes since: (offset, data), or (size, None) for a truncation."""

    synced: bytes = b""
    since: list[tuple[int, bytes | None]] = field(default_factory=list)


@dataclass
class Directory:
    """Synced names, and the changes since: each maps some names to what they stand for, None for nothing."""

    synced: dict[str, "Node"] = field(default_factory=dict)
    since: list[dict[str, "Node | None"]] = field(default_factory=list)

    def names(self) -> dict[str, "Node"]:
        """The names as a running process sees them."""
        return _after(self.synced, self.since)


Node = File | Directory


def _after(names: dict[str, Node], changes: list[dict[str, Node | None]]) -> dict[str, Node]:
    result: dict[str, Node | None] = dict(names)
    for change in changes:
        result |= change
    return {name: node for name, node in result.items() if node is not None}


class Power:
    """The disk below one directory, which is itself safe; `apply` the trace, then ask what a `cut` would leave."""

    def __init__(self, tree: Tree) -> None:
        self.root = Directory()
        self.handles: dict[int, Node] = {}
        for path, content in sorted(tree.items()):
            self._directory(path).synced[Path(path).name] = Directory() if content is None else File(content)

    def apply(self, event: Event) -> None:
        """Follow one change."""
        match event.kind:
            case "mkdir" | "create":
                node: Node = Directory() if event.kind == "mkdir" else File()
                self._directory(event.path).since.append({Path(event.path).name: node})
            case "open":
                self.handles[event.handle] = self._find(event.path)
            case "write":
                self._file(event).since.append((event.number, event.data))
            case "truncate":
                self._file(event).since.append((event.number, None))
            case "replace":
                assert Path(event.path).parent == Path(event.target).parent, (
                    "a rename between directories is not modelled"
                )
                moved = {Path(event.path).name: None, Path(event.target).name: self._find(event.path)}
                self._directory(event.path).since.append(moved)
            case "unlink":
                self._directory(event.path).since.append({Path(event.path).name: None})
            case "fsync":
                _sync(self.handles[event.handle])

    def cut(self, survives: Callable[[int], "Kept"]) -> Tree:
        """The files that are found when power is back. survives: asked about each change, with its size in bytes."""
        tree: Tree = {}
        _walk(self.root, "", survives, tree)
        return tree

    def _find(self, path: str) -> Node:
        return self._directory(path).names()[Path(path).name] if path else self.root

    def _file(self, event: Event) -> File:
        node = self.handles[event.handle]
        assert isinstance(node, File)
        return node

    def _directory(self, path: str) -> Directory:
        node: Node = self.root
        for name in Path(path).parent.parts:
            assert isinstance(node, Directory)
            node = node.names()[name]
        assert isinstance(node, Directory)
        return node


def _sync(node: Node) -> None:
    if isinstance(node, File):
        node.synced = _content(node, all_of_it)
    else:
        node.synced = node.names()
    node.since.clear()


@dataclass(frozen=True)
class Kept:
    """What survives of a change: the first bytes of a write, and whether the file has its length all the same."""

    size: int
    length: bool


def nothing_of_it(size: int) -> Kept:
    """Nothing survives that was not synced."""
    return Kept(0, False)


def all_of_it(size: int) -> Kept:
    """Everything survives, as if only the process had died."""
    return Kept(size, True)


def some_of_it(seed: str) -> Callable[[int], Kept]:
    """Chance decides what survives."""
    chance = random.Random(seed)

    def survives(size: int) -> Kept:
        return chance.choice(
            (nothing_of_it(size), all_of_it(size), Kept(chance.randint(0, size), chance.random() < 0.5))
        )

    return survives


def _walk(directory: Directory, prefix: str, survives: Callable[[int], Kept], tree: Tree) -> None:
    changes = [change for change in directory.since if survives(0).length]
    for name, node in _after(directory.synced, changes).items():
        if isinstance(node, Directory):
            tree[prefix + name] = None
            _walk(node, f"{prefix}{name}/", survives, tree)
        else:
            tree[prefix + name] = _content(node, survives)


def _content(file: File, survives: Callable[[int], Kept]) -> bytes:
    content = bytearray(file.synced)
    for place, data in file.since:
        kept = survives(len(data or b""))
        if data is None:
            if kept.length:
                content[place:] = bytes(max(place - len(content), 0))
            continue
        end = place + (len(data) if kept.length else kept.size)
        if kept.length or kept.size:
            content.extend(bytes(max(end - len(content), 0)))
            content[place : place + kept.size] = data[: kept.size]
    return bytes(content)


def read_tree(home: Path) -> Tree:
    """Read a directory into memory."""
    return {
        str(path.relative_to(home)): None if path.is_dir() else path.read_bytes() for path in sorted(home.rglob("*"))
    }


def write_tree(tree: Tree, home: Path) -> None:
    """Lay a tree down in an empty directory."""
    for path, content in sorted(tree.items()):
        if content is None:
            (home / path).mkdir()
        else:
            (home / path).write_bytes(content)


def fingerprint(tree: Tree) -> str:
    """One text for equal trees."""
    return sha256(repr(sorted(tree.items())).encode()).hexdigest()
