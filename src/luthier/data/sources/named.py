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
from luthier.data.sources.idx import find


@dataclass(frozen=True)
class NamedSet:
    """A published data set: its card, its class names, where to get it, its files and what reads them."""

    card: Card
    classes: tuple[str, ...]
    home: str
    files: tuple[str, ...] = tuple(f"{stem}.gz" for stem in idx.FILES)
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
        "https://www.cs.toronto.edu/~kriz/cifar.html",
        cifar.FILES,
        cifar.read,
    ),
    "fashion-mnist": NamedSet(
        Card(
            summary="70,000 pictures of clothes, 28x28 grey pixels, 10 classes, 10,000 of them for testing.",
            source="Xiao, Rasul and Vollgraf, Fashion-MNIST: a novel image dataset, 2017, arXiv 1708.07747",
        ),
        CLOTHES,
        "https://github.com/zalandoresearch/fashion-mnist",
    ),
    "kmnist": NamedSet(
        Card(
            summary="70,000 cursive Japanese characters, 28x28 grey pixels, 10 classes, 10,000 of them for testing.",
            source="Clanuwat et al., Deep learning for classical Japanese literature, 2018, arXiv 1812.01718",
        ),
        KANA,
        "http://codh.rois.ac.jp/kmnist",
    ),
    "mnist": NamedSet(
        Card(
            summary="70,000 handwritten digits, 28x28 grey pixels, 10,000 of them for testing.",
            source="LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998",
        ),
        DIGITS,
        "http://yann.lecun.com/exdb/mnist",
    ),
}


def locate(name: str, data_dir: Path | None) -> Path:
    """Find the folder that holds a named set: in data_dir, then $LUTHIER_DATA, then the user's cache.

    Raises BadInput that lists the folders looked in and the files to put there.
    """
    folders = [root / name for root in _roots(data_dir)]
    for folder in folders:
        if all(find(folder, file.removesuffix(".gz")) for file in NAMED[name].files):
            return folder
    tried = ", ".join(map(str, folders))
    raise BadInput(
        f"{name} must lie in one of {tried}, but no folder holds all of its files; "
        f"put {', '.join(NAMED[name].files)} (from {NAMED[name].home}) into one"
    )


def _roots(data_dir: Path | None) -> list[Path]:
    named = os.environ.get("LUTHIER_DATA")
    return [root for root in (data_dir, Path(named) if named else None, user_cache()) if root]
