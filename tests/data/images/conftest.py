"""Small folders and archives of pictures."""

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

Writer = Callable[..., Path]


def png(number: int, shape: tuple[int, ...] = (5, 7)) -> bytes:
    """A grey picture (H, W), or one in colour (H, W, 3), another for each number."""
    pixels = np.random.default_rng(number).integers(0, 256, shape, np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def write(root: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def packed(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def classes(count: int = 4, shape: tuple[int, ...] = (5, 7)) -> dict[str, bytes]:
    """Two classes of so many pictures each."""
    return {
        f"{label}/{k}.png": png(k + 100 * (label == "dog"), shape) for label in ("cat", "dog") for k in range(count)
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four cats and four dogs, grey, 5 x 7 pixels."""
    return write(tmp_path / "animals", classes())
