"""A download ends in the file with the published SHA-256 under its name, or in an error and no such file."""

import errno
import gzip
import hashlib
import io
import os
import random
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from luthier.core.errors import BadInput, DamagedFile, DownloadFailed
from luthier.data import download as module
from luthier.data.download import DOWNLOAD_CHUNK, Remote, download, show_transfer, untar

from .https import give, refuse

DOWNLOAD_CONTENT = random.Random(0).randbytes(2 * DOWNLOAD_CHUNK + 1001)


SIZE = len(DOWNLOAD_CONTENT)


@pytest.fixture
def remote(site) -> Remote:
    site.files["/set.gz"] = DOWNLOAD_CONTENT
    return Remote(site.url("/set.gz"), SIZE, hashlib.sha256(DOWNLOAD_CONTENT).hexdigest())


@pytest.fixture
def path(tmp_path) -> Path:
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder" / "set.gz"


def ranges(site) -> list[str | None]:
    return [asked for _, asked in site.asked]


def check(path: Path) -> None:
    """The file is whole and alone."""
    assert path.read_bytes() == DOWNLOAD_CONTENT
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
    assert path.with_name("set.gz.part").read_bytes() == DOWNLOAD_CONTENT[:40]
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
        part.write_bytes(DOWNLOAD_CONTENT)
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
    site.files["/set.gz"] = DOWNLOAD_CONTENT[:10]
    short = Remote(remote.url, 10, hashlib.sha256(DOWNLOAD_CONTENT[:10]).hexdigest())
    site.script = [give(drip=0.02)]
    download(short, path, quiet=True)
    assert path.read_bytes() == DOWNLOAD_CONTENT[:10]
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
    site.files["/other.gz"] = DOWNLOAD_CONTENT
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
    path.with_name("set.gz.part").write_bytes(DOWNLOAD_CONTENT[:10])
    download(remote, path, quiet=True)
    check(path)
    assert ranges(site) == ["bytes=10-"]


def test_plain_lines_come_now_and_then(monkeypatch, capsys):
    clock = iter([0.0, 1.0, 2.0, 11.0, 12.0, 31.0])
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    with show_transfer("set.gz", 30_000_000, False) as advance:
        for done in (5_000_000, 6_000_000, 10_000_000, 11_000_000, 25_000_000):
            advance(done)
    assert capsys.readouterr() == (
        "",
        "set.gz  10.0 MB of 30.0 MB  0.5 MB/s  40 s left\nset.gz  25.0 MB of 30.0 MB  0.7 MB/s  8 s left\n",
    )


def test_quiet_is_quiet(monkeypatch, capsys):
    monkeypatch.setattr(module, "EVERY", -1.0)
    monkeypatch.setattr(module, "on_terminal", lambda: True)
    with show_transfer("set.gz", 10, True) as advance:
        for done in range(10):
            advance(done)
    assert capsys.readouterr() == ("", "")


def test_a_bar_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr(module, "on_terminal", lambda: True)
    with show_transfer("set[bold].gz", 10, False) as advance:
        advance(10)
    out, err = capsys.readouterr()
    assert out == ""
    assert "set[bold].gz" in err


@pytest.mark.parametrize(("count", "text"), [(0, "0.0 MB"), (4_542, "0.0 MB"), (170_052_171, "170.1 MB")])
def test_megabytes(count, text):
    assert module.format_megabytes(count) == text


WANTED = {"batches/a.bin": 3000, "batches/b.bin": 70_000}


UNTAR_CONTENT = {name: random.Random(size).randbytes(size) for name, size in WANTED.items()}


def entry(name, content=b"", kind=tarfile.REGTYPE, link="", size=None):
    one = tarfile.TarInfo(name)
    one.type, one.linkname, one.size = kind, link, len(content) if size is None else size
    return one, content


def packed(path, *entries):
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        for one, content in entries:
            tar.addfile(one, io.BytesIO(content))
    return path


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.fixture
def archive(tmp_path):
    return tmp_path / "set.tar.gz"


GOOD = [entry("batches", kind=tarfile.DIRTYPE), *(entry(*pair) for pair in UNTAR_CONTENT.items())]


def written(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_wanted_files_come_out_and_no_other(folder, archive):
    more = [entry("batches/readme.html", b"<p>"), entry("a.bin", b"other")]
    untar(packed(archive, more[0], *GOOD, more[1]), folder, WANTED)
    assert written(folder) == {"a.bin": UNTAR_CONTENT["batches/a.bin"], "b.bin": UNTAR_CONTENT["batches/b.bin"]}


@pytest.mark.parametrize("name", ["C:/evil", "C:\\evil", "..\\evil", "batches\\..\\..\\evil", "a\nb"])
def test_names_that_mean_something_elsewhere_are_passed_over(folder, archive, tmp_path, name):
    untar(packed(archive, entry(name, b"x"), *GOOD), folder, WANTED)
    assert set(written(folder)) == {"a.bin", "b.bin"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "set.tar.gz"]


def test_a_file_that_was_there_is_replaced_and_a_link_is_not_followed(folder, archive, tmp_path):
    (tmp_path / "elsewhere").write_text("mine")
    (folder / "a.bin").symlink_to(tmp_path / "elsewhere")
    (folder / "b.bin").write_text("old")
    untar(packed(archive, *GOOD), folder, WANTED)
    assert written(folder) == {"a.bin": UNTAR_CONTENT["batches/a.bin"], "b.bin": UNTAR_CONTENT["batches/b.bin"]}
    assert (tmp_path / "elsewhere").read_text() == "mine"


BAD = {
    "parent": entry("../evil", b"x"),
    "parent within": entry("batches/../../evil", b"x"),
    "absolute": entry("/tmp/evil", b"x"),
    "symlink": entry("batches/a.bin", kind=tarfile.SYMTYPE, link="/etc/passwd"),
    "folder symlink": entry("batches", kind=tarfile.SYMTYPE, link=".."),
    "hardlink": entry("batches/a.bin", kind=tarfile.LNKTYPE, link="../set.tar.gz"),
    "pipe": entry("batches/a.bin", kind=tarfile.FIFOTYPE),
    "character device": entry("null", kind=tarfile.CHRTYPE),
    "sparse file": entry("batches/a.bin", kind=tarfile.GNUTYPE_SPARSE),
    "block device": entry("disk", kind=tarfile.BLKTYPE),
}


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("bad", sorted(BAD))
def test_hostile_members_are_refused(folder, archive, tmp_path, bad, last):
    packed(archive, *GOOD, BAD[bad]) if last else packed(archive, BAD[bad], *GOOD)
    with pytest.raises(DamagedFile) as caught:
        untar(archive, folder, WANTED)
    assert str(caught.value) == (
        f"{archive} must hold plain files and folders alone, but {BAD[bad][0].name!r} is none or leads out of it; "
        "do not trust it"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "set.tar.gz"]
    assert not any(path.is_symlink() or not path.is_file() for path in folder.iterdir())
    assert len(written(folder)) == (2 if last else 0)


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ([*GOOD, GOOD[1]], "holds batches/a.bin twice or in another length"),
        ([entry("batches/a.bin", b"xyz"), GOOD[2]], "holds batches/a.bin twice or in another length"),
        (GOOD[:2], "must hold batches/b.bin, but does not"),
        ([GOOD[1], entry("batches/b.bin", kind=tarfile.DIRTYPE)], "must hold batches/b.bin, but does not"),
        ([], "must hold batches/a.bin, batches/b.bin, but does not"),
    ],
)
def test_other_files_than_the_wanted(folder, archive, entries, problem):
    with pytest.raises(DamagedFile) as caught:
        untar(packed(archive, *entries), folder, WANTED)
    assert str(caught.value) == f"{archive} {problem}; get it anew"


def bomb(path, *, zeros=40 << 20):
    """A small archive whose one member is long."""
    return packed(path, entry("zeros", bytes(zeros)), *GOOD)


def entries_bomb(path):
    return packed(path, *(entry(f"{number}") for number in range(20_000)), *GOOD)


def header_bomb(path):
    """An extended header that wants to be read into memory whole."""
    header = tarfile.TarInfo("././@PaxHeader")
    header.type, header.size = tarfile.XHDTYPE, 1 << 32
    path.write_bytes(gzip.compress(header.tobuf() + bytes(40 << 20), 1))
    return path


@pytest.mark.parametrize("make", [bomb, entries_bomb, header_bomb])
def test_bombs_are_not_unpacked(folder, archive, make):
    make(archive)
    with pytest.raises(DamagedFile) as caught:
        untar(archive, folder, WANTED)
    assert str(caught.value) == (f"{archive} unpacks to far more than the files wanted of it; do not trust it")
    assert written(folder) == {}


def test_what_is_read_of_a_bomb_is_limited(folder, archive, monkeypatch):
    counted = []

    class Counted(module._Limited):
        def read(self, count):
            counted.append(count)
            return super().read(count)

    monkeypatch.setattr(module, "_Limited", Counted)
    with pytest.raises(DamagedFile):
        untar(bomb(archive), folder, WANTED)
    assert sum(counted) < sum(WANTED.values()) + 2 * module.SLACK


def test_a_cut_archive_at_every_kind_of_place(folder, archive):
    whole = packed(archive, *GOOD).read_bytes()
    for end in (0, 1, 5, 20, 200, 2000, len(whole) // 2, len(whole) - 9, len(whole) - 1):
        archive.write_bytes(whole[:end])
        with pytest.raises(DamagedFile, match=f"^{archive} must "):
            untar(archive, folder, WANTED)
        assert set(written(folder)) <= {"a.bin", "b.bin"}
        assert all(content == UNTAR_CONTENT[f"batches/{name}"] for name, content in written(folder).items())


def test_what_is_no_archive(folder, archive):
    for content in (b"<html></html>", gzip.compress(b"<html></html>" * 100), os.urandom(2000)):
        archive.write_bytes(content)
        with pytest.raises(DamagedFile, match=f"^{archive} must "):
            untar(archive, folder, WANTED)
    assert written(folder) == {}
