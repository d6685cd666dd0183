"""Decoding processes: they need little, come in any number, and leave with their caller; bad ends name the picture."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from luthier.core.errors import BadInput
from luthier.data.images import decode_pool
from luthier.data.images.decode_pool import Row, decode_all
from luthier.data.images.listing import list_pictures
from luthier.data.images.worker import Task

from .conftest import classes, png, write

MISBEHAVING = """
import os, sys, time
from luthier.data.images import worker
real = worker.decode
def decoded(content):
    if content == b"crash": os.kill(os.getpid(), 11)
    if content == b"die": os.kill(os.getpid(), 9)
    if content == b"fail": raise MemoryError
    if content == b"hang": time.sleep(1000)
    return real(content)
worker.decode = decoded
worker.main()
"""


@pytest.fixture
def decode(tmp_path):
    """Decode a folder at 6 x 6 pixels; return the rows and the pixels."""

    def run(root: Path) -> tuple[list, np.ndarray]:
        entries = list_pictures(root).entries
        pixels = tmp_path / "pixels.bin"
        with pixels.open("wb") as file:
            file.truncate(len(entries) * 6 * 6 * 3)
        done = []
        task = Task(str(root), str(pixels), str(tmp_path / "at"), 6, "resize")
        rows = decode_all(entries, task, lambda name: f"there/{name}", done.append)
        assert sum(done) == len(entries)
        return rows, np.fromfile(pixels, np.uint8).reshape(-1, 6, 6, 3)

    return run


@pytest.mark.parametrize("workers", [1, 3])
def test_pictures_land_in_their_places(folder, decode, monkeypatch, workers):
    monkeypatch.setattr(decode_pool, "count_processors", lambda: workers)
    monkeypatch.setattr(decode_pool, "JOB_PICTURES", 3)
    write(folder, {f"cat/{k}.png": png(k, (6, 6, 3)) for k in range(4)})
    rows, pixels = decode(folder)
    for k in range(4):
        expected = np.random.default_rng(k).integers(0, 256, (6, 6, 3), np.uint8)
        np.testing.assert_array_equal(pixels[k], expected)
    assert [row.grey for row in rows] == [False] * 4 + [True] * 4
    assert [row.side for row in rows] == [6] * 4 + [7] * 4
    assert len({row.key for row in rows}) == len({row.digest for row in rows}) == 8


def test_what_is_wrong_with_a_picture_comes_back_in_its_place(folder, decode):
    (folder / "cat/1.png").write_bytes(b"hello")
    (folder / "dog/2.png").write_bytes(b"")
    rows, _ = decode(folder)
    assert [k for k, row in enumerate(rows) if not isinstance(row, Row)] == [1, 6]
    assert rows[1].startswith("must be a picture (BMP, GIF, JPEG, PNG, TIFF, WEBP), but cannot be read (")


def test_equal_pixels_have_equal_keys_in_any_format(folder, decode):
    from PIL import Image

    Image.open(folder / "cat/1.png").save(folder / "dog/1.bmp")
    rows, _ = decode(folder)
    assert len(rows) == 9 and rows[1].key == rows[5].key and rows[1].digest != rows[5].digest


def children() -> set[str]:
    """Processes of this one, dead ones that nobody took leave of among them."""
    found = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=False
    )
    return {line for line in found.stdout.splitlines() if "ps -o" not in line}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"die", "must be decoded, but the process that did so ended with status -9; free memory, or replace the"),
        (b"fail", "must be decoded, but the process that did so ended with status 1; it said: MemoryError; free"),
        (b"hang", "must be decoded within 3.0 seconds, but was not; replace the picture"),
    ],
)
def test_a_bad_end_names_the_picture_and_leaves_nobody_behind(folder, decode, monkeypatch, content, said):
    (folder / "dog/2.png").write_bytes(content)
    monkeypatch.setattr(decode_pool, "WORKER", ("-c", MISBEHAVING))
    monkeypatch.setattr(decode_pool, "PATIENCE", 3.0)
    monkeypatch.setattr(decode_pool, "TICK", 0.05)
    before = children()
    with pytest.raises(BadInput) as caught:
        decode(folder)
    assert str(caught.value).startswith(f"there/dog/2.png {said}")
    assert children() == before


@pytest.mark.parametrize(("names", "workers"), [(("cat/0",), 1), (("cat/1", "dog/2"), 1), (("dog/2", "dog/3"), 2)])
def test_a_picture_that_crashes_its_process_is_one_that_cannot_be_used(folder, decode, monkeypatch, names, workers):
    sound, _ = decode(folder)
    for name in names:
        (folder / f"{name}.png").write_bytes(b"crash")
    monkeypatch.setattr(decode_pool, "WORKER", ("-c", MISBEHAVING))
    monkeypatch.setattr(decode_pool, "count_processors", lambda: workers)
    before = children()
    rows, _ = decode(folder)
    bad = [("cat", "dog").index(name[:3]) * 4 + int(name[-1]) for name in names]
    assert rows == [decode_pool.CRASHED if k in bad else row for k, row in enumerate(sound)]
    assert children() == before


def test_of_many_crashes_one_is_too_many(folder, decode, monkeypatch):
    for name in ("cat/1", "dog/0"):
        (folder / f"{name}.png").write_bytes(b"crash")
    monkeypatch.setattr(decode_pool, "WORKER", ("-c", MISBEHAVING))
    monkeypatch.setattr(decode_pool, "MOST_CRASHES", 1)
    with pytest.raises(BadInput, match=r"^there/dog/0.png must be decoded, but the process that did so ended with st"):
        decode(folder)


def test_a_worker_ends_with_its_caller(folder, tmp_path):
    """One that is killed outright closes nothing itself."""
    task = f"Task({str(folder)!r}, {str(tmp_path / 'p')!r}, {str(tmp_path / 'at')!r}, 6, 'resize')"
    code = (
        "import os\nfrom luthier.data.images.decode_pool import DecodeWorker\n"
        "from luthier.data.images.worker import Task\n"
        f"worker = DecodeWorker({task}, 0)\n"
        "print(worker.process.process.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    (tmp_path / "p").write_bytes(b"")
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as caller:
        number = int(caller.stdout.readline())
        assert caller.stdout.read() == ""
    for _ in range(200):
        if not Path(f"/proc/{number}").exists():
            return
        subprocess.run(["sleep", "0.05"], check=True)
    pytest.fail("the worker outlived its caller")


def test_a_worker_needs_little():
    code = (
        "import sys, luthier.data.images.worker\n"
        "heavy = {'numpy', 'torch', 'sklearn', 'scipy', 'pydantic', 'rich', 'luthier.data.dataset'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_jobs_end_with_many_small_pictures_or_few_large_ones(folder, monkeypatch):
    entries = list_pictures(folder).entries
    monkeypatch.setattr(decode_pool, "JOB_PICTURES", 3)
    assert [(job.first, len(job.names)) for job in decode_pool._jobs(entries)] == [(0, 3), (3, 3), (6, 2)]
    entries = [entry._replace(size=10) for entry in entries]
    monkeypatch.setattr(decode_pool, "JOB_BYTES", 11)
    assert [(job.first, len(job.names)) for job in decode_pool._jobs(entries)] == [(0, 2), (2, 2), (4, 2), (6, 2)]
    assert len(classes()) == 8
