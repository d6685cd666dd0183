"""Out of an archive come the files that were wanted, whole, or an error; nothing is ever written elsewhere."""

import gzip
import io
import os
import random
import tarfile

import pytest

from luthier.core.errors import DamagedFile
from luthier.data import download as module
from luthier.data.download import untar

WANTED = {"batches/a.bin": 3000, "batches/b.bin": 70_000}
CONTENT = {name: random.Random(size).randbytes(size) for name, size in WANTED.items()}


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


GOOD = [entry("batches", kind=tarfile.DIRTYPE), *(entry(*pair) for pair in CONTENT.items())]


def written(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_wanted_files_come_out_and_no_other(folder, archive):
    more = [entry("batches/readme.html", b"<p>"), entry("a.bin", b"other")]
    untar(packed(archive, more[0], *GOOD, more[1]), folder, WANTED)
    assert written(folder) == {"a.bin": CONTENT["batches/a.bin"], "b.bin": CONTENT["batches/b.bin"]}


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
    assert written(folder) == {"a.bin": CONTENT["batches/a.bin"], "b.bin": CONTENT["batches/b.bin"]}
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
        assert all(content == CONTENT[f"batches/{name}"] for name, content in written(folder).items())


def test_what_is_no_archive(folder, archive):
    for content in (b"<html></html>", gzip.compress(b"<html></html>" * 100), os.urandom(2000)):
        archive.write_bytes(content)
        with pytest.raises(DamagedFile, match=f"^{archive} must "):
            untar(archive, folder, WANTED)
    assert written(folder) == {}
