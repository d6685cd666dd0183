"""What a folder or a .zip of pictures holds, found without decoding anything."""

import os
import stat
import unicodedata
import zipfile
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

from luthier.core.errors import BadInput, escape_name
from luthier.data.images.reader import name_member


class File(NamedTuple):
    """A regular file: its path below the source, its bytes, and a number that changes when it does.

    The number is that of the last change of its content, name or rights (ctime), which no program can set, in contrast
    to the time of its content (mtime): of two files that changed places it tells even where sizes and times are equal.
    """

    name: str
    size: int
    stamp: int


class Odd(NamedTuple):
    """Something that is no picture to be read, and why; the reason follows the name in a sentence."""

    name: str
    reason: str


@dataclass
class Found:
    """Files, what is wrong, what is left out without harm, all folders, and names in an unknown alphabet."""

    files: list[File] = field(default_factory=list)
    problems: list[Odd] = field(default_factory=list)
    ignored: list[Odd] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    guessed: list[str] = field(default_factory=list)


LITTER = {"__macosx", "desktop.ini", "thumbs.db"}


def is_litter(name: str) -> bool:
    """Return whether a file or folder is hidden, or is one that systems leave behind.

    >>> is_litter(".DS_Store"), is_litter("Thumbs.db"), is_litter("notes.txt")
    (True, True, False)
    """
    return (name.startswith(".") and name not in (".", "..")) or name.lower() in LITTER


PartName = Literal["train", "validation", "test"]


PARTS: dict[str, PartName] = {
    "test": "test",
    "testing": "test",
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
}
"""Names of folders above the class folders, in any case, and the part that each holds."""


def describe_parts_as_classes(classes: Collection[str]) -> str | None:
    """Describe what is odd where classes are all called as parts are; None where one is not.

    >>> describe_parts_as_classes(["bus", "train"]), describe_parts_as_classes(["Test", "Train"])
    (None, 'the only classes are called Test and Train, as parts are')
    """
    alike = len(classes) > 1 and all(one.lower() in PARTS for one in classes)
    return f"the only classes are called {' and '.join(sorted(classes))}, as parts are" if alike else None


PARTS_AS_CLASSES = "where parts are meant, make a folder for each class in each of them; else rename the classes"
"""What to do about classes that are called as parts are."""


class Entry(NamedTuple):
    """One picture that was found, not yet opened.

    name: its path below the source, with slashes, by which `reader` finds its content.
    label: the class, the name of the folder that it lies in.
    part: train, validation or test where folders of these names lie above those of the classes, else None.
    size: bytes. stamp: changes when the file does: nanoseconds of its last change, or its checksum in an archive.
    """

    name: str
    label: str
    part: PartName | None
    size: int
    stamp: int


@dataclass(frozen=True)
class Listing:
    """The pictures of a folder or archive in the order of their names.

    problems: what is no picture and no litter, each with the reason. ignored: litter and what need not be read twice.
    folders: all class folders, also those without a picture. guessed: names in an alphabet that the archive does not
    state, which are perhaps called otherwise.
    """

    root: Path
    entries: tuple[Entry, ...]
    problems: tuple[Odd, ...]
    ignored: tuple[Odd, ...]
    folders: tuple[str, ...]
    guessed: tuple[str, ...] = ()

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes that have pictures, sorted."""
        return tuple(sorted({entry.label for entry in self.entries}))

    def place(self, name: str) -> str:
        """Return where an entry of the source lies, for messages."""
        return escape_name(f"{self.root}/{name}")


def is_archive(path: Path) -> bool:
    """Return whether a path is taken for a .zip of pictures rather than for a folder."""
    return path.is_file()


def list_pictures(path: Path, labelled: bool = True) -> Listing:
    """List a folder of class folders or a .zip of one, with or without train, validation and test above them.

    labelled: whether folders are classes and parts; otherwise all files are taken, wherever they lie, without a label.
    Raises BadInput where it cannot be read at all; single faults are in the listing's `problems`.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as root:
    ...     for name in ("train/cat/1.png", "train/dog/2.png", "test/cat/3.png"):
    ...         (Path(root) / name).parent.mkdir(parents=True, exist_ok=True)
    ...         _ = (Path(root) / name).write_bytes(b"...")
    ...     found = list_pictures(Path(root))
    >>> [(entry.name, entry.label, entry.part) for entry in found.entries][0], found.classes
    (('test/cat/3.png', 'cat', 'test'), ('cat', 'dog'))
    """
    root = path.resolve()
    listed = list_archive(root) if is_archive(root) else walk_folder(root)
    return arrange(root, listed) if labelled else _list_heap(root, listed)


def arrange(root: Path, listed: Found) -> Listing:
    """Give each file its class and its part from the folders above it."""
    parts = {file.name: PurePosixPath(file.name).parts for file in listed.files}
    top = _wrapper(list(parts.values()))
    divided = _divided([one[top:] for one in parts.values()])
    entries, problems = [], list(listed.problems)
    for file in sorted(listed.files):
        entry = _entry(file, parts[file.name][top:], divided)
        entries.append(entry) if isinstance(entry, Entry) else problems.append(entry)
    depth = top + divided
    folders = _at(depth, (PurePosixPath(folder).parts for folder in listed.folders))
    problems += _twins({entry.label for entry in entries})
    used = _at(depth, (one[:-1] for one in parts.values()))
    problems += (
        Odd(folder, "is a class folder without a picture; add some, or remove it") for folder in folders - used
    )
    problems += (
        _empty_parts(_at(top, (PurePosixPath(folder).parts for folder in listed.folders)), entries) if divided else []
    )
    odd, ignored = tuple(sorted(problems)), tuple(sorted(listed.ignored))
    return Listing(root, tuple(entries), odd, ignored, tuple(sorted(folders)), tuple(listed.guessed))


def _list_heap(root: Path, listed: Found) -> Listing:
    """List every file without a class, whatever folders it lies in."""
    entries = tuple(Entry(file.name, "", None, file.size, file.stamp) for file in sorted(listed.files))
    return Listing(root, entries, tuple(sorted(listed.problems)), tuple(sorted(listed.ignored)), ())


def _wrapper(paths: Sequence[tuple[str, ...]]) -> int:
    """Count the top folders that hold everything and tell nothing, such as the one that an archive was made of."""
    depth = 0
    while paths and min(map(len, paths)) > depth + 2 and len({path[depth] for path in paths}) == 1:
        if paths[0][depth].lower() in PARTS:
            break
        depth += 1
    return depth


def _divided(paths: Collection[tuple[str, ...]]) -> bool:
    """Return whether the folders at the top are parts: a training part, or nothing but parts, with folders in them."""
    above = {path[0] for path in paths if len(path) > 2}
    train = any(PARTS.get(name.lower()) == "train" for name in above)
    return train or (
        bool(above) and {path[0] for path in paths} == above and all(one.lower() in PARTS for one in above)
    )


def _entry(file: File, path: tuple[str, ...], divided: bool) -> Entry | Odd:
    part = PARTS.get(path[0].lower()) if divided else None
    if divided and part is None:
        return Odd(file.name, "lies beside the folders of the parts; move it into train, validation or test")
    below = path[1:] if divided else path
    if len(below) < 2:
        return Odd(file.name, "lies in no class folder; move it into one, or away")
    label = below[0]
    if label.encode(errors="ignore").decode() != label:
        return Odd(file.name, "lies in a folder whose name is not Unicode; rename the folder")
    return Entry(file.name, label, part, file.size, file.stamp)


def _at(depth: int, paths: Iterable[tuple[str, ...]]) -> set[str]:
    """Return the names that paths have at a depth, where they reach it."""
    return {one[depth] for one in paths if len(one) > depth}


def _empty_parts(folders: set[str], entries: Sequence[Entry]) -> Iterator[Odd]:
    """Find folders of parts that hold nothing: the part would be drawn, where the user meant to give it."""
    given = {entry.part for entry in entries}
    for one in folders:
        if one.lower() in PARTS and PARTS[one.lower()] not in given:
            yield Odd(one, "is the folder of a part without a picture; add some, or remove it")


def _twins(labels: set[str]) -> Iterator[Odd]:
    """Find class names that look the same to people, as when parts were made on two systems."""
    seen: dict[str, str] = {}
    for label in sorted(labels):
        other = seen.setdefault(unicodedata.normalize("NFC", label).casefold(), label)
        if other != label:
            pair = f"{other} ({label!a} and {other!a})"  # two that look the same on a screen
            yield Odd(label, f"and {pair} are two classes whose names differ in spelling only; give them one name")


GUESSED = "make the archive anew, with names in UTF-8, if they look wrong"


def describe_guessed(listing: Listing) -> str | None:
    """Describe the names of an archive that are in an unknown alphabet; None where there is none."""
    if not listing.guessed:
        return None
    count = f"{len(listing.guessed)} name is" if len(listing.guessed) == 1 else f"{len(listing.guessed)} names are"
    return f"{count} in an alphabet that the archive does not state, and read as {escape_name(listing.guessed[0])!r}"


HIDDEN = "is hidden or what a system leaves behind"


def walk_folder(root: Path) -> Found:
    """List the files of a folder; the same file under two names is taken under the first.

    Raises BadInput where the folder itself cannot be read.
    """
    listed, seen = Found(), dict[tuple[int, int], str]()
    waiting = deque([""])
    while waiting:
        below = waiting.popleft()
        for entry in _children(root, below, listed):
            name = f"{below}{entry.name}"
            if is_litter(entry.name):
                listed.ignored.append(Odd(name, HIDDEN))
            elif entry.is_symlink():
                _link(root, name, listed)
            elif entry.is_dir(follow_symlinks=False):
                listed.folders.append(name)
                waiting.append(f"{name}/")
            else:
                _file(entry, name, seen, listed)
    return listed


def _children(root: Path, below: str, listed: Found) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(root / below) as children:
            return sorted(children, key=lambda one: one.name)
    except OSError as error:
        if not below:
            raise BadInput(
                f"a folder of pictures must be readable, but {root} is not ({error.strerror}); mend it"
            ) from None
        listed.problems.append(Odd(below.rstrip("/"), f"cannot be read ({error.strerror}); change its permissions"))
        return []


def _link(root: Path, name: str, listed: Found) -> None:
    """Skip a link to something in the folder, which adds nothing; refuse one that leads out of it."""
    target = os.path.realpath(root / name)
    if os.path.commonpath([target, root]) == str(root):
        listed.ignored.append(Odd(name, "is a link to what lies in the folder itself"))
    else:
        listed.problems.append(Odd(name, "is a link that leads out of the folder; put a copy in its place"))


def _file(entry: os.DirEntry[str], name: str, seen: dict[tuple[int, int], str], listed: Found) -> None:
    status = entry.stat(follow_symlinks=False)
    if not stat.S_ISREG(status.st_mode):
        listed.problems.append(Odd(name, "is no regular file; move it away"))
        return
    first = seen.setdefault((status.st_dev, status.st_ino), name)
    if first == name:
        listed.files.append(File(name, status.st_size, status.st_ctime_ns))
    elif os.path.dirname(first) == os.path.dirname(name):
        listed.ignored.append(Odd(name, f"is the same file as {first}"))
    else:
        listed.problems.append(Odd(name, f"is the same file as {first} in another folder; keep one of them"))


MOST_MEMBERS = 2_000_000


LARGEST_RATIO = 100
"""How many times its packed size a member may have; photographs hardly pack at all."""


LARGEST_TOTAL = 1 << 40


ENCRYPTED = 1


def list_archive(path: Path) -> Found:
    """List the members of an archive.

    Raises BadInput where it is no .zip, or claims more members or bytes than any honest one.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except Exception as error:  # zipfile lets through whatever a damaged archive makes it meet
        raise BadInput(f"{path} must be a .zip archive, but is not ({error}); get it anew") from None
    if len(infos) > MOST_MEMBERS:
        raise BadInput(f"an archive must have at most {MOST_MEMBERS} members, but {path} has {len(infos)}; split it")
    total = sum(info.file_size for info in infos)
    if total > LARGEST_TOTAL:
        raise BadInput(f"an archive must unpack to at most {LARGEST_TOTAL} bytes, but {path} claims {total}; split it")
    return _sorted_out(infos)


def _sorted_out(infos: list[zipfile.ZipInfo]) -> Found:
    listed, seen = Found(), set[str]()
    for info in infos:
        name, known = name_member(info)
        fault = _fault(info) or ("is there twice; make the archive anew" if name in seen else None)
        seen.add(name)
        if any(map(is_litter, name.split("/"))):
            listed.ignored.append(Odd(name, HIDDEN))
        elif fault:
            listed.problems.append(Odd(name, fault))
        elif info.is_dir():
            listed.folders.append(name.rstrip("/"))
        else:
            listed.files.append(File(name, info.file_size, info.CRC))
            listed.guessed += [] if known else [name]
    listed.folders += {name.rpartition("/")[0] for name, _, _ in listed.files if "/" in name}
    return listed


def _fault(info: zipfile.ZipInfo) -> str | None:
    name, kind = info.filename, stat.S_IFMT(info.external_attr >> 16)
    pieces = name.rstrip("/").split("/")
    if "\\" in name or ":" in pieces[0] or {"", ".", ".."} & set(pieces):
        return "has a name that leads out of the archive; make the archive anew"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link or a device; put the picture itself in its place"
    if info.flag_bits & ENCRYPTED:
        return "is encrypted; make the archive without a password"
    if info.file_size > LARGEST_RATIO * max(info.compress_size, 1):
        return f"claims more than {LARGEST_RATIO} times its packed size; it is no photograph"
    return None
