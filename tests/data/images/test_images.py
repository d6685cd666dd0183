"""Folders and archives of pictures as data sets, and their cache."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from luthier.core.errors import BadInput, LuthierWarning
from luthier.core.files import find_user_cache
from luthier.data import DataConfig, load
from luthier.data.check import examine
from luthier.data.images import cache, decode_pool
from luthier.data.images import cache as making
from luthier.data.images.worker import Task
from luthier.data.split import split

from .conftest import classes, packed, png, write

FIVE = DataConfig(size=5)
MISBEHAVING = """
from luthier.data.images import worker
real = worker.decode
def decoded(content):
    if content == b"odd": raise KeyError("no such palette")
    return real(content)
worker.decode = decoded
worker.main()
"""


@pytest.fixture
def no_decoding(monkeypatch):
    """From now on whoever decodes, or lists an archive, is caught."""

    def caught(*arguments):
        raise AssertionError("this must come from the cache")

    def forbid():
        monkeypatch.setattr(cache, "decode_listing", caught)

    return forbid


@pytest.fixture
def no_workers(monkeypatch):
    """Whoever decodes a single picture is caught."""

    def caught(*arguments):
        raise AssertionError("nothing may be decoded")

    monkeypatch.setattr(making, "decode_all", caught)


@pytest.fixture
def folder(tmp_path):
    """Four cats and four dogs, grey, 5 x 7 pixels."""
    return write(tmp_path / "animals", classes())


def pixels_file() -> Path:
    (found,) = (find_user_cache() / "pictures").glob("*/pixels.bin")
    return found


def test_a_folder_and_an_archive_are_the_same_data(folder, tmp_path):
    one, other = load(folder, data_config=FIVE), load(packed(tmp_path / "other.zip", classes()), data_config=FIVE)
    assert one.fingerprint == other.fingerprint and (one.name, other.name) == ("animals", "other")
    np.testing.assert_array_equal(one.inputs, other.inputs)
    assert one.inputs.shape == (8, 5, 5, 1) and one.inputs.dtype == np.uint8
    assert one.classes == ("cat", "dog") and one.labels.tolist() == [0] * 4 + [1] * 4
    assert one.names.tolist() == sorted(classes())
    assert one.official_test is one.official_validation is None
    assert one.keys.shape == (8, 16) and one.side == 7
    assert len(list((find_user_cache() / "pictures").glob("*/pixels.bin"))) == 1, "equal pictures are kept once"


def test_the_pictures_are_those_of_the_files(tmp_path):
    dataset = load(write(tmp_path / "one", classes(shape=(5, 5, 3))), data_config=FIVE)
    assert dataset.inputs.shape == (8, 5, 5, 3)
    for number in (0, 3):
        expected = np.random.default_rng(number).integers(0, 256, (5, 5, 3), np.uint8)
        np.testing.assert_array_equal(dataset.inputs[number], expected)


def test_one_picture_in_colour_makes_all_of_three_channels(folder):
    write(folder, {"dog/9.png": png(9, (5, 5, 3))})
    dataset = load(folder, data_config=FIVE)
    assert dataset.inputs.shape == (9, 5, 5, 3)
    assert (dataset.inputs[:8] == dataset.inputs[:8, ..., :1]).all()
    assert (dataset.inputs[8] == np.random.default_rng(9).integers(0, 256, (5, 5, 3), np.uint8)).all()


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3)], ids=["grey", "colour"])
@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_are_brought_to_the_channels_of_a_network(tmp_path, shape, channels):
    folder = write(tmp_path / "animals", classes(shape=shape))
    plain, dataset = load(folder, data_config=FIVE), load(folder, data_config=FIVE, channels=channels)
    assert dataset.shape == (channels, 5, 5) and dataset.fingerprint == plain.fingerprint
    np.testing.assert_array_equal(dataset.keys, plain.keys)
    for name, pixels in zip(dataset.names, dataset.inputs, strict=True):
        with Image.open(folder / name) as image:
            mode = {1: "L", 3: "RGB"}[channels]
            expected = np.asarray(image.convert(mode).resize((5, 5), Image.Resampling.BILINEAR))
        np.testing.assert_array_equal(pixels, expected.reshape(5, 5, channels))


@pytest.mark.parametrize("first", [(5, 7), (5, 7, 3)], ids=["grey", "colour"])
def test_extra_pictures_are_brought_to_the_channels_of_the_data(tmp_path, first):
    other = (5, 7) if len(first) == 3 else (5, 7, 3)
    folder, more = (write(tmp_path / name, classes(shape=one)) for name, one in (("one", first), ("more", other)))
    dataset = load(folder, data_config=FIVE, extra=more)
    assert len(dataset) == 16 and dataset.shape == (first[2] if len(first) == 3 else 1, 5, 5)


@pytest.mark.parametrize(("shape", "side"), [((5, 7), 7), ((32, 20), 32), ((64, 64), 32)])
def test_without_a_size_it_is_the_median_side_up_to_a_limit(tmp_path, shape, side):
    dataset = load(write(tmp_path / "one", {**classes(shape=shape), "cat/odd.png": png(1, (90, 90))}))
    assert dataset.inputs.shape == (9, side, side, 1) and dataset.side == max(shape)


def test_the_fingerprint_is_of_the_files_and_not_of_the_size(folder):
    small, large = load(folder, data_config=FIVE), load(folder, data_config=DataConfig(size=9, fit="pad"))
    assert small.fingerprint == large.fingerprint and large.inputs.shape == (8, 9, 9, 1)
    np.testing.assert_array_equal(small.groups, large.groups)
    (folder / "cat/1.png").write_bytes(png(77))
    assert load(folder, data_config=FIVE).fingerprint != small.fingerprint


def test_equal_pictures_belong_together_at_any_size(folder):
    Image.open(folder / "cat/1.png").save(folder / "cat/a.bmp")
    assert load(folder, data_config=FIVE).groups.tolist() == [0, 1, 2, 3, 1, 5, 6, 7, 8]


def test_parts_of_folders_are_the_official_ones(tmp_path):
    files = {f"train/{name}": content for name, content in classes().items()}
    files |= {"valid/cat/1.png": png(50), "test/dog/1.png": png(60), "test/cat/1.png": png(61)}
    dataset = load(write(tmp_path / "one", files), data_config=FIVE)
    names = dataset.names[dataset.official_test].tolist()
    assert names == ["test/cat/1.png", "test/dog/1.png"]
    assert dataset.names[dataset.official_validation].tolist() == ["valid/cat/1.png"]
    parts = split(dataset, 0)
    assert dataset.names[parts.test].tolist() == names
    assert dataset.names[parts.validation].tolist() == ["valid/cat/1.png"]


def test_a_test_part_alone_is_read_to_be_evaluated_on(tmp_path):
    folder = write(tmp_path / "one", {f"test/{name}": content for name, content in classes().items()})
    dataset = load(folder, data_config=FIVE, to_learn=False)
    assert dataset.classes == ("cat", "dog") and dataset.official_test.all() and len(dataset) == 8


@pytest.mark.parametrize("packs", [False, True])
def test_the_second_start_decodes_nothing(folder, tmp_path, no_decoding, packs):
    source = packed(tmp_path / "one.zip", classes()) if packs else folder
    first = load(source, data_config=FIVE)
    no_decoding()
    second = load(source, data_config=FIVE)
    assert second.fingerprint == first.fingerprint and second.names.tolist() == first.names.tolist()
    np.testing.assert_array_equal(second.inputs, first.inputs)
    np.testing.assert_array_equal(second.keys, first.keys)
    with pytest.raises(AssertionError, match="cache"):
        load(source, data_config=DataConfig(size=6))


def change(folder):
    (folder / "cat/1.png").write_bytes(png(78))


def touch(folder):
    os.utime(folder / "cat/1.png", ns=(1, 1))


def add(folder):
    write(folder, {"dog/9.png": png(9)})


def remove(folder):
    (folder / "dog/3.png").unlink()


def rename(folder):
    (folder / "dog/3.png").rename(folder / "cat/9.png")


def overwrite(folder):
    """Other content of the same size, under the time of the old one."""
    path = folder / "cat/1.png"
    status, content = path.stat(), path.read_bytes()
    path.write_bytes(png(79)[: len(content)].ljust(len(content), b"\0"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize("happening", [change, touch, add, remove, rename, overwrite])
def test_a_source_that_changed_is_read_anew(folder, happening, no_decoding):
    load(folder, data_config=FIVE)
    happening(folder)
    no_decoding()
    with pytest.raises(AssertionError, match="cache"):
        load(folder, data_config=FIVE)


def test_pictures_of_equal_sizes_and_times_that_change_places_are_seen(folder, no_decoding):
    one, other = folder / "cat/1.png", folder / "dog/3.png"
    for path in (one, other):
        path.write_bytes(path.read_bytes().ljust(500, b"\0"))
        os.utime(path, ns=(1, 1))
    first = load(folder, data_config=FIVE)
    one.rename(folder.parent / "kept")
    other.rename(one)
    (folder.parent / "kept").rename(other)
    assert load(folder, data_config=FIVE).fingerprint != first.fingerprint
    no_decoding()
    load(folder, data_config=FIVE)


def truncate(place):
    os.truncate(place / "pixels.bin", 10)


def flip(place):
    content = bytearray((place / "pixels.bin").read_bytes())
    content[20] ^= 1
    (place / "pixels.bin").write_bytes(content)


def lose(place):
    (place / "pixels.bin").unlink()


def alter_keys(place):
    content = bytearray((place / "keys.bin").read_bytes())
    content[0] ^= 1
    (place / "keys.bin").write_bytes(content)


def alter_card(place):
    (place / "card.json").write_text((place / "card.json").read_text().replace('"side": 7', '"side": 8'))


def lose_card(place):
    (place / "card.json").unlink()


@pytest.mark.parametrize("damage", [truncate, flip, lose, alter_keys, alter_card, lose_card])
def test_a_damaged_cache_is_made_anew_with_a_warning(folder, damage):
    before = load(folder, data_config=FIVE)
    whole = np.array(before.inputs)
    damage(pixels_file().parent)
    with pytest.warns(LuthierWarning, match=re.escape(f"the decoded pictures of {folder} are made anew: ")):
        after = load(folder, data_config=FIVE)
    np.testing.assert_array_equal(after.inputs, whole)
    assert after.fingerprint == before.fingerprint
    load(folder, data_config=FIVE)


def test_a_start_that_was_killed_leaves_nothing_that_counts(folder, monkeypatch):
    def killed(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(making, "decode_all", killed)
        with pytest.raises(KeyboardInterrupt):
            load(folder, data_config=FIVE)
    place = find_user_cache() / "pictures"
    assert not list(place.glob("*/pixels.bin")) and not list(place.glob("starts/*/work"))
    (work,) = (one / "work" for one in place.glob("starts/*"))
    work.mkdir()
    (work / "pixels.bin").write_bytes(b"of one that was killed outright")
    assert len(load(folder, data_config=FIVE)) == 8


def test_two_at_once_decode_once(folder, monkeypatch):
    code = (
        "import sys; from luthier.data import load, DataConfig; from luthier.data.images import cache\n"
        "real = cache.decode_listing\n"
        "cache.decode_listing = lambda *a: (print('decodes'), real(*a))[1]\n"
        f"print(load({str(folder)!r}, data_config=DataConfig(size=5), quiet=True).fingerprint)"
    )
    both = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = sorted(one.communicate()[0].split() for one in both)
    expected = load(folder, data_config=FIVE).fingerprint
    assert sorted(said, key=len) == [[expected], ["decodes", expected]]


def test_the_cache_cannot_be_written(folder, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(BadInput, match=r"decoded pictures must be kept in .*, but cannot be \(Not a directory\); make"):
        load(folder, data_config=FIVE)


def test_a_full_disk_is_told_before_anything_is_decoded(folder, monkeypatch, no_workers):
    usage = shutil.disk_usage(folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=8 * 5 * 5 * 3 - 1))
    with pytest.raises(BadInput, match=r"must be kept in .*, but cannot be \(No space left on device\); make room"):
        load(folder, data_config=FIVE)
    assert not list(find_user_cache().rglob("pixels.bin"))


@pytest.mark.parametrize("size", [5, None])
def test_a_member_with_another_checksum_is_named(tmp_path, size):
    path = packed(tmp_path / "one.zip", classes())
    content = bytearray(path.read_bytes())
    content[60] ^= 1
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        load(path, data_config=DataConfig(size=size))
    assert caught.value.problems == (
        f"{path}/cat/0.png must be readable, but is not (Bad CRC-32 for file 'cat/0.png'); replace it",
    )


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_that_cannot_be_unpacked_is_named(tmp_path, method):
    """Every byte of the first member is overwritten, so that each unpacker meets what it cannot read."""
    path = tmp_path / "one.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, member in classes().items():
            archive.writestr(name, member)
        first = archive.infolist()[0]
    content = bytearray(path.read_bytes())
    start = 30 + len(first.filename)
    content[start + 9 : start + first.compress_size] = b"\xff" * (first.compress_size - 9)
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        load(path)
    (problem,) = caught.value.problems
    assert problem.startswith(f"{path}/cat/0.png must be readable, but is not (")


def test_all_that_is_wrong_is_said_at_once(folder):
    (folder / "cat/1.png").write_bytes(b"hello")
    (folder / "dog/2.png").write_bytes(b"")
    (folder / "notes.txt").write_text("about cats")
    with pytest.raises(BadInput) as caught:
        load(folder, data_config=FIVE)
    first, second, third = caught.value.problems
    assert first.startswith(f"{folder}/cat/1.png must be a picture (")
    assert second.startswith(f"{folder}/dog/2.png must be a picture (")
    assert third == f"{folder}/notes.txt lies in no class folder; move it into one, or away"


def many(tmp_path, bad: int) -> Path:
    """200 files, so many of which are no pictures."""
    one = png(0, (3, 3))
    files = {f"{label}/{k:03}.png": one for label in ("cat", "dog") for k in range(100)}
    return write(tmp_path / "many", files | {f"cat/{k:03}.png": b"hello" for k in range(bad)})


def test_a_few_bad_pictures_may_be_left_out(tmp_path):
    root = many(tmp_path, 2)
    for _ in ("decoded", "from the cache"):
        with pytest.warns(LuthierWarning, match="2 files are left out as data.bad = 'skip' asks: cat/000.png, cat/001"):
            dataset = load(root, data_config=DataConfig(size=3, bad="skip"))
    assert len(dataset) == 198 and dataset.names[0] == "cat/002.png"
    assert (dataset.inputs == dataset.inputs[:1]).all() and dataset.inputs.any()
    with pytest.raises(BadInput, match=r"cat/000\.png must be a picture"):
        load(root, data_config=DataConfig(size=3))


def test_more_than_a_few_are_not_left_out(tmp_path):
    with pytest.raises(BadInput) as caught:
        load(many(tmp_path, 3), data_config=DataConfig(size=3, bad="skip"))
    assert len(caught.value.problems) == 4
    assert caught.value.problems[-1] == (
        "data.bad = 'skip' may leave out at most 1% of the files and no whole class, but would leave 3 of 200 out; "
        "mend the files above"
    )


def test_a_fault_that_nobody_foresaw_is_told_with_all_others(tmp_path, monkeypatch):
    """The process that met it goes on; what Pillow raises for a damaged file is anybody's guess."""
    root = write(tmp_path / "animals", {**classes(), "cat/odd.png": b"odd", "dog/text.png": b"text"})
    monkeypatch.setattr(decode_pool, "WORKER", ("-c", MISBEHAVING))
    with pytest.raises(BadInput) as caught:
        load(root, data_config=DataConfig(size=3))
    first, second = caught.value.problems
    assert first == f"{root}/cat/odd.png must be readable, but is not ('no such palette'); replace it"
    assert second.startswith(f"{root}/dog/text.png must be a picture (")


def test_no_class_is_left_out_whole(tmp_path):
    root = write(many(tmp_path, 0), {"emu/1.png": b"hello"})
    with pytest.raises(BadInput, match="but would leave class emu empty; mend the files above"):
        load(root, data_config=DataConfig(size=3, bad="skip"))


@pytest.mark.parametrize("odd", [{}, {"emu/link.png": None}])
def test_no_class_folder_is_left_out_whole(tmp_path, odd):
    root = write(many(tmp_path, 0), {})
    (root / "emu").mkdir()
    for name in odd:
        (root / name).symlink_to("/etc/passwd")
    with pytest.raises(BadInput, match="but would leave class emu empty; mend the files above"):
        load(root, data_config=DataConfig(size=3, bad="skip"))


def test_classes_that_differ_in_spelling_only_are_not_left_out(tmp_path):
    root = write(many(tmp_path, 0), {"Cat/1.png": png(901), "Cat/2.png": png(902)})
    with pytest.raises(BadInput, match=r"two classes whose names differ in spelling only; give them one name$"):
        load(root, data_config=DataConfig(size=3, bad="skip"))


def test_of_several_frames_it_is_said_that_one_is_taken(folder):
    frames = [Image.new("L", (5, 5), value) for value in (3, 200)]
    frames[0].save(folder / "cat/moving.webp", save_all=True, append_images=frames[1:])
    with pytest.warns(
        LuthierWarning, match="of 1 pictures with several frames or pages the first is taken: cat/moving"
    ):
        load(folder, data_config=FIVE)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "data must hold pictures in class folders, but {} holds none; add some"),
        (
            {"cat/1.png": 1, "cat/2.png": 2},
            "training needs at least 2 classes, but got 1 (cat); add examples of another",
        ),
        (
            {"cat/1.png": 1, "cat/2.png": 2, "dog/1.png": 3},
            "every class needs at least 2 training examples, but too few",
        ),
        (
            {"train/cat/1.png": 1, "train/cat/2.png": 2, "test/dog/1.png": 3},
            "every class needs at least 2 training examples, but too few are in dog (0); add examples or drop the",
        ),
        (
            {"test/cat/1.png": 1, "test/cat/2.png": 2, "valid/dog/1.png": 3},
            "training needs a folder train beside those of the other parts, but {} has only test and validation; "
            "add it, or move the class folders up",
        ),
    ],
)
def test_what_cannot_be_learnt_from(tmp_path, files, said):
    root = write(tmp_path / "one", {name: png(number) for name, number in files.items()})
    root.mkdir(exist_ok=True)
    with pytest.raises(BadInput) as caught:
        load(root, data_config=FIVE)
    assert str(caught.value).startswith(said.format(root))


def test_an_empty_class_folder_is_told(folder):
    (folder / "emu").mkdir()
    with pytest.raises(BadInput) as caught:
        load(folder, data_config=FIVE)
    assert str(caught.value) == f"{folder}/emu is a class folder without a picture; add some, or remove it"


def test_what_comes_into_memory_is_what_is_looked_at(tmp_path):
    """The pixels are a mapped file, read only, all the way into the loader."""
    import torch

    from luthier.data.loader import to_device

    dataset = load(write(tmp_path / "one", classes()), data_config=FIVE)
    assert isinstance(dataset.inputs, np.memmap) and not dataset.inputs.flags.writeable
    store = to_device(dataset.inputs, dataset.labels, 2, torch.device("cpu")).store
    assert store.data_ptr() == dataset.inputs.ctypes.data


def test_a_task_travels_as_json():
    assert set(Task.__annotations__.values()) <= {str, int, Task.__annotations__["fit"]}


def test_the_source_may_move(folder, tmp_path):
    before = load(folder, data_config=FIVE).fingerprint
    assert load(shutil.move(folder, tmp_path / "moved"), data_config=FIVE).fingerprint == before


@pytest.mark.parametrize("parts", [("train", "test"), ("Train", "Val"), ("training", "validation", "testing")])
@pytest.mark.parametrize("pack", [False, True])
def test_classes_that_are_all_called_as_parts_are_told(tmp_path, parts, pack):
    files = {f"{part}/{k}.png": png(k + 100 * number) for number, part in enumerate(parts) for k in range(4)}
    source = packed(tmp_path / "flat.zip", files) if pack else write(tmp_path / "flat", files)
    line = f"the only classes are called {' and '.join(sorted(parts))}, as parts are"
    with pytest.warns(LuthierWarning, match=f"{line}; where parts are meant, make a folder for each class in each"):
        data = load(source, data_config=FIVE)
    assert data.classes == tuple(sorted(parts)) and any(line in one for one in data.remarks)
    assert [one.kind for one in examine(str(source)).findings if "as parts are" in one.line] == ["parts-as-classes"]


def test_one_class_of_several_may_be_called_as_a_part_is(tmp_path):
    files = {f"{name}/{k}.png": png(k + 100 * number) for number, name in enumerate(("bus", "train")) for k in range(4)}
    assert load(write(tmp_path / "traffic", files), data_config=FIVE).remarks == ()
