"""What is found in folders and archives, and everything that is odd about it; nothing may hang."""

import os
import socket
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from luthier.core.errors import BadInput
from luthier.data.images import listing as archive
from luthier.data.images.listing import Entry, list_pictures
from luthier.data.images.reader import open_reader

from .conftest import classes, packed, png, write

PARTS = {"train/cat/1.png": b"1", "train/dog/2.png": b"22", "Val/cat/3.png": b"333", "testing/dog/4.png": b"4444"}
FLAT = {"cat/1.png": b"1", "dog/2.png": b"22", "dog/deeper/3.png": b"333"}


def kinds(listing) -> list[tuple[str, str, str | None, int]]:
    return [(entry.name, entry.label, entry.part, entry.size) for entry in listing.entries]


@pytest.fixture(params=["folder", "archive"])
def source(request, tmp_path):
    """Makes a folder, or an archive, of files."""

    def make(files: dict[str, bytes]) -> Path:
        return write(tmp_path / "one", files) if request.param == "folder" else packed(tmp_path / "one.zip", files)

    return make


@pytest.mark.parametrize("above", ["", "all/", "a/b/"])
def test_folders_are_classes(source, above):
    listing = list_pictures(source({above + name: content for name, content in FLAT.items()}))
    assert kinds(listing) == [
        (f"{above}cat/1.png", "cat", None, 1),
        (f"{above}dog/2.png", "dog", None, 2),
        (f"{above}dog/deeper/3.png", "dog", None, 3),
    ]
    assert listing.classes == listing.folders == ("cat", "dog")
    assert listing.problems == listing.ignored == ()


@pytest.mark.parametrize("above", ["", "all/"])
def test_folders_above_the_classes_are_parts(source, above):
    listing = list_pictures(source({above + name: content for name, content in PARTS.items()}))
    assert kinds(listing) == [
        (f"{above}Val/cat/3.png", "cat", "validation", 3),
        (f"{above}testing/dog/4.png", "dog", "test", 4),
        (f"{above}train/cat/1.png", "cat", "train", 1),
        (f"{above}train/dog/2.png", "dog", "train", 2),
    ]
    assert listing.folders == ("cat", "dog")


@pytest.mark.parametrize("above", ["", "all/"])
@pytest.mark.parametrize("parts", [("test",), ("Val", "testing")])
def test_parts_need_no_training_part_beside_them(source, above, parts):
    listing = list_pictures(source({f"{above}{part}/{name}": b"" for part in parts for name in FLAT}))
    known = {"test": "test", "testing": "test", "Val": "validation"}
    assert [(entry.label, entry.part) for entry in listing.entries] == [
        (label, known[part]) for part in parts for label in ("cat", "dog", "dog")
    ]
    assert listing.folders == ("cat", "dog") and not listing.problems


@pytest.mark.parametrize("files", [("test/1.png", "train/2.png"), ("cat/1.png", "test/deeper/2.png", "test/2.png")])
def test_classes_may_be_called_as_parts_are(source, files):
    listing = list_pictures(source(dict.fromkeys(files, b"1")))
    assert {(entry.label, entry.part) for entry in listing.entries} == {(one.split("/")[0], None) for one in files}


def test_what_lies_outside_the_classes_is_told(source):
    listing = list_pictures(source({**PARTS, "labels.csv": b"", "train/notes.txt": b"", "extra/cat/1.png": b""}))
    assert dict(listing.problems) == {
        "extra/cat/1.png": "lies beside the folders of the parts; move it into train, validation or test",
        "labels.csv": "lies beside the folders of the parts; move it into train, validation or test",
        "train/notes.txt": "lies in no class folder; move it into one, or away",
    }


def test_litter_is_passed_over_and_said(source):
    litter = (".DS_Store", "cat/Thumbs.db", "cat/.hidden.png", "__MACOSX/cat/._1.png", ".git/cat/1.png", "Desktop.ini")
    listing = list_pictures(source({**FLAT, **dict.fromkeys(litter, b"")}))
    assert len(listing.entries) == 3 and not listing.problems
    found = {name for name, reason in listing.ignored}
    assert {"cat/Thumbs.db", "cat/.hidden.png", ".DS_Store", "Desktop.ini"} <= found and len(found) == 6


def test_names_that_differ_in_spelling_only(source):
    listing = list_pictures(
        source({"Cat/1.png": b"", "cat/2.png": b"", "caf\u00e9/3.png": b"", "cafe\u0301/4.png": b""})
    )
    said = "are two classes whose names differ in spelling only; give them one name"
    assert dict(listing.problems) == {
        "caf\u00e9": f"and cafe\u0301 ('caf\\xe9' and 'cafe\\u0301') {said}",
        "cat": f"and Cat ('cat' and 'Cat') {said}",
    }


def test_files_whose_names_differ_in_spelling_only_are_two_files(source):
    names = [f"cat/{name}.png" for name in ("Up", "caf\u00e9", "cafe\u0301", "up")]
    assert [entry.name for entry in list_pictures(source(dict.fromkeys(names, b""))).entries] == sorted(names)


def test_what_is_told_of_a_name_steers_no_terminal(source):
    listing = list_pictures(source({"cat/1.png": b""}))
    assert listing.place("cat/a\nb\x1b[31m.png") == f"{listing.root}/cat/a\\nb\\x1b[31m.png"


@pytest.mark.parametrize("name", ["test", "Valid"])
@pytest.mark.parametrize("below", ["", "cat/"])
def test_a_folder_of_a_part_without_pictures_is_told(tmp_path, name, below):
    """Else the part would be drawn, as though nobody had meant to give it."""
    files = {path: content for path, content in PARTS.items() if path.startswith("train")}
    folder, path = write(tmp_path / "root", files), packed(tmp_path / "one.zip", {**files, f"{name}/{below}": b""})
    (folder / name / below).mkdir(parents=True)
    for root in (folder, path):
        reason = "is the folder of a part without a picture; add some, or remove it"
        assert list(list_pictures(root).problems) == [(name, reason)]


@pytest.mark.parametrize("name", ["näin ☃ y.png", "-rf.png", "a\nb.png", "\x1b[1m.png", "x" * 251 + ".png"])
def test_strange_names_are_read(source, name):
    listing = list_pictures(source({f"cat/{name}": b"content", "dog/1.png": b""}))
    assert [entry.name for entry in listing.entries] == [f"cat/{name}", "dog/1.png"]
    with open_reader(listing.root) as read:
        assert read(f"cat/{name}") == b"content"


def test_names_in_no_encoding(tmp_path):
    write(tmp_path, FLAT)
    (tmp_path / os.fsdecode(b"cat/\xff.png")).write_bytes(b"content")
    (tmp_path / os.fsdecode(b"\xfe")).mkdir()
    (tmp_path / os.fsdecode(b"\xfe/1.png")).write_bytes(b"")
    listing = list_pictures(tmp_path)
    assert os.fsdecode(b"cat/\xff.png") in [entry.name for entry in listing.entries]
    assert [reason for _, reason in listing.problems] == [
        "lies in a folder whose name is not Unicode; rename the folder"
    ]


def test_links_are_not_followed(tmp_path):
    root = write(tmp_path / "root", FLAT)
    outside = write(tmp_path / "root-2", {"cat/9.png": b""})
    (root / "cat" / "loop").symlink_to(root)
    (root / "cat" / "again.png").symlink_to("1.png")
    (root / "bird").symlink_to(outside / "cat")
    (root / "cat" / "passwd.png").symlink_to("/etc/passwd")
    (root / "cat" / "nowhere.png").symlink_to(tmp_path / "nowhere")
    listing = list_pictures(root)
    assert len(listing.entries) == 3
    assert [name for name, reason in listing.ignored] == ["cat/again.png", "cat/loop"]
    assert dict(listing.problems) == dict.fromkeys(
        ("bird", "cat/nowhere.png", "cat/passwd.png"), "is a link that leads out of the folder; put a copy in its place"
    )


def test_the_folder_itself_may_be_a_link(tmp_path):
    root = write(tmp_path / "root", FLAT)
    (tmp_path / "link").symlink_to(root)
    assert list_pictures(tmp_path / "link") == list_pictures(root)


def test_each_file_is_taken_once(tmp_path):
    root = write(tmp_path, FLAT)
    os.link(root / "cat/1.png", root / "cat/1-again.png")
    os.link(root / "dog/2.png", root / "cat/2.png")
    listing = list_pictures(root)
    assert [entry.name for entry in listing.entries] == ["cat/1-again.png", "cat/2.png", "dog/deeper/3.png"]
    assert list(listing.ignored) == [("cat/1.png", "is the same file as cat/1-again.png")]
    assert list(listing.problems) == [
        ("dog/2.png", "is the same file as cat/2.png in another folder; keep one of them")
    ]


def test_nothing_that_could_block_is_opened(tmp_path):
    root = write(tmp_path, FLAT)
    os.mkfifo(root / "cat" / "pipe.png")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(root / "s.png"))
        listing = list_pictures(root)
    assert dict(listing.problems) == dict.fromkeys(("cat/pipe.png", "s.png"), "is no regular file; move it away")
    with open_reader(root) as read, pytest.raises(OSError, match="no regular file"):
        read("cat/pipe.png")


@pytest.mark.skipif(os.geteuid() != 0, reason="the superuser alone makes devices")
def test_devices_are_not_opened(tmp_path):
    root = write(tmp_path, FLAT)
    os.mknod(root / "cat" / "zero.png", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    assert dict(list_pictures(root).problems) == {"cat/zero.png": "is no regular file; move it away"}


def test_links_that_lead_in_a_circle_end(tmp_path):
    root = write(tmp_path, FLAT)
    for name, target in {"cat/self": "self", "cat/a": "b", "cat/b": "a", "dog/deeper/up": "../..", "top": "."}.items():
        (root / name).symlink_to(target)
    listing = list_pictures(root)
    assert len(listing.entries) == 3 and not listing.problems and len(listing.ignored) == 5


def test_a_data_folder_that_cannot_be_read_is_told(tmp_path, monkeypatch):
    def refusing(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(BadInput) as caught:
        list_pictures(tmp_path)
    assert str(caught.value) == (
        f"a folder of pictures must be readable, but {tmp_path} is not (Permission denied); mend it"
    )


def test_a_folder_that_cannot_be_read_is_told(tmp_path, monkeypatch):
    """By a stand-in for the system's refusal, since the superuser is refused nothing."""
    root, scandir = write(tmp_path, FLAT), os.scandir

    def refusing(path):
        if Path(path).name == "deeper":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert list(list_pictures(root).problems) == [
        ("dog/deeper", "cannot be read (Permission denied); change its permissions")
    ]


def test_a_changed_file_has_another_stamp(tmp_path):
    root = write(tmp_path, FLAT)
    before = list_pictures(root).entries
    os.utime(root / "cat/1.png", ns=(1, 1))
    after, changed = list_pictures(root).entries, (root / "cat/1.png").stat().st_ctime_ns
    assert before[0] != after[0] == Entry("cat/1.png", "cat", None, 1, changed) and before[1:] == after[1:]


HOSTILE = ["../evil.png", "cat/../../evil.png", "/etc/evil.png", "C:/evil.png", "cat\\..\\evil.png", "cat//evil.png"]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_that_lead_out_of_an_archive_are_refused(tmp_path, name):
    listing = list_pictures(packed(tmp_path / "one.zip", {**FLAT, name: b""}))
    assert list(listing.problems) == [(name, "has a name that leads out of the archive; make the archive anew")]
    assert len(listing.entries) == 3


def test_links_and_devices_in_an_archive_are_refused(tmp_path):
    path = packed(tmp_path / "one.zip", FLAT)
    with zipfile.ZipFile(path, "a") as more:
        for name, kind in {"cat/link.png": stat.S_IFLNK, "cat/null.png": stat.S_IFCHR}.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (kind | 0o777) << 16
            more.writestr(info, "/etc/passwd")
    reason = "is a link or a device; put the picture itself in its place"
    assert dict(list_pictures(path).problems) == dict.fromkeys(("cat/link.png", "cat/null.png"), reason)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_is_there_twice_is_refused(tmp_path):
    path = packed(tmp_path / "one.zip", FLAT)
    with zipfile.ZipFile(path, "a") as more:
        more.writestr("cat/1.png", b"another")
    listing = list_pictures(path)
    assert list(listing.problems) == [("cat/1.png", "is there twice; make the archive anew")]
    assert len(listing.entries) == 3


def test_an_encrypted_member_is_refused(tmp_path):
    path = packed(tmp_path / "one.zip", FLAT)
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # the flags of the first member, at both places
        at = content.index(mark) + offset
        content[at : at + 2] = struct.pack("<H", 1)
    path.write_bytes(content)
    assert list(list_pictures(path).problems) == [("cat/1.png", "is encrypted; make the archive without a password")]


def test_a_member_packed_beyond_reason_is_refused(tmp_path):
    path = packed(tmp_path / "one.zip", FLAT)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as more:
        more.writestr("cat/bomb.bmp", bytes(1 << 20))
        more.writestr("cat/photograph.png", png(0, (50, 50)))
    assert list(list_pictures(path).problems) == [
        ("cat/bomb.bmp", "claims more than 100 times its packed size; it is no photograph")
    ]


@pytest.mark.parametrize(
    ("limit", "value", "said"),
    [
        ("MOST_MEMBERS", 7, "an archive must have at most 7 members, but {} has 8; split it"),
        ("LARGEST_TOTAL", 30, "an archive must unpack to at most 30 bytes, but {} claims 40; split it"),
    ],
)
def test_an_archive_has_limits(tmp_path, monkeypatch, limit, value, said):
    path = packed(tmp_path / "one.zip", dict.fromkeys(classes(), b"12345"))
    assert len(list_pictures(path).entries) == 8
    monkeypatch.setattr(archive, limit, value)
    with pytest.raises(BadInput) as caught:
        list_pictures(path)
    assert str(caught.value) == said.format(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"hello" * 100])
def test_what_is_no_archive(tmp_path, content):
    path = tmp_path / "one.zip"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"one\.zip must be a \.zip archive, but is not \("):
        list_pictures(path)


def packed_as(path: Path, names: dict[str, bytes], content: bytes = b"1") -> Path:
    """Write an archive whose names are these bytes, in no stated alphabet, as old programs write them."""
    with zipfile.ZipFile(path, "w") as file:
        for stand_in in names:
            file.writestr(stand_in, content)
    whole = path.read_bytes()
    for stand_in, name in names.items():
        assert len(name) == len(stand_in)
        whole = whole.replace(stand_in.encode(), name)
    path.write_bytes(whole)
    return path


def test_names_in_an_unknown_alphabet_are_told(tmp_path):
    """Cyrillic of Windows here, which nothing in the archive says."""
    names = {"XXX/1.png": "кот/1.png".encode("cp1251"), "dog/2.png": b"dog/2.png"}
    listing = list_pictures(packed_as(tmp_path / "a.zip", names))
    assert listing.guessed == (names["XXX/1.png"].decode("cp437"),) and not listing.problems
    assert archive.describe_guessed(listing) == (
        f"1 name is in an alphabet that the archive does not state, and read as {listing.guessed[0]!r}"
    )


def test_utf8_is_read_though_the_archive_does_not_state_it(tmp_path):
    names = {"XXXXXX/1.png": "кот/1.png".encode(), "YYYYYYY/2.png": "müüsl/2.png".encode()}
    path = packed_as(tmp_path / "a.zip", names)
    listing = list_pictures(path)
    assert listing.classes == ("müüsl", "кот") and listing.guessed == ()
    with open_reader(path) as read:
        assert [read(entry.name) for entry in listing.entries] == [b"1", b"1"]


def test_a_stated_alphabet_is_believed(tmp_path):
    listing = list_pictures(packed(tmp_path / "a.zip", {"кот/1.png": b"1", "dög/2.png": b"2"}))
    assert listing.classes == ("dög", "кот") and archive.describe_guessed(listing) is None
