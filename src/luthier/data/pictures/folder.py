"""Every file below a folder, once; links are not followed, and nothing that could block is opened."""

import os
import stat
from collections import deque
from pathlib import Path

from luthier.core.errors import BadInput
from luthier.data.pictures.found import File, Found, Odd, is_litter

HIDDEN = "is hidden or what a system leaves behind"


def files(root: Path) -> Found:
    """Walk through a folder; the same file under two names is taken under the first.

    Raises BadInput where the folder itself cannot be read.
    """
    found, seen = Found(), dict[tuple[int, int], str]()
    waiting = deque([""])
    while waiting:
        below = waiting.popleft()
        for one in _children(root, below, found):
            name = f"{below}{one.name}"
            if is_litter(one.name):
                found.ignored.append(Odd(name, HIDDEN))
            elif one.is_symlink():
                _link(root, name, found)
            elif one.is_dir(follow_symlinks=False):
                found.folders.append(name)
                waiting.append(f"{name}/")
            else:
                _file(one, name, seen, found)
    return found


def _children(root: Path, below: str, found: Found) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(root / below) as children:
            return sorted(children, key=lambda one: one.name)
    except OSError as error:
        if not below:
            raise BadInput(
                f"a folder of pictures must be readable, but {root} is not ({error.strerror}); mend it"
            ) from None
        found.problems.append(Odd(below.rstrip("/"), f"cannot be read ({error.strerror}); change its permissions"))
        return []


def _link(root: Path, name: str, found: Found) -> None:
    """A link to what lies in the folder adds nothing; one that leads out of it is refused."""
    target = os.path.realpath(root / name)
    if os.path.commonpath([target, root]) == str(root):
        found.ignored.append(Odd(name, "is a link to what lies in the folder itself"))
    else:
        found.problems.append(Odd(name, "is a link that leads out of the folder; put a copy in its place"))


def _file(one: os.DirEntry[str], name: str, seen: dict[tuple[int, int], str], found: Found) -> None:
    status = one.stat(follow_symlinks=False)
    if not stat.S_ISREG(status.st_mode):
        found.problems.append(Odd(name, "is no regular file; move it away"))
        return
    first = seen.setdefault((status.st_dev, status.st_ino), name)
    if first == name:
        found.files.append(File(name, status.st_size, status.st_mtime_ns))
    elif os.path.dirname(first) == os.path.dirname(name):
        found.ignored.append(Odd(name, f"is the same file as {first}"))
    else:
        found.problems.append(Odd(name, f"is the same file as {first} in another folder; keep one of them"))
