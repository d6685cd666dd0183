"""Known names: where they are looked for."""

import gzip
import hashlib
import io
import os
import re
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from luthier.cli import main
from luthier.core.errors import BadInput, DownloadFailed, LuthierWarning
from luthier.core.lock import hold_lock
from luthier.data import SOURCES, load
from luthier.data.download import Remote
from luthier.data.sources import named as module
from luthier.data.sources.named import NAMED, PUBLISHED, Published, fetch, find_missing, locate

from ..https import give, refuse

IN_IDX = ("fashion-mnist", "kmnist", "mnist")


@pytest.fixture
def roots(tmp_path, monkeypatch):
    """The three places in the order of the search."""
    places = [tmp_path / "data_dir", tmp_path / "variable", tmp_path / "cache" / "luthier"]
    monkeypatch.setenv("LUTHIER_DATA", str(places[1]))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return places


def test_the_first_place_that_holds_all_files_wins(roots, write_idx):
    for place in reversed(roots):
        write_idx(place / "kmnist")
        assert locate("kmnist", roots[0]) == place / "kmnist"


def test_a_place_with_some_of_the_files_is_passed_over(roots, write_idx):
    write_idx(roots[0] / "mnist", stems=("train-images-idx3-ubyte", "train-labels-idx1-ubyte"))
    write_idx(roots[1] / "mnist")
    assert locate("mnist", roots[0]) == roots[1] / "mnist"


def test_without_a_variable_there_are_two_places(roots, write_idx, monkeypatch):
    monkeypatch.delenv("LUTHIER_DATA")
    write_idx(roots[1] / "mnist")
    write_idx(roots[2] / "mnist")
    assert locate("mnist", None) == roots[2] / "mnist"


def test_without_xdg_the_cache_is_in_the_home_folder(roots, write_idx, tmp_path, monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    folder = write_idx(tmp_path / "home" / ".cache" / "luthier" / "mnist")
    assert locate("mnist", None) == folder


@pytest.mark.parametrize("name", IN_IDX)
def test_class_names_come_from_the_name_and_must_have_two_examples_each(roots, write_idx, name):
    write_idx(roots[0] / name)
    scarce = ", ".join(f"{one} (0)" for one in NAMED[name].classes[2:7])
    with pytest.raises(BadInput) as caught:
        load(name, data_dir=roots[0])
    assert str(caught.value) == (
        f"every class needs at least 2 training examples, but too few are in {scarce}; add examples or drop the class"
    )


def test_every_source_has_a_card():
    assert list(SOURCES) == ["digits", "cifar10", "fashion-mnist", "kmnist", "mnist"]
    assert all(card.summary.endswith(".") and card.source for card in SOURCES.values())
    assert all(len(set(one.classes)) == 10 for one in NAMED.values())


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (3, "data must be a name, a path, columns by name or a pair of arrays (X, y), but got int; pass one of these"),
        (
            None,
            "data must be a name, a path, columns by name or a pair of arrays (X, y), but got NoneType; "
            "pass one of these",
        ),
        (
            (1, 2, 3),
            "data must be a name, a path, columns by name or a pair of arrays (X, y), but got tuple; pass one of these",
        ),
        (
            "digit",
            "data must be a known name or an existing path, but got 'digit'; did you mean 'digits'? "
            "known: cifar10, digits, fashion-mnist, kmnist, mnist",
        ),
        (
            Path("nowhere/x.npz"),
            "data must be a known name or an existing path, but got 'nowhere/x.npz'; "
            "known: cifar10, digits, fashion-mnist, kmnist, mnist",
        ),
    ],
    ids=str,
)
def test_what_is_no_data(data, problem, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput) as caught:
        load(data)
    assert str(caught.value) == problem


def test_a_file_of_another_kind(tmp_path):
    path = tmp_path / "table.xls"
    path.write_text("a,b\n")
    with pytest.raises(BadInput) as caught:
        load(path)
    assert str(caught.value) == (
        f"a data file must be a .csv, .data, .tsv, .txt, .parquet or .npz file or a .zip of pictures, but got "
        f"{str(path)!r}; convert it, or pass arrays from Python"
    )


def test_a_name_wins_over_a_path_of_that_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "digits").mkdir()
    with pytest.warns(LuthierWarning, match=r"there is a folder ./digits too; to read that instead, write ./digits"):
        assert len(load("digits")) == 1797


def test_real_mnist(mnist_dir):
    dataset = load("mnist")
    assert dataset.inputs.shape == (70_000, 28, 28, 1)
    assert dataset.official_test.nonzero()[0].tolist() == list(range(60_000, 70_000))
    assert dataset.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert dataset.labels[60_000:60_005].tolist() == [7, 2, 1, 0, 4]
    assert int(dataset.inputs[:60_000].sum(dtype="int64")) == 1_567_298_545
    assert dataset.classes == tuple("0123456789")
    assert load("mnist", data_dir=mnist_dir.parent).fingerprint == load(mnist_dir).fingerprint == dataset.fingerprint


NAMES = [
    f"{stem}-ubyte.gz" for stem in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
]


PLACES = "or into a folder {} in that which --data-dir or LUTHIER_DATA names"


def remote(site, path, content) -> Remote:
    site.files[path] = content
    return Remote(site.url(path), len(content), hashlib.sha256(content).hexdigest())


@pytest.fixture
def pictures(site, write_idx, tmp_path, monkeypatch) -> Published:
    """MNIST as this machine publishes it: few pictures of two digits alone, which a reader refuses."""
    source = write_idx(tmp_path / "source")
    files = tuple(remote(site, f"/mnist/{name}", (source / name).read_bytes()) for name in NAMES)
    monkeypatch.setitem(PUBLISHED, "mnist", Published(files))
    return PUBLISHED["mnist"]


@pytest.fixture
def archive(site, monkeypatch) -> Published:
    """CIFAR-10 as this machine publishes it: batches of nine bytes."""
    wanted = {name: 9 for name in PUBLISHED["cifar10"].unpacked}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for number, (name, size) in enumerate(wanted.items()):
            entry = tarfile.TarInfo(name)
            entry.size = size
            tar.addfile(entry, io.BytesIO(bytes([number]) * size))
    file = remote(site, "/cifar-10-binary.tar.gz", packed.getvalue())
    monkeypatch.setitem(PUBLISHED, "cifar10", Published((file,), wanted))
    return PUBLISHED["cifar10"]


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "luthier" / "mnist"


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".lock"}


def served(site) -> dict[str, bytes]:
    return {Path(path).name: content for path, content in site.files.items()}


def test_a_set_that_is_nowhere_is_downloaded_into_the_cache_once(pictures, site, folder, capsys):
    assert locate("mnist", None) == folder
    assert content(folder) == served(site)
    size = sum(file.size for file in pictures.files) / 1e6
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"luthier: downloading mnist ({size:.1f} MB) from {site.url('/mnist/')} to {folder}\n"
    assert locate("mnist", None) == folder
    assert [Path(path).name for path, _ in site.asked] == NAMES
    assert capsys.readouterr() == ("", "")


def test_it_is_read_like_any_other(pictures, site, folder):
    with pytest.raises(BadInput, match=r"^every class needs at least 2 training examples, but too few are in 2"):
        load("mnist")
    assert len(site.asked) == 4


def test_folders_that_are_given_are_looked_in_and_never_written(pictures, folder, tmp_path, monkeypatch):
    given, variable = tmp_path / "given", tmp_path / "variable"
    (given / "mnist").mkdir(parents=True)
    (given / "mnist" / NAMES[0]).touch()
    variable.mkdir()
    monkeypatch.setenv("LUTHIER_DATA", str(variable))
    assert locate("mnist", given) == folder
    assert [path.name for path in (given / "mnist").iterdir()] == NAMES[:1]
    assert list(variable.iterdir()) == []


def test_what_is_there_is_not_fetched_again(pictures, site, folder):
    folder.mkdir(parents=True)
    (folder / NAMES[0]).write_bytes(site.files[f"/mnist/{NAMES[0]}"])
    (folder / "t10k-labels.idx1-ubyte").write_bytes(gzip.decompress(site.files[f"/mnist/{NAMES[3]}"]))
    locate("mnist", None)
    assert [Path(path).name for path, _ in site.asked] == NAMES[1:3]


def test_quiet_leaves_the_announcement_alone(pictures, site, folder, capsys):
    site.script = [give(cut=4)]
    fetch("mnist", folder, quiet=True)
    assert capsys.readouterr().err.count("\n") == 1
    assert len(site.asked) == 5


def test_an_archive_is_unpacked_and_deleted(archive, site, folder):
    place = folder.parent / "cifar10"
    assert locate("cifar10", None) == place
    batches = [*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin"]
    assert content(place) == {name: bytes([number]) * 9 for number, name in enumerate(batches)}
    assert find_missing("cifar10", place) == []
    (place / "data_batch_3.bin").unlink()
    assert find_missing("cifar10", place) == ["data_batch_3.bin"]
    fetch("cifar10", place)
    assert len(content(place)) == 6
    assert len(site.asked) == 2


def test_an_archive_that_was_not_unpacked_yet_is_not_fetched_again(archive, site, folder):
    folder.mkdir(parents=True)
    (folder / "cifar-10-binary.tar.gz").write_bytes(site.files["/cifar-10-binary.tar.gz"])
    (folder / "data_batch_1.bin").write_bytes(b"\0" * 9)
    fetch("cifar10", folder)
    assert len(content(folder)) == 6
    assert site.asked == []


def test_an_archive_of_that_name_with_another_content_is_replaced(archive, site, folder):
    folder.mkdir(parents=True)
    (folder / "cifar-10-binary.tar.gz").write_bytes(b"another")
    fetch("cifar10", folder)
    assert len(content(folder)) == 6


def test_a_failure_says_what_to_put_where(pictures, site, folder):
    site.script = [refuse(404)]
    with pytest.raises(DownloadFailed) as caught:
        locate("mnist", None)
    assert str(caught.value) == (
        f"{pictures.files[0].url} could not be downloaded: the server answered 404 Not Found; or put "
        f"{', '.join(NAMES)} (from {site.url('/mnist/')}) into {folder}, {PLACES.format('mnist')}"
    )


def test_a_wrong_archive_leaves_nothing(archive, site, folder):
    site.files["/cifar-10-binary.tar.gz"] = bytes(archive.files[0].size)
    with pytest.raises(DownloadFailed, match=re.escape("must have the SHA-256")):
        fetch("cifar10", folder)
    assert content(folder) == {}


def test_a_cache_that_cannot_be_written(pictures, site, tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("a file")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(DownloadFailed, match=r"^mnist could not be saved in .*Not a directory.*; or put train-images"):
        locate("mnist", None)
    assert site.asked == []


@pytest.mark.parametrize("name", sorted(PUBLISHED))
@pytest.mark.parametrize("value", ["1", "true", "no"])
def test_offline_says_what_to_put_where(folder, tmp_path, monkeypatch, name, value):
    monkeypatch.setenv("LUTHIER_OFFLINE", value)
    monkeypatch.setenv("LUTHIER_DATA", str(tmp_path / "variable"))
    folders = [tmp_path / "given" / name, tmp_path / "variable" / name, folder.parent / name]
    with pytest.raises(BadInput) as caught:
        locate(name, tmp_path / "given")
    one = PUBLISHED[name]
    assert str(caught.value) == (
        f"{name} must lie in one of {', '.join(map(str, folders))}, but no folder holds all of its files, and "
        f"LUTHIER_OFFLINE forbids to download them; unset it, or put {', '.join(one.names)} (from {one.origin}) into "
        f"{' or '.join(map(str, folders))}, {PLACES.format(name)}"
    )
    assert not folder.parent.exists()


@pytest.mark.parametrize("value", ["", "0"])
def test_offline_may_be_said_to_be_off(pictures, site, folder, monkeypatch, value):
    monkeypatch.setenv("LUTHIER_OFFLINE", value)
    assert locate("mnist", None) == folder


def test_the_exit_status_of_a_download_that_failed_is_1(pictures, site, folder, capsys):
    site.script = [refuse(404)]
    with pytest.raises(SystemExit) as caught:
        main(["train", "mnist", "--json"])
    assert caught.value.code == 1
    out, err = capsys.readouterr()
    assert out == ""
    announced, error = err.splitlines()
    assert announced.startswith("luthier: downloading mnist")
    assert error.startswith(f"luthier: {pictures.files[0].url} could not be downloaded")


def test_the_exit_status_offline_is_2(folder, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["train", "mnist", "--json"])
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1


FETCH = """
import sys
from pathlib import Path
from luthier.data.download import Remote
from luthier.data.sources.named import fetch
from luthier.data.sources.named import PUBLISHED, Published

PUBLISHED["mnist"] = eval(sys.argv[1])
fetch("mnist", Path(sys.argv[2]))
"""


def test_two_processes_at_once_fetch_once(pictures, site, folder):
    site.script = [give(pause=0.5)]
    command = [sys.executable, "-c", FETCH, repr(pictures), str(folder)]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    errors = sorted(process.communicate()[1] for process in both)
    assert [process.returncode for process in both] == [0, 0], errors
    assert content(folder) == served(site)
    assert [Path(path).name for path, _ in site.asked] == NAMES
    assert [error.count("luthier: downloading mnist") for error in errors] in ([1, 0], [0, 1])


def test_who_waits_is_told_for_whom(pictures, site, folder):
    folder.mkdir(parents=True)
    with hold_lock(folder):
        command = [sys.executable, "-c", FETCH, repr(pictures), str(folder)]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        line = process.stderr.readline()
        assert line.startswith(f"luthier: waiting for process {os.getpid()} on ")
        assert line.endswith(f"), which works in {folder}\n")
        time.sleep(0.1)
        assert process.poll() is None
        assert site.asked == []
    assert process.communicate()[1].startswith("luthier: downloading mnist")
    assert process.returncode == 0
    assert content(folder) == served(site)


def test_every_published_set_is_whole_and_safe():
    assert list(PUBLISHED) == ["cifar10", "fashion-mnist", "kmnist", "mnist"]
    files = [file for one in PUBLISHED.values() for file in one.files]
    assert len({file.digest for file in files}) == len(files) == 13
    assert all(
        file.name.endswith(".gz") and len(one.names) in (4, 6) for one in PUBLISHED.values() for file in one.files
    )
    assert {name: one.names for name, one in PUBLISHED.items() if not one.unpacked} == dict.fromkeys(
        ("fashion-mnist", "kmnist", "mnist"), tuple(NAMES)
    )
    assert PUBLISHED["cifar10"].origin == PUBLISHED["cifar10"].files[0].url
    assert module.describe_manual_download("kmnist", Path("here")) == (
        f"or put {', '.join(NAMES)} (from https://codh.rois.ac.jp/kmnist/dataset/kmnist/) into here, "
        f"{PLACES.format('kmnist')}"
    )
