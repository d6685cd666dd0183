"""What a walk through a folder or an archive brings back."""

from dataclasses import dataclass, field
from typing import NamedTuple


class File(NamedTuple):
    """A regular file: its path below the source, its bytes, and a number that changes when it does."""

    name: str
    size: int
    stamp: int


class Odd(NamedTuple):
    """Something that is no picture to be read, and why; the reason follows the name in a sentence."""

    name: str
    reason: str


@dataclass
class Found:
    """Files, what is wrong, what is left out without harm, and all folders."""

    files: list[File] = field(default_factory=list)
    problems: list[Odd] = field(default_factory=list)
    ignored: list[Odd] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)


LITTER = {"__macosx", "desktop.ini", "thumbs.db"}


def is_litter(name: str) -> bool:
    """Whether a file or folder is hidden, or is what systems leave behind.

    >>> is_litter(".DS_Store"), is_litter("Thumbs.db"), is_litter("notes.txt")
    (True, True, False)
    """
    return (name.startswith(".") and name not in (".", "..")) or name.lower() in LITTER
