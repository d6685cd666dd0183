"""How much memory is free, and whether what a file unpacks to has room in it.

The question is asked of a header, before anything is unpacked: a few kilobytes may stand for more than a machine has.
"""

import os
import resource
from collections.abc import Iterator
from pathlib import Path

from luthier.core.errors import BadInput

VARIABLE = "LUTHIER_MEGABYTES"


MEGABYTE = 1_000_000


MOST = 1_000_000_000
"""Megabytes that the variable may allow: a thousand terabytes."""


SHARE = 2
"""What is unpacked may take one in so many bytes of the free memory: a training needs room beside its data."""


LARGEST_RATIO, LEAST_TOTAL = 100, 1 << 30
"""How many times its packed size an archive may unpack to, where that is more than so many bytes."""


TEXT = 58
"""Bytes that a text takes beside its letters: Python's object, the pointer to it and Arrow's offset."""


def check_room(path: Path, size: int, packed: int | None = None) -> None:
    """Raise BadInput where what a file unpacks to has no room in memory.

    size: bytes that it takes in memory, by its header. packed: bytes in the file that hold them, where it is packed as
    .zip and .gz are; these pack no honest data to less than a hundredth.
    """
    limit, why = _find_limit(packed)
    if size > limit:
        raise BadInput(
            f"{path} must take at most {_in_megabytes(limit)} of memory ({why}), but by its header takes "
            f"{_in_megabytes(size)}; split it, or allow more with {VARIABLE}={-(-size // MEGABYTE)}"
        )


def _find_limit(packed: int | None) -> tuple[int, str]:
    """Return how many bytes a file may unpack to, and what sets the limit."""
    if given := os.environ.get(VARIABLE):
        if not given.isdecimal() or len(given) > len(str(MOST)) or not 1 <= int(given) <= MOST:
            raise BadInput(f"{VARIABLE} must be a whole number from 1 to {MOST}, but got {given[:40]!r}; set it to one")
        return MEGABYTE * int(given), f"as {VARIABLE} says"
    limits = [(find_free_memory() // SHARE, "half of what is free")]
    if packed is not None:
        limits.append((max(LEAST_TOTAL, LARGEST_RATIO * packed), f"{LARGEST_RATIO} times its packed size, or 1 GiB"))
    return min(limits)


def _in_megabytes(size: int) -> str:
    return f"{-(-size // MEGABYTE):,} MB"


def find_free_memory(root: Path = Path("/")) -> int:
    """Return how many bytes this process may still take, by the machine, its control groups and its own limits.

    root: where the system's files are found. Where it has none, as on macOS, the machine's whole memory counts as free.
    """
    return min([_machine(root), *_control_groups(root), *_process(root)])


def _machine(root: Path) -> int:
    for line in _read(root / "proc/meminfo").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) << 10
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


MEMORY_FILES = (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes"))
"""Of both versions of control groups: the limit and what is used."""


def _control_groups(root: Path) -> Iterator[int]:
    """Find what is left of the limit of each control group that this process is in: its own, and those above it."""
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, name = line.split(":", 2)  # of the second version no controllers are named
        if controllers and "memory" not in controllers.split(","):
            continue
        top = root / "sys/fs/cgroup" / ("memory" if controllers else "")
        own = top / name.lstrip("/")
        for folder in (own, *own.parents):
            yield from _left(folder)
            if folder == top:
                break


def _left(folder: Path) -> Iterator[int]:
    """Find what is left of the limit of one control group; what files keep in memory is given up when needed."""
    for limit, used in MEMORY_FILES:
        most, taken = _read(folder / limit).strip(), _read(folder / used).strip()
        if most.isdecimal() and taken.isdecimal():
            statistics = dict(line.split() for line in _read(folder / "memory.stat").splitlines())
            yield max(0, int(most) - int(taken) + int(statistics.get("inactive_file", 0)))


ADDRESSES, DATA = 0, 5
"""Places in /proc/self/statm, which counts pages."""


def _process(root: Path) -> Iterator[int]:
    """Find what is left of the limits of this process."""
    taken = [int(one) * os.sysconf("SC_PAGE_SIZE") for one in _read(root / "proc/self/statm").split()]
    for kind, place in ((resource.RLIMIT_AS, ADDRESSES), (resource.RLIMIT_DATA, DATA)):
        most = resource.getrlimit(kind)[0]
        if most != resource.RLIM_INFINITY:
            yield max(0, most - (taken[place] if taken else 0))


def _read(path: Path) -> str:
    """Read a file of the system; an empty text where there is none."""
    try:
        return path.read_text()
    except OSError:
        return ""
