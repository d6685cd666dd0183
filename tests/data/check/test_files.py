"""Every fault of a folder or archive is told at once, with its files."""

import struct
import zipfile
import zlib

import pytest

from luthier.core.errors import BadInput, LuthierWarning
from luthier.data import DataConfig, load
from luthier.data.check import examine

from .conftest import encoded, picture


def test_a_clean_folder_has_nothing(clean):
    report = examine(str(clean))
    assert report.findings == () and not report.stops
    assert report.counts == [
        {"class": "cat", "n": 10, "training": 7, "test": 3},
        {"class": "dog", "n": 10, "training": 7, "test": 3},
    ]


def test_everything_planted_is_found_at_once(planted, by_kind):
    report = examine(str(planted))
    found = by_kind(report.findings)
    assert {kind: (one.severity, set(one.files)) for kind, one in found.items() if kind not in ("sizes", "modes")} == {
        "misplaced": ("stop", {"list.txt"}),
        "no-picture": ("stop", {"train/cat/empty.png", "train/dog/noise.jpg", "train/dog/text.jpg"}),
        "damaged": ("stop", {"train/cat/cut.png"}),
        "leak": (
            "stop",
            {"train/cat/0.png", "test/cat/leak.png", "train/dog/3.png", "test/dog/leak.bmp"},
        ),
        "empty-folder": ("stop", {"bird"}),
        "several-frames": ("warn", {"train/dog/moving.gif"}),
        "size-outlier": ("warn", {"train/dog/large.png"}),
        "ending": ("note", {"train/dog/gif.png"}),
        "turned": ("note", {"train/dog/turned.jpg"}),
        "ignored": ("note", {"train/cat/.DS_Store"}),
    }
    assert report.stops and found["leak"].count == 2 and found["no-picture"].count == 3
    assert "train/dog/text.jpg (a text file)" in found["no-picture"].what
    assert "16 to 200 pixels, the median 16" in found["sizes"].what
    assert "P 2" in found["modes"].what
    assert len(report.dataset) == 26


def test_the_order_is_worst_first(planted):
    order = [one.severity for one in examine(str(planted)).findings]
    assert order == sorted(order, key=["stop", "warn", "note"].index) and len(set(order)) == 3


def test_what_check_stops_at_training_stops_at(planted):
    with pytest.raises(BadInput) as caught:
        load(str(planted), quiet=True)
    assert all(name in str(caught.value) for name in ("empty.png", "noise.jpg", "text.jpg", "cut.png", "list.txt"))


def test_an_archive_is_looked_at_in_place(planted, tmp_path):
    path = tmp_path / "planted.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(planted.rglob("*")):
            archive.write(file, file.relative_to(planted))
    folder, packed = examine(str(planted)), examine(str(path))
    assert [one.as_json() for one in packed.findings] == [one.as_json() for one in folder.findings]
    assert {one.name for one in tmp_path.iterdir()} == {"planted.zip", "clean"}


def test_a_class_that_lost_all_its_pictures_is_empty(clean, by_kind):
    for file in (clean / "train" / "dog").iterdir():
        file.write_bytes(b"")
    for file in (clean / "test" / "dog").iterdir():
        file.write_bytes(b"")
    found = by_kind(examine(str(clean)).findings)
    assert found["empty-class"].severity == "stop" and found["no-picture"].count == 10


def test_a_folder_without_a_single_picture_is_a_finding(tmp_path, by_kind):
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "1.png").write_text("no")
    report = examine(str(tmp_path))
    assert report.stops and report.dataset is None and report.counts == []
    assert set(by_kind(report.findings)) == {"no-pictures", "no-picture"}
    (tmp_path / "cat" / "1.png").unlink()
    assert set(by_kind(examine(str(tmp_path)).findings)) == {"no-pictures", "empty-folder"}


@pytest.mark.parametrize("side", [8_000, 60_000])
def test_a_picture_with_too_many_pixels_is_not_called_damaged(clean, by_kind, side):
    """Just above the limit, and beyond what Pillow itself opens; the header alone says so."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(99))), (b"IEND", b""))
    content = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    (clean / "train" / "cat" / "vast.png").write_bytes(content)
    found = by_kind(examine(str(clean)).findings)
    assert found["oversized"].files == ("train/cat/vast.png",) and "damaged" not in found


@pytest.fixture
def large(tmp_path):
    """Two classes of 100 pictures each."""
    root = tmp_path / "large"
    for k in range(200):
        file = root / ("cat" if k < 100 else "dog") / f"{k:03}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encoded(picture(k)))
    return root


def skipped(root) -> dict[str, tuple[str, str]]:
    """Severity and remedy by kind, where bad pictures are to be left out."""
    found = examine(str(root), data_config=DataConfig(bad="skip")).findings
    return {one.kind: (one.severity, one.remedy) for one in found if one.kind not in ("sizes", "near-duplicates")}


def test_files_that_are_left_out_stop_nothing(large):
    (large / "cat" / "000.png").write_bytes(b"hello")
    (large / "notes.txt").write_bytes(b"hello")
    out = ("warn", "nothing: they are left out as data.bad = 'skip' asks")
    assert skipped(large) == {"misplaced": out, "no-picture": out}
    assert {one.severity for one in examine(str(large)).findings if one.kind in ("misplaced", "no-picture")} == {"stop"}


@pytest.mark.parametrize(
    ("bad", "said"), [(range(3), "would leave 3 of 200 out"), (range(100), "would leave class cat empty")]
)
def test_too_many_to_be_left_out_stop_a_training(large, bad, said):
    for k in bad:
        (large / "cat" / f"{k:03}.png").write_bytes(b"hello")
    report = examine(str(large), data_config=DataConfig(bad="skip"))
    (much,) = (one for one in report.findings if one.kind == "too-many-skipped")
    assert report.stops and much.what.endswith(said) and skipped(large)["no-picture"][0] == "stop"
    with pytest.raises(BadInput, match=said):
        load(large, data_config=DataConfig(size=4, bad="skip"))


def test_classes_spelt_alike_are_not_left_out(large):
    (large / "Cat").mkdir()
    (large / "Cat" / "1.png").write_bytes(encoded(picture(900)))
    assert skipped(large)["misplaced"][0] == "stop"
    with pytest.raises(BadInput, match="two classes whose names differ in spelling only"):
        load(large, data_config=DataConfig(size=4, bad="skip"))


def test_names_in_an_unknown_alphabet_are_told_by_check_and_training(tmp_path, by_kind):
    """Cyrillic of Windows, which the archive does not state; only the names are in doubt."""
    path = tmp_path / "old.zip"
    with zipfile.ZipFile(path, "w") as file:
        for k in range(12):
            file.writestr(f"{('XXX', 'dog')[k % 2]}/{k}.png", encoded(picture(k)))
    path.write_bytes(path.read_bytes().replace(b"XXX", "кот".encode("cp1251")))
    found = by_kind(examine(str(path)).findings)
    assert (found["alphabet"].severity, found["alphabet"].count) == ("warn", 6)
    assert found["alphabet"].what.startswith(
        "6 names are in an alphabet that the archive does not state, and read as '"
    )
    with pytest.warns(LuthierWarning, match="6 names are in an alphabet that the archive does not state"):
        dataset = load(path)
    assert dataset.classes == ("dog", "кот".encode("cp1251").decode("cp437"))
