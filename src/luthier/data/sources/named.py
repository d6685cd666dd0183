"""The data sets known by name and the folders where they are looked for."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from luthier.core.card import Card
from luthier.core.errors import BadInput
from luthier.data.dataset import Dataset
from luthier.data.places import user_cache
from luthier.data.sources import cifar, idx
from luthier.data.sources.fetch import by_hand, fetch, missing


@dataclass(frozen=True)
class NamedSet:
    """A published data set: its card, its class names, and what reads its files."""

    card: Card
    classes: tuple[str, ...]
    read: Callable[[Path, str, tuple[str, ...] | None], Dataset] = idx.read


THINGS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
DIGITS = tuple(map(str, range(10)))
CLOTHES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
KANA = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")

NAMED = {
    "cifar10": NamedSet(
        Card(
            summary="60,000 photographs of animals and vehicles, 32x32 pixels, 10 classes, 10,000 of them for testing.",
            source="Krizhevsky, Learning multiple layers of features from tiny images, 2009",
        ),
        THINGS,
        cifar.read,
    ),
    "fashion-mnist": NamedSet(
        Card(
            summary="70,000 pictures of clothes, 28x28 grey pixels, 10 classes, 10,000 of them for testing.",
            source="Xiao, Rasul and Vollgraf, Fashion-MNIST: a novel image dataset, 2017, arXiv 1708.07747",
        ),
        CLOTHES,
    ),
    "kmnist": NamedSet(
        Card(
            summary="70,000 cursive Japanese characters, 28x28 grey pixels, 10 classes, 10,000 of them for testing.",
            source="Clanuwat et al., Deep learning for classical Japanese literature, 2018, arXiv 1812.01718",
        ),
        KANA,
    ),
    "mnist": NamedSet(
        Card(
            summary="70,000 handwritten digits, 28x28 grey pixels, 10,000 of them for testing.",
            source="LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998",
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
        if not missing(name, folder):
            return folder
    if os.environ.get("LUTHIER_OFFLINE", "0") not in ("", "0"):
        tried = ", ".join(map(str, folders))
        raise BadInput(
            f"{name} must lie in one of {tried}, but no folder holds all of its files, and LUTHIER_OFFLINE forbids "
            f"to download them; unset it, {by_hand(name, *folders)}"
        )
    fetch(name, folders[-1], quiet=quiet)
    return folders[-1]


def _roots(data_dir: Path | None) -> list[Path]:
    named = os.environ.get("LUTHIER_DATA")
    return [root for root in (data_dir, Path(named) if named else None, user_cache()) if root]
