"""Findings by kind, and a folder of pictures with everything planted in it."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from luthier.data.check import Finding

SIDE = 16


def picture(number: int, side: int = SIDE) -> Image.Image:
    """Blobs of colour that are another picture for every number."""
    coarse = np.random.default_rng(number).integers(0, 256, (5, 5, 3), np.uint8)
    return Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC)


def encoded(image: Image.Image, format: str = "PNG", **how) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **how)
    return file.getvalue()


@pytest.fixture
def by_kind() -> Callable[..., dict[str, Finding]]:
    """The findings of a report or a table row by their kind; a kind that comes twice fails."""

    def sort(findings) -> dict[str, Finding]:
        found = {one.kind: one for one in findings}
        assert len(found) == len(list(findings))
        return found

    return sort


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """Two classes with seven training and three test pictures each."""
    root = tmp_path / "clean"
    for k, name in enumerate(("cat", "dog")):
        for part, count in {"train": 7, "test": 3}.items():
            folder = root / part / name
            folder.mkdir(parents=True)
            for number in range(count):
                unique = 100 * k + 10 * (part == "test") + number
                (folder / f"{number}.png").write_bytes(encoded(picture(unique)))
    return root


@pytest.fixture
def planted(clean: Path) -> Path:
    """The clean folder with two leaks, three corrupt files, a renamed text file, and what else people have."""
    train, test = clean / "train", clean / "test"
    (test / "cat" / "leak.png").write_bytes((train / "cat" / "0.png").read_bytes())
    (test / "dog" / "leak.bmp").write_bytes(encoded(picture(103), "BMP"))
    (train / "cat" / "cut.png").write_bytes(encoded(picture(900))[:-60])
    (train / "cat" / "empty.png").write_bytes(b"")
    (train / "dog" / "noise.jpg").write_bytes(bytes(range(256)))
    (train / "dog" / "text.jpg").write_text("Dear diary")
    (train / "dog" / "gif.png").write_bytes(encoded(picture(901), "GIF"))
    frames = [picture(902), picture(903)]
    (train / "dog" / "moving.gif").write_bytes(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    exif = Image.Exif()
    exif[0x0112] = 6
    (train / "dog" / "turned.jpg").write_bytes(encoded(picture(904), "JPEG", exif=exif))
    (train / "dog" / "large.png").write_bytes(encoded(picture(905, 200)))
    (train / "cat" / ".DS_Store").write_bytes(b"x")
    (train / "bird").mkdir()
    (clean / "list.txt").write_text("lies in no class folder")
    return clean
