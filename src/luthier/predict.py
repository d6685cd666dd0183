"""Answers for files: pictures through Pillow, arrays from .npy and .npz."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from luthier.core.errors import BadInput
from luthier.run import Run

FORMATS = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
LARGEST = 50_000_000
TOP = 5
SIXTEEN_BITS = ("I;16", "I;16B", "I;16L")


def predict_files(run: Run, files: list[Path]) -> list[dict[str, Any]]:
    """Class and probabilities for each picture, and for each example of an array file.

    Raises BadInput with every file that cannot be used, before any answer.
    """
    inputs: list[np.ndarray] = []
    names: list[str] = []
    problems: list[str] = []
    for file in files:
        try:
            examples = read_examples(run, file)
        except BadInput as error:
            problems.extend(error.problems)
            continue
        for number, example in enumerate(examples):
            inputs.append(example)
            names.append(f"{file}#{number}" if file.suffix in (".npy", ".npz") else str(file))
    if problems:
        raise BadInput(*problems)
    return [_answer(run, name, example) for name, example in zip(names, inputs, strict=True)]


def _answer(run: Run, name: str, example: np.ndarray) -> dict[str, Any]:
    probabilities = run.predict_proba(example[None])[0]
    order = np.argsort(-probabilities, kind="stable")[:TOP].tolist()
    top = [{"class": run.classes[k], "probability": float(probabilities[k])} for k in order]
    return {"file": name, **top[0], "top": top}


def read_examples(run: Run, file: Path) -> np.ndarray:
    """Read a file's examples: a picture as (1, H, W, C), an array file as (N, ...)."""
    if file.suffix in (".npy", ".npz"):
        return _array(file)
    shape = tuple(run.metadata["shape"])
    if len(shape) != 3:
        raise BadInput(f"this run takes rows, but {file} is not an .npy or .npz file; save the rows with np.save")
    return picture(file, shape[0])[None]


def picture(file: Path, channels: int) -> np.ndarray:
    """Read a picture as (H, W, C), upright by its EXIF note, transparency laid on white, 16 bits scaled to 8.

    Raises BadInput where the file is missing, of another format, damaged, or larger than 50 million pixels.
    """
    try:
        with Image.open(file, formats=FORMATS) as opened:
            if opened.width * opened.height > LARGEST:
                size = f"{opened.width}x{opened.height}"
                raise BadInput(f"a picture must have at most {LARGEST} pixels, but {file} has {size}; scale it down")
            upright = ImageOps.exif_transpose(opened)
            return _channels(upright, channels, file)
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        reason = "no such file" if isinstance(error, FileNotFoundError) else error
        raise BadInput(
            f"{file} must be a picture ({', '.join(FORMATS)}), but cannot be read ({reason}); replace it"
        ) from None


def _channels(image: Image.Image, channels: int, file: Path) -> np.ndarray:
    modes = {1: "L", 3: "RGB", 4: "RGBA"}
    if channels not in modes:
        raise BadInput(
            f"pictures have 1, 3 or 4 channels, but this run takes {channels}, "
            f"so {file} cannot serve; pass an .npy file"
        )
    if image.mode in SIXTEEN_BITS:
        image = Image.fromarray((np.asarray(image, np.uint16) >> 8).astype(np.uint8))
    if channels != 4 and (image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info):
        coloured = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", coloured.size, "white"), coloured)
    array = np.asarray(image.convert(modes[channels]))
    return array[..., None] if array.ndim == 2 else array


def _array(file: Path) -> np.ndarray:
    try:
        content = np.load(file, allow_pickle=False)
        if isinstance(content, np.ndarray):
            return content
        with content as arrays:
            return np.asarray(arrays["X"])
    except (OSError, ValueError, EOFError, KeyError) as error:
        raise BadInput(
            f"{file} must be an .npy array, or an .npz with X, of plain numbers, but is not ({error}); save it anew"
        ) from None
