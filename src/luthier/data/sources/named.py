"""The data sets known by name and the folders where they are looked for."""

import os
from dataclasses import dataclass
from pathlib import Path

from luthier.core.card import DataCard
from luthier.core.errors import BadInput
from luthier.data.sources.idx import FILES, find


@dataclass(frozen=True)
class NamedSet:
    """A published data set in IDX files: its card, its class names and where to get it."""

    card: DataCard
    classes: tuple[str, ...]
    home: str


DIGITS = tuple(map(str, range(10)))
CLOTHES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
KANA = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")

NAMED = {
    "fashion-mnist": NamedSet(
        DataCard(
            summary="70,000 pictures of clothes, 28x28 grey pixels, 10 classes, 10,000 of them for testing.",
            source="Xiao, Rasul and Vollgraf, Fashion-MNIST: a novel image dataset, 2017, arXiv 1708.07747",
        ),
        CLOTHES,
        "https://github.com/zalandoresearch/fashion-mnist",
    ),
    "kmnist": NamedSet(
        DataCard(
            summary="70,000 cursive Japanese characters, 28x28 grey pixels, 10 classes, 10,000 of them for testing.",
            source="Clanuwat et al., Deep learning for classical Japanese literature, 2018, arXiv 1812.01718",
            signs=True,
        ),
        KANA,
        "http://codh.rois.ac.jp/kmnist",
    ),
    "mnist": NamedSet(
        DataCard(
            summary="70,000 handwritten digits, 28x28 grey pixels, 10,000 of them for testing.",
            source="LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition, 1998",
            signs=True,
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
        if all(find(folder, stem) for stem in FILES):
            return folder
    tried = ", ".join(map(str, folders))
    files = ", ".join(f"{stem}.gz" for stem in FILES)
    raise BadInput(
        f"{name} must lie in one of {tried}, but no folder holds all of its files; "
        f"put {files} (from {NAMED[name].home}) into one"
    )


def _roots(data_dir: Path | None) -> list[Path]:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    named = os.environ.get("LUTHIER_DATA")
    return [root for root in (data_dir, Path(named) if named else None, cache / "luthier") if root]
