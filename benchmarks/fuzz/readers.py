"""The readers of Luthier, each fed with a valid file that was damaged by a seeded draw."""

import gzip
import io
import os
import random
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from mutations import (
    NUMBERS,
    TEXTS,
    damage_bytes,
    damage_cells,
    damage_lines,
    repair_png,
)
from PIL import Image

from luthier.core.errors import BadInput, LuthierError, ran_out_of_memory
from luthier.data import load
from luthier.data.check.scan import describe_file, read_facts
from luthier.data.config import DataConfig
from luthier.data.images.listing import list_pictures
from luthier.data.images.reader import open_reader
from luthier.data.images.worker import Task, _rows
from luthier.data.sources.npy import read_array, read_arrays
from luthier.data.sources.sequences import read_sequences
from luthier.recipe.read import read_draft, read_recipe
from luthier.recipe.values import read_toml, with_setting
from luthier.run.predict import read_picture

READ, REFUSED, NO_MEMORY = "read", "refused", "no memory"


@dataclass(frozen=True)
class Input:
    """One damaged file: where it lies, and what of Luthier reads it."""

    path: Path
    read: Callable[[], Any]


def attempt(one: Input) -> str:
    """Read an input; a refusal of Luthier's own is as good an answer, any other error is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            one.read()
        except LuthierError as error:
            str(error).encode("utf-8", "backslashreplace")
            return REFUSED
        except Exception as error:
            if ran_out_of_memory(error):  # of the bound that `watch` sets; the command line says so in a line
                return NO_MEMORY
            raise
    return READ


def recipe(rng: random.Random, folder: Path) -> Input:
    """A recipe file, and settings on the command line."""
    path = folder / "recipe.toml"
    text = rng.choice(RECIPES)
    content = damage_lines(text, rng).encode("utf-8", "surrogatepass")
    path.write_bytes(damage_bytes(content, rng) if rng.random() < 0.3 else content)

    def read() -> None:
        values = read_toml(path)
        if rng.random() < 0.5:
            place = rng.choice(("training.epochs", "seed", "model.depth", "optimizer.learning_rate", rng.choice(TEXTS)))
            values = with_setting(values, f"{place}={rng.choice(TEXTS)}")
        read_draft(values)
        read_recipe(values)

    return Input(path, read)


RECIPES: list[str] = []
"""Texts of valid recipes."""


def picture(rng: random.Random, folder: Path) -> Input:
    """A picture of any format."""
    name, content = rng.choice(PICTURES)
    content = damage_bytes(content, rng)
    if name.endswith("png") and rng.random() < 0.7:
        content = repair_png(content)
    path = folder / name
    path.write_bytes(content)

    def read() -> None:
        row = decode_one(folder, lambda _: content, rng)
        read_facts(content)
        describe_file(content)
        read_picture(path, rng.choice((1, 3, 4)))
        if isinstance(row, str):
            raise BadInput(row)

    return Input(path, read)


def decode_one(folder: Path, read: Callable[[str], bytes], rng: random.Random, name: str = "one") -> Any:
    """Decode a picture as a worker does; return its row, or what is wrong."""
    for place in ("pixels", "at"):
        (folder / place).write_bytes(bytes(8 * 8 * 3))
    files = os.open(folder / "pixels", os.O_WRONLY), os.open(folder / "at", os.O_WRONLY)
    try:
        fit: Any = rng.choice(("resize", "pad", "crop"))
        task = Task(str(folder), str(folder / "pixels"), str(folder / "at"), 8, fit, rng.choice((1, 3)))
        return _rows(task, read, 0, [name], files)[0]
    finally:
        for one in files:
            os.close(one)


def make_pictures() -> list[tuple[str, bytes]]:
    """Draw small pictures in all formats and most modes."""
    rng = np.random.default_rng(0)
    grey = Image.fromarray(rng.integers(0, 256, (9, 13), np.uint8))
    colour = Image.fromarray(rng.integers(0, 256, (9, 13, 3), np.uint8))
    clear = Image.fromarray(rng.integers(0, 256, (9, 13, 4), np.uint8))
    deep = Image.fromarray(rng.integers(0, 65536, (9, 13)).astype(np.uint16))
    floats = Image.fromarray(rng.random((9, 13), np.float32))
    turned = Image.Exif()
    turned[0x0112] = 6
    wanted: list[tuple[str, Image.Image, dict[str, Any]]] = [
        *((f"{form}", one, {}) for form in ("png", "tiff", "webp", "bmp") for one in (grey, colour)),
        *((form, grey, {}) for form in ("gif", "jpeg")), ("jpeg", colour, {"progressive": True, "exif": turned}),
        ("jpeg", colour.convert("CMYK"), {}), ("png", clear, {}), ("png", colour.convert("P"), {"transparency": 3}),
        ("png", deep, {}), ("png", grey.convert("1"), {}), ("tiff", deep, {}), ("tiff", floats, {}),
        ("tiff", colour, {"compression": "tiff_lzw"}), ("tiff", colour, {"compression": "jpeg"}),
        ("tiff", grey, {"compression": "packbits"}), ("tiff", grey.convert("1"), {"compression": "group4"}),
        ("gif", colour.convert("P"), {"save_all": True, "append_images": [grey, colour.convert("P")]}),
        ("gif", grey, {"save_all": True, "append_images": [colour.convert("P")], "disposal": 2, "transparency": 0}),
        ("webp", clear, {"lossless": True}), ("webp", colour, {"save_all": True, "append_images": [colour]}),
        ("png", grey, {"save_all": True, "append_images": [grey, grey]}), ("tiff", grey, {"save_all": True,
                                                                                        "append_images": [colour]}),
    ]  # fmt: skip
    made = []
    for number, (form, image, options) in enumerate(wanted):
        file = io.BytesIO()
        image.save(file, form, **options)
        made.append((f"{number}.{form}", file.getvalue()))
    return made


PICTURES: list[tuple[str, bytes]] = []


def archive(rng: random.Random, folder: Path) -> Input:
    """A .zip of pictures: damaged members, odd names, or a damaged directory."""
    path = folder / "pictures.zip"
    names = [f"{part}{label}/{k}.png" for part in ("", "train/", "test/") for label in "ab" for k in range(2)]
    odd = ("../x.png", "/x.png", "a/", "a//x.png", "a\\b.png", "A/1.png", "con:/x.png", "train", *TEXTS)
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as file:
        warnings.simplefilter("ignore")
        for name in rng.sample(names, rng.randint(1, 6)) + rng.choices(odd, k=rng.randint(0, 2)):
            info = zipfile.ZipInfo(name[:1000] or "x", (1980, 1, 1, 0, 0, 0))
            info.compress_type = rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA))
            info.external_attr = rng.choice((0, 0o100644 << 16, 0o120777 << 16, 0o040755 << 16))
            content = rng.choice(PICTURES)[1]
            file.writestr(info, damage_bytes(content, rng) if rng.random() < 0.3 else content)
    if rng.random() < 0.7:
        path.write_bytes(damage_bytes(path.read_bytes(), rng))

    def read() -> None:
        listing = list_pictures(path, rng.random() < 0.8)
        with open_reader(path) as reader:
            for entry in listing.entries[:4]:
                decode_one(folder, reader, rng, entry.name)
                listing.place(entry.name)

    return Input(path, read)


COLUMNS: dict[str, list[str]] = {
    "size": [f"{k / 7:.3f}" for k in range(24)],
    "colour": [("red", "green", "blue")[k % 3] for k in range(24)],
    "seen": [f"2026-{k % 12 + 1:02}-0{k % 9 + 1}" for k in range(24)],
    "said": [f"word{k} and word{k % 5} then {k}" for k in range(24)],
    "count": [str(k % 4) for k in range(24)],
    "part": [("train", "train", "test")[k % 3] for k in range(24)],
    "y": [("u", "v")[k % 2] for k in range(24)],
}


def make_config(rng: random.Random) -> DataConfig:
    """Say of the columns at random which is what, mostly nothing."""
    columns = (*COLUMNS, "none")
    said: dict[str, Any] = {
        role: rng.choice(columns) for role in ("target", "text", "group", "time", "part") if rng.random() < 0.15
    }
    if rng.random() < 0.3:
        said["task"] = rng.choice(("classification", "regression"))
    return DataConfig(**said)


def csv_table(rng: random.Random, folder: Path) -> Input:
    """A CSV file."""
    path = folder / rng.choice(("table.csv", "table.csv", "table.CSV"))
    rows = [list(COLUMNS), *map(list, zip(*COLUMNS.values(), strict=True))]
    damaged = damage_cells(rows, rng) if rng.random() < 0.8 else rows
    delimiter = rng.choice(",,,;\t|")
    quote = rng.random() < 0.5
    lines = [delimiter.join(f'"{one}"' if quote and delimiter in one else one for one in row) for row in damaged]
    content = rng.choice(("\n", "\n", "\r\n")).join(lines).encode("utf-8", "surrogatepass")
    path.write_bytes(damage_bytes(content, rng) if rng.random() < 0.4 else content)
    config = make_config(rng)
    return Input(path, lambda: load(path, data_config=config))


def parquet_table(rng: random.Random, folder: Path) -> Input:
    """A Parquet file: with columns of any type, or damaged."""
    path = folder / "table.parquet"
    columns: dict[str, Any] = {
        name: pa.array(values) for name, values in COLUMNS.items() if name == "y" or rng.random() < 0.8
    }
    for name in rng.sample(sorted(columns), min(len(columns), rng.randint(0, 2))):
        columns[name] = make_column(rng)
    pq.write_table(
        pa.table(columns), path, compression=rng.choice(("none", "snappy", "zstd")), use_dictionary=rng.random() < 0.5
    )
    if rng.random() < 0.7:
        path.write_bytes(damage_bytes(path.read_bytes(), rng))
    config = make_config(rng)
    return Input(path, lambda: load(path, data_config=config))


def make_column(rng: random.Random) -> Any:
    """Make a column of an odd type, or with odd values."""
    whole = [k % 5 for k in range(24)]
    texts = pa.Array.from_buffers(
        pa.string(), 24,
        [None, pa.py_buffer(np.arange(25, dtype=np.int32).tobytes()), pa.py_buffer(bytes([97, 255] * 12))]
    )  # fmt: skip
    return rng.choice((
        lambda: texts, lambda: pa.nulls(24), lambda: pa.array([None, *whole[1:]]), lambda: pa.array([b"\xff"] * 24),
        lambda: pa.array([[1], None] * 12), lambda: pa.array([{"a": 1}] * 24), lambda: pa.array(whole, pa.time64("ns")),
        lambda: pa.array([2**63 + k for k in range(24)], pa.uint64()), lambda: pa.array(whole, pa.duration("s")),
        lambda: pa.array([2**62, -(2**62)] * 12, pa.timestamp("ns")), lambda: pa.array(whole, pa.timestamp("s", "UTC")),
        lambda: pa.array([2**31 - 1, -(2**31)] * 12, pa.date32()), lambda: pa.array([float("nan"), 1e308] * 12),
        lambda: pa.array(["a", "b"] * 12).dictionary_encode(), lambda: pa.array([True, None] * 12),
        lambda: pa.array(whole, pa.int32()).cast(pa.decimal128(38, 20)), lambda: pa.array(["x" * 70_000, ""] * 12),
        lambda: pa.array([float("inf")] * 24, pa.float16()),
        lambda: pa.array(["1" * 5000, "2"] * 12, pa.large_string()),
        lambda: pa.array(whole, pa.int8()).dictionary_encode(), lambda: pa.array(["true", "1"] * 12, pa.string_view()),
    ))()  # fmt: skip


def make_array(rng: random.Random, rows: int) -> np.ndarray:
    """Make an array of some type and shape, of so many rows or none."""
    shape = rng.choice(
        ((rows, 4), (rows, 5, 3), (rows, 6, 6, 1), (rows, 3, 6, 6), (rows,), (), (0, 4), (rows, 0), (1, 2))
    )
    kind = rng.choice(("f4", "f8", "f2", "u1", "i8", "u8", ">i4", ">f8", "?", "U3", "S3", "M8[s]", "m8[ns]", "c8", "g"))
    numbers = np.random.default_rng(rng.randrange(1 << 30)).integers(0, 5, shape)
    array = np.asarray(numbers.astype(kind))
    if array.dtype.kind == "f" and array.size and rng.random() < 0.4:
        array.flat[rng.randrange(array.size)] = rng.choice((np.nan, np.inf, 60000.0))
    return array


def npz_file(rng: random.Random, folder: Path) -> Input:
    """An .npz or .npy file of arrays, of which one may be another or damaged; checksums are right, or not."""
    path = folder / rng.choice(("arrays.npz", "arrays.npz", "arrays.npz", "array.npy"))
    count = 20
    X = rng.choice(
        (np.arange(80.0).reshape(20, 4), np.arange(300.0).reshape(20, 5, 3), np.arange(720).reshape(20, 6, 6, 1))
    )
    content: dict[str, Any] = {"X": X, "y": np.arange(20) % 2}
    more = ("lengths", "weights", "groups", "times", "classes", "X_test", "y_test", "lengths_test")
    whole: dict[str, Any] = {
        "lengths": np.full(20, 4),
        "X_test": X,
        "y_test": np.arange(20) % 2,
        "classes": np.array(["a", "b"]),
    }
    for name in rng.sample(more, rng.randint(0, 3)):
        content[name] = whole.get(name, np.arange(20.0))
    for name in rng.sample(sorted(content), rng.choice((0, 1, 1, 2))):
        content[name] = make_array(rng, count)
    if path.suffix == ".npy":
        file = io.BytesIO()
        np.save(file, rng.choice(list(content.values())))
        path.write_bytes(damage_bytes(file.getvalue(), rng) if rng.random() < 0.8 else file.getvalue())
    else:
        with zipfile.ZipFile(path, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as packed:
            for name, array in content.items():
                file = io.BytesIO()
                np.save(file, array)
                one = damage_bytes(file.getvalue(), rng) if rng.random() < 0.3 else file.getvalue()
                packed.writestr(f"{name}.npy", one)
        if rng.random() < 0.3:
            path.write_bytes(damage_bytes(path.read_bytes(), rng))
    form: Any = rng.choice(("auto", "auto", "rows", "pictures", "sequences"))
    task: Any = rng.choice(("auto", "auto", "classification", "regression"))
    return Input(path, lambda: _read_npz(path, DataConfig(form=form, task=task), rng))


def _read_npz(path: Path, config: DataConfig, rng: random.Random) -> None:
    if path.suffix == ".npy" or rng.random() < 0.3:
        base = rng.choice((np.arange(80.0).reshape(20, 4), np.arange(720).reshape(20, 6, 6, 1) % 251))
        load((base, np.arange(20) % 2), unlabelled=path)
    elif rng.random() < 0.2:
        found = read_arrays(path, ("X", "lengths"))
        read_sequences(found.get("X", ()), found.get("lengths"), [])
    else:
        load(path, data_config=config)
    if path.suffix == ".npy":
        read_array(path)


def idx_folder(rng: random.Random, folder: Path) -> Input:
    """A folder of IDX files, packed or not."""
    root = folder / "idx"
    root.mkdir(exist_ok=True)
    for old in root.iterdir():
        old.unlink()
    for stem, shape in {"train-images-idx3": (12, 5, 7), "train-labels-idx1": (12,), "t10k-images-idx3": (6, 5, 7),
                        "t10k-labels-idx1": (6,)}.items():  # fmt: skip
        if rng.random() < 0.05:
            continue
        axes = [rng.choice((*NUMBERS[:13], one)) if rng.random() < 0.1 else one for one in shape]
        header = bytes((0, 0, 8, len(shape))) + b"".join((one % (1 << 32)).to_bytes(4) for one in axes)
        body = bytes(k % 2 if len(shape) == 1 else k % 251 for k in range(int(np.prod(shape))))
        content = damage_bytes(header + body, rng) if rng.random() < 0.3 else header + body
        packed = rng.random() < 0.5
        content = gzip.compress(content, 1) if packed else content
        content = damage_bytes(content, rng) if rng.random() < 0.2 else content
        (root / f"{stem}-ubyte{'.gz' if packed else ''}").write_bytes(content)
    return Input(root, lambda: load(root))


KINDS: dict[str, tuple[float, Callable[[random.Random, Path], Input]]] = {
    "archive": (0.06, archive),
    "csv": (0.15, csv_table),
    "idx": (0.05, idx_folder),
    "npz": (0.17, npz_file),
    "parquet": (0.08, parquet_table),
    "picture": (0.27, picture),
    "recipe": (0.14, recipe),
}
"""Share of the inputs, and what makes one."""
