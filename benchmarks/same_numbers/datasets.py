"""Small data sets of every form, drawn from fixed seeds, that both checkouts read from the same files."""

import csv
import hashlib
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

ADJECTIVES = ("bright", "dull", "quick", "slow", "warm", "cold", "loud", "quiet", "heavy", "light")
NOUNS = ("engine", "river", "garden", "window", "letter", "station", "bottle", "mirror", "carpet", "signal")


def make_data(folder: Path) -> str:
    """Write every data set below a folder, unless they are there, and return what tells them from others."""
    versions = f"{np.__version__} {PIL.__version__}".encode()
    digest = hashlib.sha256(Path(__file__).read_bytes() + versions).hexdigest()
    mark = folder / ".finished"
    if mark.is_file() and mark.read_text() == digest:
        return digest
    folder.mkdir(exist_ok=True)
    _write_pictures(folder / "pictures.npz")
    _write_folder(folder / "folder")
    _write_sequences(folder / "sequences.npz")
    _write_tokens(folder / "tokens.npz")
    _write_series(folder / "series.npz")
    _write_table(folder / "visits.csv")
    _write_values(folder / "houses.csv")
    _write_texts(folder / "reviews.csv")
    mark.write_text(digest)
    return digest


def _draw_pictures(rng: np.random.Generator, labels: np.ndarray, side: int) -> np.ndarray:
    """Draw noisy colour pictures (N, side, side, 3), a bright square at a place and of a colour of their class."""
    pictures = rng.integers(0, 120, (len(labels), side, side, 3))
    half = side // 2
    for picture, label in zip(pictures, labels.tolist(), strict=True):
        top, left = half * (label // 2 % 2), half * (label % 2)
        picture[top : top + half, left : left + half, label % 3] += 100
    return pictures.astype(np.uint8)


def _write_pictures(path: Path) -> None:
    """Write 128 pictures of 32x32 in four classes and an official test part of 32."""
    rng = np.random.default_rng(1)
    y, y_test = np.arange(128) % 4, np.arange(32) % 4
    np.savez(path, X=_draw_pictures(rng, y, 32), y=y, X_test=_draw_pictures(rng, y_test, 32), y_test=y_test)


def _write_folder(path: Path) -> None:
    """Write class folders of PNG pictures of several sizes and modes."""
    rng = np.random.default_rng(2)
    for label, name in enumerate(("circle", "cross", "square")):
        (path / name).mkdir(parents=True, exist_ok=True)
        for number in range(24):
            (picture,) = _draw_pictures(rng, np.array([label]), int(rng.integers(12, 21)))
            mode = ("RGB", "L", "P", "RGBA")[number % 4]
            Image.fromarray(picture).convert(mode).save(path / name / f"{number:02}.png")


def _write_sequences(path: Path) -> None:
    """Write 150 weighted sequences of three features, which rise, fall or stay, the number of steps from 4 to 12."""
    rng = np.random.default_rng(3)
    y = np.arange(150) % 3
    slope = (y - 1)[:, None, None] * np.linspace(0, 2, 12)[None, :, None]
    X = (slope + rng.normal(0, 0.7, (150, 12, 3))).astype(np.float32)
    np.savez(path, X=X, y=y, lengths=rng.integers(4, 13, 150), weights=rng.uniform(0.2, 3, 150))


def _write_tokens(path: Path) -> None:
    """Write 150 rows of ten token numbers below 30, those of a class more often from its own third."""
    rng = np.random.default_rng(4)
    y = np.arange(150) % 3
    own = rng.random((150, 10)) < 0.4
    X = np.where(own, 10 * y[:, None] + rng.integers(0, 10, (150, 10)), rng.integers(0, 30, (150, 10)))
    np.savez(path, X=X.astype(np.float32), y=y)


def _write_series(path: Path) -> None:
    """Write 200 rows of six features with a value to predict and a time each."""
    rng = np.random.default_rng(5)
    X = rng.normal(0, 1, (200, 6)).astype(np.float32)
    y = (X[:, 0] - 2 * X[:, 1] * X[:, 2] + rng.normal(0, 0.3, 200)).astype(np.float32)
    np.savez(path, X=X, y=y, times=rng.permutation(200))


def _write_table(path: Path) -> None:
    """Write 240 rows of numbers, categories, dates and missing values; four rows to a patient, one class rare."""
    rng = np.random.default_rng(6)
    rows = []
    for number in range(240):
        age, dose = float(rng.normal(50, 12)), float(rng.exponential(3))
        ward = str(rng.choice(["north", "south", "east"]))
        score = age / 10 + dose + 2 * (ward == "south") + rng.normal(0, 1)
        day = f"2024-{1 + int(rng.integers(12)):02}-{1 + int(rng.integers(28)):02}"
        known = rng.random(3) > 0.1
        cells = (round(age, 1) if known[0] else "", round(dose, 3) if known[1] else "NA", ward if known[2] else "")
        outcome = "grave" if score > 12 else "fair" if score > 8 else "good"
        rows.append([f"p{number // 4:02}", *cells, day, outcome])
    _write_csv(path, ["patient", "age", "dose", "ward", "admitted", "outcome"], rows)


def _write_values(path: Path) -> None:
    """Write 200 rows with a value to predict, from numbers and a category."""
    rng = np.random.default_rng(7)
    rows = []
    for area, rooms in zip(rng.uniform(30, 200, 200).tolist(), rng.integers(1, 7, 200).tolist(), strict=True):
        kind = str(rng.choice(["flat", "house", "villa"]))
        price = 1.5 * area + 12 * rooms + 90 * (kind == "villa") + float(rng.normal(0, 15)) + 0.25
        rows.append([round(area, 1), rooms, kind, round(price, 2)])
    _write_csv(path, ["area", "rooms", "kind", "price"], rows)


def _write_texts(path: Path) -> None:
    """Write 150 rows with a text of five to twelve words and a number; the adjectives tell the class."""
    rng = np.random.default_rng(8)
    rows = []
    for number in range(150):
        liked = number % 2
        words = []
        for _ in range(int(rng.integers(5, 13)) // 2 + 1):
            half = liked if rng.random() < 0.8 else 1 - liked
            words += [ADJECTIVES[2 * int(rng.integers(5)) + half], str(rng.choice(NOUNS))]
        rows.append([" ".join(words), round(float(rng.normal(liked, 1)), 2), "yes" if liked else "no"])
    _write_csv(path, ["review", "length", "label"], rows)


def _write_csv(path: Path, header: list[str], rows: list[list[object]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
