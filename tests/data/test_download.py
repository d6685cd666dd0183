"""A download ends in the file with the published SHA-256 under its name, or in an error and no such file."""

import errno
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from luthier.core.errors import BadInput, DownloadFailed
from luthier.data import download as module
from luthier.data.download import DOWNLOAD_CHUNK, Remote, download

from .https import give, refuse

CONTENT = random.Random(0).randbytes(2 * DOWNLOAD_CHUNK + 1001)
SIZE = len(CONTENT)


@pytest.fixture
def remote(site) -> Remote:
    site.files["/set.gz"] = CONTENT
    return Remote(site.url("/set.gz"), SIZE, hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture
def path(tmp_path) -> Path:
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder" / "set.gz"


def ranges(site) -> list[str | None]:
    return [asked for _, asked in site.asked]


def check(path: Path) -> None:
    """The file is whole and alone."""
    assert path.read_bytes() == CONTENT
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def failed(remote: Remote, path: Path) -> str:
    with pytest.raises(DownloadFailed) as caught:
        download(remote, path, quiet=True)
    assert not path.exists()
    assert caught.value.exit_code == 1
    assert str(caught.value).startswith(remote.url)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_whole_file(remote, path, site, capsys):
    download(remote, path, quiet=True)
    check(path)
    assert ranges(site) == [None]
    assert capsys.readouterr() == ("", "")


def test_the_name_survives_a_loss_of_power(remote, path, monkeypatch):
    synced = []
    monkeypatch.setattr(module, "sync_directory", lambda folder: synced.append((folder, path.exists())))
    download(remote, path, quiet=True)
    assert synced == [(path.parent, True)]


@pytest.mark.parametrize("end", [0, 1, 1000, DOWNLOAD_CHUNK, DOWNLOAD_CHUNK + 1, SIZE - 1])
def test_a_connection_that_ends_is_taken_up_where_it_ended(remote, path, site, end, capsys):
    site.script = [give(cut=end)]
    download(remote, path)
    check(path)
    assert ranges(site) == [None, f"bytes={end}-" if end else None]
    assert capsys.readouterr().err == (
        f"luthier: set.gz: the connection ended after {end} of {SIZE} bytes; next attempt in 0 s\n"
    )


def test_a_connection_that_ends_again_and_again(remote, path, site):
    site.script = [give(cut=cut) for cut in (10, 2000, DOWNLOAD_CHUNK)]
    download(remote, path, quiet=True)
    check(path)
    assert ranges(site) == [None, "bytes=10-", "bytes=2000-", f"bytes={DOWNLOAD_CHUNK}-"]


def test_a_connection_that_is_reset(remote, path, site):
    site.script = [give(cut=3000, reset=True)]
    download(remote, path, quiet=True)
    check(path)
    assert len(site.asked) == 2


def test_attempts_end_and_the_part_waits_for_the_next_run(remote, path, site):
    site.script = [give(cut=cut) for cut in (10, 20, 30, 40)]
    assert failed(remote, path) == (
        f"{remote.url} could not be downloaded in 4 attempts, at last because the connection ended after 40 of "
        f"{SIZE} bytes; try again later: it goes on where it stopped"
    )
    assert path.with_name("set.gz.part").read_bytes() == CONTENT[:40]
    download(remote, path, quiet=True)
    check(path)
    assert ranges(site)[4:] == ["bytes=40-"]


@pytest.mark.parametrize("end", [0, 7, DOWNLOAD_CHUNK, SIZE])
def test_a_killed_process_leaves_a_part_that_the_next_one_goes_on_with(remote, path, site, end):
    site.script = [give(cut=end, pause=20)]
    code = f"""
from pathlib import Path
from luthier.data.download import Remote, download
download(Remote({remote.url!r}, {SIZE}, {remote.digest!r}), Path({str(path)!r}), quiet=True)
"""
    part = path.with_name("set.gz.part")
    if end == SIZE:  # killed when all had come and nothing was verified
        part.write_bytes(CONTENT)
    else:
        with subprocess.Popen([sys.executable, "-c", code]) as process:
            wait_for(lambda: site.asked and (part.exists() or not end))
            time.sleep(0.1)
            process.send_signal(signal.SIGKILL)
        assert not path.exists()
    site.script = []
    held = part.stat().st_size if part.exists() else 0
    assert held <= end
    download(remote, path, quiet=True)
    check(path)
    if end == SIZE:
        assert site.asked == []
    else:
        assert ranges(site) == [None, f"bytes={held}-" if held else None]


def wait_for(ready) -> None:
    until = time.monotonic() + 20
    while not ready():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_server_that_ignores_ranges_sends_the_whole_anew(remote, path, site):
    site.script = [give(cut=500), give(ranges=False)]
    download(remote, path, quiet=True)
    check(path)
    assert ranges(site) == [None, "bytes=500-"]


def test_a_server_that_refuses_ranges_is_asked_for_the_whole(remote, path, site):
    site.script = [give(cut=500), refuse(416)]
    download(remote, path, quiet=True)
    check(path)
    assert ranges(site) == [None, "bytes=500-", None]


def test_a_server_that_sends_another_range_is_asked_for_the_whole(remote, path, site):
    site.script = [give(cut=500), give(shift=1)]
    download(remote, path, quiet=True)
    check(path)
    assert ranges(site) == [None, "bytes=500-", None]


def test_a_part_that_is_too_long_is_begun_anew(remote, path, site):
    path.with_name("set.gz.part").write_bytes(bytes(SIZE + 1))
    download(remote, path, quiet=True)
    check(path)
    assert ranges(site) == [None]


def test_a_server_that_announces_no_length(remote, path, site):
    site.script = [give(length=0, cut=900), give(length=0)]
    download(remote, path, quiet=True)
    check(path)
    assert ranges(site) == [None, "bytes=900-"]


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (give(length=77), f"the server announced 77 bytes where {SIZE} are published"),
        (give(length=SIZE + 1), f"the server announced {SIZE + 1} bytes where {SIZE} are published"),
        (give(kind="text/html; charset=utf-8"), "the server sent a page (text/html) instead of the file"),
        (refuse(200), "the server sent a page (text/html) instead of the file"),
        (refuse(503), "the server answered 503 Service Unavailable"),
        (refuse(429), "the server answered 429 Too Many Requests"),
        (give(cut=0, pause=0.6, length=0), "the connection broke (The read operation timed out)"),
    ],
    ids=["short", "long", "html", "page", "503", "429", "silence"],
)
def test_what_may_pass_is_tried_four_times(remote, path, site, act, reason):
    site.script = [act] * 3
    download(remote, path, quiet=True)
    check(path)
    path.unlink()
    site.script = [act] * 4
    assert reason in failed(remote, path)
    assert len(site.asked) == 8
    part = path.with_name("set.gz.part")
    assert not part.exists() or not part.stat().st_size, "nothing of another file is kept"


def test_a_body_that_drips_for_ever_counts_as_stuck(remote, path, site, monkeypatch):
    monkeypatch.setattr(module, "WINDOW", 0.1)
    site.script = [give(drip=0.02)] * 4
    began = time.monotonic()
    assert "bytes came in 0 s" in failed(remote, path)
    assert time.monotonic() - began < 5
    download(remote, path, quiet=True)
    check(path)


def test_a_slow_body_that_is_fast_enough(remote, path, site, monkeypatch):
    monkeypatch.setattr(module, "WINDOW", 0.02)
    monkeypatch.setattr(module, "SLOWEST", 1)
    site.files["/set.gz"] = CONTENT[:10]
    short = Remote(remote.url, 10, hashlib.sha256(CONTENT[:10]).hexdigest())
    site.script = [give(drip=0.02)]
    download(short, path, quiet=True)
    assert path.read_bytes() == CONTENT[:10]
    assert len(site.asked) == 1


def test_what_a_server_says_cannot_steer_the_terminal(remote, path, site):
    site.script = [give(kind="text/html\x1b[2J\x07")] * 4
    assert failed(remote, path).isprintable()


def test_a_server_that_is_not_there(remote, path, site, capsys):
    away = Remote("https://localhost:1/set.gz", remote.size, remote.digest)
    with pytest.raises(DownloadFailed, match="in 4 attempts, at last because the server cannot be reached"):
        download(away, path)
    assert capsys.readouterr().err.count("next attempt in 0 s") == 3


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_what_will_not_pass_is_tried_once(remote, path, site, status):
    site.script = [refuse(status)]
    assert f"could not be downloaded: the server answered {status} " in failed(remote, path)
    assert len(site.asked) == 1


def test_another_file_of_the_same_length(remote, path, site):
    site.files["/set.gz"] = other = bytes(SIZE)
    assert failed(remote, path) == (
        f"{remote.url} must have the SHA-256 {remote.digest}, but what came has {hashlib.sha256(other).hexdigest()}; "
        "it was deleted: try again, and if it stays so, do not trust that server"
    )
    assert list(path.parent.iterdir()) == []


def test_a_file_that_changed_between_two_attempts(remote, path, site):
    path.with_name("set.gz.part").write_bytes(bytes(500))
    assert "but what came has" in failed(remote, path)
    assert ranges(site) == ["bytes=500-"]
    assert list(path.parent.iterdir()) == []
    download(remote, path, quiet=True)
    check(path)


def test_a_redirect_to_https_is_followed_with_its_range(remote, path, site):
    site.files["/other.gz"] = CONTENT
    move = refuse(302, {"Location": site.url("/other.gz")})
    site.script = [move, give(cut=500), move]
    download(remote, path, quiet=True)
    check(path)
    assert site.asked == [
        ("/set.gz", None), ("/other.gz", None), ("/set.gz", "bytes=500-"), ("/other.gz", "bytes=500-"),
    ]  # fmt: skip


@pytest.mark.parametrize("target", ["http://localhost:1/set.gz", "ftp://localhost/set.gz", "file:///etc/hosts"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_anything_else_is_not(remote, path, site, status, target):
    site.script = [refuse(status, {"Location": target})]
    said = failed(remote, path)
    assert f"it leads on to {target}, which is not https and not followed" in said or "is not allowed" in said
    assert len(site.asked) == 1


def test_a_redirect_without_end(remote, path, site):
    site.script = [refuse(302, {"Location": remote.url})] * 20
    assert "redirect" in failed(remote, path)
    assert len(site.asked) < 20


def test_a_server_that_does_not_prove_who_it_is(remote, path, site, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    assert "its server does not prove who it is (self" in failed(remote, path)
    assert site.asked == []


@pytest.mark.parametrize("url", ["http://example.org/a.gz", "ftp://example.org/a.gz", "file:///a.gz", "a.gz", ""])
def test_an_address_that_is_not_https(url):
    with pytest.raises(BadInput, match=r"^an address must begin with https://, but got .*; get the file by hand$"):
        Remote(url, 1, "0" * 64)


@pytest.mark.parametrize(("size", "digest"), [(1, ""), (1, "0" * 63), (1, "0" * 32), (1, "G" * 64), (0, "0" * 64)])
def test_no_digest_no_download(size, digest):
    with pytest.raises(BadInput, match=r"^a download needs its published length and SHA-256, but https://a/b has "):
        Remote("https://a/b", size, digest)


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_a_full_disk_ends_it_at_once_and_names_the_file(remote, path, site, monkeypatch, call):
    full = OSError(errno.ENOSPC, "No space left on device")

    class Full:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *details):
            self.file.close()

        def __getattr__(self, name):
            return getattr(self.file, name)

        def write(self, piece):
            self.file.write(piece[:10])
            raise full

    def refused(*details):
        raise full

    if call == "write":
        opened = Path.open
        monkeypatch.setattr(Path, "open", lambda self, mode="r", *more: Full(opened(self, mode, *more)))
    else:
        monkeypatch.setattr(os, call, refused)
    with pytest.raises(OSError, match="No space left on device") as caught:
        download(remote, path, quiet=True)
    assert caught.value.errno == errno.ENOSPC
    assert call == "replace" or caught.value.filename == str(path.with_name("set.gz.part"))
    assert not path.exists()
    assert len(site.asked) == 1


def test_a_disk_with_room_again_goes_on(remote, path, site):
    path.with_name("set.gz.part").write_bytes(CONTENT[:10])
    download(remote, path, quiet=True)
    check(path)
    assert ranges(site) == ["bytes=10-"]
