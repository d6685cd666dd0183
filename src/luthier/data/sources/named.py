"""The data sets known by name: where they are looked for, where they are published, which digests they have."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from luthier.core.card import DataCard
from luthier.core.console import print_stderr
from luthier.core.errors import BadInput, DamagedFile, DownloadFailed
from luthier.core.files import find_user_cache, sha256
from luthier.core.lock import wait_for_lock
from luthier.data.dataset import Dataset
from luthier.data.download import Remote, download, format_megabytes, untar
from luthier.data.sources import formats
from luthier.data.sources.formats import find_idx


@dataclass(frozen=True)
class NamedSet:
    """A published data set: its card, its class names, and what reads its files."""

    card: DataCard
    classes: tuple[str, ...]
    read: Callable[[Path, str, tuple[str, ...] | None], Dataset] = formats.read_idx


THINGS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


DIGITS = tuple(map(str, range(10)))


CLOTHES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")


KANA = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")


NAMED = {
    "cifar10": NamedSet(
        DataCard(
            summary="60,000 photographs of animals and vehicles, 32x32 pixels, 10 classes, 10,000 of them for testing.",
            source="Krizhevsky, Learning multiple layers of features from tiny images, 2009",
        ),
        THINGS,
        formats.read_cifar,
    ),
    "fashion-mnist": NamedSet(
        DataCard(
            summary="70,000 pictures of clothes, 28x28 grey pixels, 10 classes, 10,000 of them for testing.",
            source="Xiao, Rasul and Vollgraf, Fashion-MNIST: a novel image dataset, 2017, arXiv 1708.07747",
        ),
        CLOTHES,
    ),
    "kmnist": NamedSet(
        DataCard(
            summary="70,000 cursive Japanese characters, 28x28 grey pixels, 10 classes, 10,000 of them for testing.",
            source="Clanuwat et al., Deep learning for classical Japanese literature, 2018, arXiv 1812.01718",
            signs=True,
        ),
        KANA,
    ),
    "mnist": NamedSet(
        DataCard(
            summary="70,000 handwritten digits, 28x28 grey pixels, 10,000 of them for testing.",
            source="LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998",
            signs=True,
        ),
        DIGITS,
    ),
}


def locate(name: str, data_dir: Path | None, *, quiet: bool = False) -> Path:
    """Find the folder that holds a named set: in data_dir, then $LUTHIER_DATA, then the user's cache.

    Where none does, the set is downloaded into the cache, unless $LUTHIER_OFFLINE is set to anything but 0.
    quiet: no progress on stderr.
    Raises BadInput that lists the folders looked in and the files to put there, where downloading is forbidden;
    DownloadFailed where it does not come about.
    """
    folders = [root / name for root in _roots(data_dir)]
    for folder in folders:
        if not find_missing(name, folder):
            return folder
    if os.environ.get("LUTHIER_OFFLINE", "0") not in ("", "0"):
        tried = ", ".join(map(str, folders))
        raise BadInput(
            f"{name} must lie in one of {tried}, but no folder holds all of its files, and LUTHIER_OFFLINE forbids "
            f"to download them; unset it, {describe_manual_download(name, *folders)}"
        )
    fetch(name, folders[-1], quiet=quiet)
    return folders[-1]


def _roots(data_dir: Path | None) -> list[Path]:
    named = os.environ.get("LUTHIER_DATA")
    return [root for root in (data_dir, Path(named) if named else None, find_user_cache()) if root]


# Where the named sets are published, and by which digests their files are known. Lengths and SHA-256: TensorFlow
# Datasets (Apache-2.0), github.com/tensorflow/datasets, the lists in tensorflow_datasets/url_checksums: mnist.txt at
# commit 31f1255, fashion_mnist.txt, kmnist.txt and cifar10.txt at commit 333639b. Two of these lists name http
# addresses; the files are the same at the https addresses below, or are refused.


@dataclass(frozen=True)
class Published:
    """The files of a set; unpacked: members of the one archive with their lengths, none where files stay packed."""

    files: tuple[Remote, ...]
    unpacked: Mapping[str, int] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the files that a folder must hold."""
        return tuple(one.rpartition("/")[2] for one in self.unpacked) or tuple(one.name for one in self.files)

    @property
    def origin(self) -> str:
        """The address of the one file, or the beginning that all addresses share."""
        first = self.files[0].url
        return first if len(self.files) == 1 else first.removesuffix(self.files[0].name)


def _four(base: str, *files: tuple[int, str]) -> Published:
    names = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    urls = [f"{base}/{name}-ubyte.gz" for name in names]
    return Published(tuple(Remote(url, *one) for url, one in zip(urls, files, strict=True)))


CIFAR_BATCH = 30_730_000  # 10,000 records of a label and 3 x 32 x 32 bytes


CIFAR_FILES = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")


PUBLISHED = {
    "cifar10": Published(
        (
            Remote(
                "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
                170_052_171,
                "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            ),
        ),
        {f"cifar-10-batches-bin/{name}": CIFAR_BATCH for name in CIFAR_FILES},
    ),
    "fashion-mnist": _four(
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
        (26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
        (29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
        (4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
        (5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    ),
    "kmnist": _four(
        "https://codh.rois.ac.jp/kmnist/dataset/kmnist",
        (18_165_135, "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"),
        (29_497, "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"),
        (3_041_136, "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"),
        (5_120, "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"),
    ),
    "mnist": _four(
        "https://storage.googleapis.com/cvdf-datasets/mnist",
        (9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
        (28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
        (1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        (4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    ),
}


def find_missing(name: str, folder: Path) -> list[str]:
    """List a set's files that a folder does not hold, packed or not."""
    return [one for one in PUBLISHED[name].names if not find_idx(folder, one.removesuffix(".gz"))]


def fetch(name: str, folder: Path, *, quiet: bool = False) -> None:
    """Download the files of a named set that a folder lacks; make the folder and lock it for this process.

    quiet: no progress on stderr; that a download begins is said in one line even so.
    Raises DownloadFailed where it cannot be had, saying what to put where instead.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with wait_for_lock(
            folder, lambda holder: print_stderr(f"luthier: waiting for {holder}, which works in {folder}")
        ):
            _complete(name, folder, quiet)
    except (DownloadFailed, DamagedFile) as error:
        raise DownloadFailed(f"{error}; {describe_manual_download(name, folder)}") from None
    except OSError as error:
        raise DownloadFailed(
            f"{name} could not be saved in {folder} ({error}); {describe_manual_download(name, folder)}"
        ) from None


def describe_manual_download(name: str, *folders: Path) -> str:
    """Describe which files of a set to put where, and where to get them."""
    published = PUBLISHED[name]
    places = " or ".join(map(str, folders))
    return (
        f"or put {', '.join(published.names)} (from {published.origin}) into {places}, "
        f"or into a folder {name} in that which --data-dir or LUTHIER_DATA names"
    )


def _complete(name: str, folder: Path, quiet: bool) -> None:
    """Fetch what is still missing: another process may have fetched it in the meantime."""
    lacking, published = find_missing(name, folder), PUBLISHED[name]
    if not lacking:
        return
    files = [file for file in published.files if published.unpacked or file.name in lacking]
    size = format_megabytes(sum(file.size for file in files))
    print_stderr(f"luthier: downloading {name} ({size}) from {published.origin} to {folder}")
    for file in files:
        _have(file, folder / file.name, quiet)
    if published.unpacked:
        _unpack(published, folder)


def _have(file: Remote, path: Path, quiet: bool) -> None:
    """Download a file unless it is there, such as an archive that an earlier process had no time to unpack."""
    if not path.is_file() or sha256(path) != file.digest:
        download(file, path, quiet=quiet)


def _unpack(one: Published, folder: Path) -> None:
    archive = folder / one.files[0].name
    untar(archive, folder, one.unpacked)
    archive.unlink()
