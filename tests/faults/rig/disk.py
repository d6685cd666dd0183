"""Every change that this process makes to the disk, seen before it happens, so that a test can stop it there.

The functions of `os` and `io` that change files are replaced for the rest of the process's life: this belongs into
a child. Changes outside the watched directory pass. fsync is noted but not done: the tests judge what was asked for.
"""

import builtins
import io
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

REAL = SimpleNamespace(
    **{name: getattr(os, name) for name in ("open", "close", "write", "pwrite", "fsync", "replace", "unlink", "mkdir")},
    ftruncate=os.ftruncate,
    io_open=io.open,
)
COUNTED = ("mkdir", "create", "write", "truncate", "fsync", "replace", "unlink")


@dataclass(frozen=True)
class Event:
    """One change, or a note between changes.

    kind: one of COUNTED, or open (of a handle), saved, finished. path: under the watched directory.
    handle: which opening of the file. number: offset of a write, size of a truncation, step of a note.
    target: new path of a replacement.
    """

    kind: str
    path: str = ""
    handle: int = 0
    number: int = 0
    data: bytes = b""
    target: str = ""


Part = Callable[[bytes], int]
Meet = Callable[[int, Event, Part | None], None]
"""Told the number of a change (from 0), the change, and for a write a way to do a part of it first."""


def nothing(count: int, event: Event, part: Part | None) -> None:
    """Let every change happen."""


@dataclass
class Disk:
    """Watches the changes below one directory."""

    home: Path
    meet: Meet = nothing
    log: list[Event] = field(default_factory=list)
    count: int = 0
    handles: dict[int, tuple[int, str]] = field(default_factory=dict)
    opened: int = 0

    def install(self) -> "Disk":
        """Replace the functions of this process, for good."""
        os.open, os.close, os.fsync = self.open, self.close, self.fsync
        os.write, os.pwrite, os.ftruncate = self.write, self.pwrite, self.ftruncate
        os.replace = os.rename = self.replace
        os.unlink = os.remove = self.unlink
        os.mkdir = self.mkdir
        io.open = builtins.open = self.io_open
        return self

    def note(self, kind: str, number: int = 0) -> None:
        """Remember that something was promised at this point."""
        self.log.append(Event(kind, number=number))

    def change(self, kind: str, path: str, part: Part | None = None, **more: Any) -> None:
        """Tell the test of a change, then remember it: what a fault prevents is not in the log."""
        event = Event(kind, path, **more)
        self.count += 1
        self.meet(self.count - 1, event, part)
        self.log.append(event)

    def inside(self, path: Any) -> str | None:
        """The path below the watched directory, which is itself the empty text; None outside of it."""
        if isinstance(path, int):
            return None
        full, home = os.path.abspath(os.fsdecode(path)), f"{self.home}{os.sep}"
        return full[len(home) :] if f"{full}{os.sep}".startswith(home) else None

    def handle(self, path: str) -> int:
        """Number a new opening of a file."""
        self.opened += 1
        self.log.append(Event("open", path, self.opened))
        return self.opened

    def open(self, path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        name = self.inside(path)
        if name is not None and flags & os.O_CREAT and not os.path.lexists(path):
            self.change("create", name)
        descriptor = REAL.open(path, flags, mode, dir_fd=dir_fd)
        if name is not None:
            self.handles[descriptor] = (self.handle(name), name)
        return int(descriptor)

    def close(self, descriptor: int) -> None:
        self.handles.pop(descriptor, None)
        REAL.close(descriptor)

    def fsync(self, descriptor: int) -> None:
        if descriptor in self.handles:
            handle, name = self.handles[descriptor]
            self.change("fsync", name, handle=handle)

    def write(self, descriptor: int, data: Any) -> int:
        at = os.lseek(descriptor, 0, os.SEEK_CUR) if descriptor in self.handles else 0
        return self._write(descriptor, data, at, lambda part: REAL.write(descriptor, part))

    def pwrite(self, descriptor: int, data: Any, offset: int) -> int:
        return self._write(descriptor, data, offset, lambda part: REAL.pwrite(descriptor, part, offset))

    def _write(self, descriptor: int, data: Any, offset: int, part: Part) -> int:
        if descriptor in self.handles:
            handle, name = self.handles[descriptor]
            self.change("write", name, part, handle=handle, number=offset, data=bytes(data))
        return part(data)

    def ftruncate(self, descriptor: int, size: int) -> None:
        if descriptor in self.handles:
            handle, name = self.handles[descriptor]
            self.change("truncate", name, handle=handle, number=size)
        REAL.ftruncate(descriptor, size)

    def replace(self, source: Any, target: Any, **more: Any) -> None:
        name = self.inside(source)
        if name is not None:
            self.change("replace", name, target=self.inside(target) or "")
        REAL.replace(source, target, **more)

    def unlink(self, path: Any, **more: Any) -> None:
        name = self.inside(path)
        if name is not None and os.path.lexists(path):
            self.change("unlink", name)
        REAL.unlink(path, **more)

    def mkdir(self, path: Any, mode: int = 0o777, **more: Any) -> None:
        name = self.inside(path)
        if name is not None and not os.path.lexists(path) and os.path.isdir(os.path.dirname(os.fsdecode(path))):
            self.change("mkdir", name)
        REAL.mkdir(path, mode, **more)

    def io_open(self, file: Any, mode: str = "r", buffering: int = -1, *more: Any, **named: Any) -> Any:
        name = self.inside(file)
        if name is None or not set(mode) & set("wax+"):
            return REAL.io_open(file, mode, buffering, *more, **named)
        if not os.path.lexists(file):
            self.change("create", name)
        raw = Watched(self, file, mode)
        buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, *more, **named)


class Watched(io.FileIO):
    """A file opened for writing whose changes are told to the disk."""

    def __init__(self, disk: Disk, path: Any, mode: str) -> None:
        super().__init__(path, mode.replace("b", "").replace("t", ""))
        self.disk = disk
        self.place = disk.inside(path) or ""
        self.number = disk.handle(self.place)
        self.appends = "a" in mode

    def write(self, data: Any) -> int:
        offset = os.fstat(self.fileno()).st_size if self.appends else self.tell()
        content = bytes(data)
        self.disk.change("write", self.place, super().write, handle=self.number, number=offset, data=content)
        return super().write(content) or 0

    def truncate(self, size: int | None = None) -> int:
        to = self.tell() if size is None else size
        if to != os.fstat(self.fileno()).st_size:
            self.disk.change("truncate", self.place, handle=self.number, number=to)
        return super().truncate(to)
