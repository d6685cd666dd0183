"""No link in a directory leads a change to a file that lies elsewhere."""

import os

import pytest

from luthier.core.errors import BadInput
from luthier.core.links import open_in_place, refuse_link, write_all


@pytest.fixture
def victim(tmp_path):
    path = tmp_path / "victim"
    path.write_text("precious")
    return path


def link(path, victim):
    path.symlink_to(victim)
    return "is a link"


def dangling(path, victim):
    path.symlink_to(victim.with_name("nothing"))
    return "is a link"


def hard_link(path, victim):
    path.hardlink_to(victim)
    return "has 2 names (hard links)"


def pipe(path, victim):
    os.mkfifo(path)
    return "is no file"


def directory(path, victim):
    path.mkdir()
    return "is no file"


@pytest.mark.parametrize("flags", [os.O_RDWR | os.O_CREAT, os.O_WRONLY], ids=["made", "there"])
@pytest.mark.parametrize("make", [link, dangling, hard_link, pipe, directory])
def test_what_is_no_file_of_its_own_is_not_opened(tmp_path, victim, make, flags):
    (tmp_path / "run").mkdir()
    path = tmp_path / "run" / "file"
    reason = make(path, victim)
    with pytest.raises(BadInput) as caught:
        open_in_place(path, flags)
    assert str(caught.value) == (
        f"a file that is written must lie in its directory alone, but {path} {reason}; put a copy in its place"
    )
    assert victim.read_text() == "precious" and not victim.with_name("nothing").exists()


def test_a_file_of_its_own_is_opened_and_written_at_a_place(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    descriptor = open_in_place(path, os.O_RDWR)
    write_all(descriptor, b"abc", 4)
    os.close(descriptor)
    assert path.read_bytes() == b"0123abc789"


def test_a_short_write_is_continued(tmp_path, monkeypatch):
    real = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda descriptor, view, place: real(descriptor, view[:3], place))
    descriptor = open_in_place(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    write_all(descriptor, b"0123456789", 0)
    os.close(descriptor)
    assert (tmp_path / "file").read_bytes() == b"0123456789"


def test_a_folder_that_is_one_is_no_link(tmp_path):
    refuse_link(tmp_path)
    refuse_link(tmp_path / "missing")
