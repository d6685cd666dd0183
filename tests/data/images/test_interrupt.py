"""Ctrl-C while pictures are decoded: the status says so, no process is left, and no half of a cache counts."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from luthier.core.files import find_user_cache
from luthier.data import DataConfig, load

HANGS = """
import time
from pathlib import Path
from luthier.data.images import worker
real = worker.decode
def decoded(content):
    if content == b"hang":
        Path({mark!r}).touch()
        time.sleep(1000)
    return real(content)
worker.decode = decoded
worker.main()
"""
TRAIN = """
import sys
from luthier.cli import main
from luthier.data.images import decode_pool
decode_pool.WORKER = ("-c", {worker!r})
decode_pool.count_processors = lambda: 2
decode_pool.JOB_PICTURES = 2
main(sys.argv[1:])
"""
PATIENCE = 60


def wait_for(what) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("send", [os.killpg, os.kill], ids=["to all, as a terminal does", "to the caller alone"])
def test_an_interrupt_while_decoding_leaves_nothing(folder, tmp_path, send):
    good, mark = (folder / "dog/2.png").read_bytes(), tmp_path / "mark"
    (folder / "dog/2.png").write_bytes(b"hang")
    code = TRAIN.format(worker=HANGS.format(mark=str(mark)))
    command = [sys.executable, "-c", code, "train", str(folder), "--out", str(tmp_path / "run"), "--set", "data.size=5"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        wait_for(mark.exists)
        assert list(find_user_cache().glob("pictures/starts/*/work/pixels.bin"))
        send(process.pid, signal.SIGINT)
        err = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 128 + signal.SIGINT
    assert err.splitlines()[1:] == ["luthier: interrupted before there was anything to save"]
    assert not is_alive(process.pid), "a worker outlived its caller"
    left = [path.name for path in find_user_cache().rglob("*") if path.is_file()]
    assert left == [".lock"] and not Path(tmp_path / "run").exists()
    (folder / "dog/2.png").write_bytes(good)
    assert len(load(folder, data_config=DataConfig(size=5), quiet=True)) == 8
