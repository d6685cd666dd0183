"""A process that decodes pictures: `python -m luthier.data.images.worker`, driven by lines of JSON.

The first message is a `Task`, every further one a job [first, names], answered by one row for each name. It imports
neither torch nor NumPy, so that it starts at once.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from luthier.core.worker_process import Receive, Send, serve_messages
from luthier.data.images.decode import BadPicture, decode, key
from luthier.data.images.fit import Fit, fit_image
from luthier.data.images.reader import Reader, open_reader

COLOURS = 3


@dataclass(frozen=True)
class Task:
    """What every job of a worker has in common.

    root: the folder or archive. pixels: file of the pictures (N, side, side, 3), which exists. at: file in which the
    worker notes the number of the picture that it is at. channels: 1 brings all to grey, 3 leaves colours.
    """

    root: str
    pixels: str
    at: str
    side: int
    fit: Fit
    channels: int = COLOURS


def main() -> None:
    """Serve jobs until there are no more."""
    serve_messages(serve)


def serve(receive: Receive, send: Send) -> None:
    """Decode the pictures of one job after another, and send their rows."""
    task = Task(**receive())
    files = os.open(task.pixels, os.O_WRONLY), os.open(task.at, os.O_WRONLY)
    with open_reader(Path(task.root)) as read:
        while True:
            first, names = receive()
            send(_rows(task, read, first, names, files))


def _rows(task: Task, read: Reader, first: int, names: Sequence[str], files: tuple[int, int]) -> list[Any]:
    """Decode pictures into their places; a row is [digest, key, is grey, several frames, longer side], or the fault."""
    pixels, at = files
    rows: list[Any] = []
    size = task.side**2 * COLOURS
    block = bytearray(len(names) * size)
    for place, name in enumerate(names):
        os.pwrite(at, (first + place).to_bytes(8), 0)
        try:
            row, block[place * size : (place + 1) * size] = _row(task, read(name))
            rows.append(row)
        except BadPicture as error:
            rows.append(str(error))
        except MemoryError:  # says nothing of the picture: the process ends with it
            raise
        except Exception as error:  # Pillow lets through whatever a damaged file makes it meet
            rows.append(f"must be readable, but is not ({error or type(error).__name__}); replace it")
    _write(pixels, memoryview(block), first * size)
    return rows


def _row(task: Task, content: bytes) -> tuple[list[Any], bytes]:
    image, _, several = decode(content)
    row = [hashlib.sha256(content).hexdigest(), key(image), image.mode == "L", several, max(image.size)]
    kept = image.convert("L") if task.channels == 1 else image
    return row, fit_image(kept, task.side, task.fit).convert("RGB").tobytes()


def _write(descriptor: int, content: memoryview, offset: int) -> None:
    while content:
        written = os.pwrite(descriptor, content, offset)
        content, offset = content[written:], offset + written


if __name__ == "__main__":
    main()
