"""Answers for files: pictures of every mode, arrays, and what is neither."""

import os
import pickle
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from luthier.api import train
from luthier.core.errors import BadInput
from luthier.data.images.decode import LARGEST
from luthier.run import Run
from luthier.run.predict import TOP, predict_files, read_picture
from luthier.testing.material import pictures, rows

GREY = np.arange(15, dtype=np.uint8).reshape(3, 5) * 17
"""Three rows of five pixels, all different, from black to 238."""
FORMATS = "BMP, GIF, JPEG, PNG, TIFF, WEBP"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Takes grey pictures of 9 pixels a side; seven classes."""
    return train(pictures(61, side=9, classes=7), "mlp", epochs=2, out=tmp_path / "run", quiet=True)


@pytest.fixture
def row_run(tmp_path: Path) -> Run:
    return train(rows(53), "mlp", epochs=1, out=tmp_path / "rows", quiet=True)


def saved(tmp_path: Path, image: Image.Image, name: str = "one.png", **options) -> Path:
    image.save(tmp_path / name, **options)
    return tmp_path / name


def refusal(run: Run, *files: Path) -> list[str]:
    with pytest.raises(BadInput) as caught:
        predict_files(run, list(files))
    return list(caught.value.problems)


def test_a_grey_picture_is_taken_as_it_is(tmp_path):
    found = read_picture(saved(tmp_path, Image.fromarray(GREY)), 1)
    assert found.shape == (3, 5, 1) and found.dtype == np.uint8
    np.testing.assert_array_equal(found[..., 0], GREY)


def test_one_bit_is_black_or_white(tmp_path):
    bits = GREY > 100
    found = read_picture(saved(tmp_path, Image.fromarray(bits)), 1)
    np.testing.assert_array_equal(found[..., 0], bits * 255)


def test_sixteen_bits_are_scaled_and_not_clipped(tmp_path):
    deep = GREY.astype(np.uint16) * 256 + 3
    path = saved(tmp_path, Image.fromarray(deep))
    with Image.open(path) as opened:
        assert opened.mode == "I;16"
    np.testing.assert_array_equal(read_picture(path, 1)[..., 0], GREY)
    np.testing.assert_array_equal(read_picture(path, 3), np.repeat(GREY[..., None], 3, 2))


def test_transparency_lies_on_white(tmp_path):
    alpha = np.full_like(GREY, 255)
    alpha[0] = 0
    alpha[1] = 51
    path = saved(tmp_path, Image.merge("LA", [Image.fromarray(GREY), Image.fromarray(alpha)]))
    share = alpha / 255
    np.testing.assert_allclose(read_picture(path, 1)[..., 0], GREY * share + 255 * (1 - share), atol=1)
    assert (read_picture(path, 3)[0] == 255).all()


def test_colours_keep_their_places(tmp_path):
    colour = np.stack([GREY, GREY[::-1], GREY[:, ::-1]], 2)
    path = saved(tmp_path, Image.fromarray(colour))
    np.testing.assert_array_equal(read_picture(path, 3), colour)
    np.testing.assert_allclose(read_picture(path, 1)[..., 0], colour @ [0.299, 0.587, 0.114], atol=1)
    np.testing.assert_array_equal(read_picture(path, 4), np.dstack([colour, np.full_like(GREY, 255)]))


def test_four_channels_keep_their_transparency(tmp_path):
    four = np.dstack([GREY, GREY[::-1], GREY[:, ::-1], GREY])
    path = saved(tmp_path, Image.fromarray(four))
    np.testing.assert_array_equal(read_picture(path, 4), four)
    share = GREY[..., None] / 255
    np.testing.assert_allclose(read_picture(path, 3), four[..., :3] * share + 255 * (1 - share), atol=1)


def test_a_palette_is_looked_up_and_its_transparent_colour_is_white(tmp_path):
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8)).convert("P")
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    path = saved(tmp_path, image)
    assert read_picture(path, 3).tolist() == [[[10, 20, 30], [40, 50, 60], [70, 80, 90]]]
    path = saved(tmp_path, image, "clear.png", transparency=1)
    assert read_picture(path, 3).tolist() == [[[10, 20, 30], [255, 255, 255], [70, 80, 90]]]


def test_ink_becomes_light(tmp_path):
    """The middle of two areas, since JPEG smears their edge."""
    ink = np.zeros((16, 32, 4), np.uint8)
    ink[:, :16, 3] = 255
    path = saved(tmp_path, Image.frombytes("CMYK", (32, 16), ink.tobytes()), "one.jpg", quality=95)
    found = read_picture(path, 3)
    assert (found[8, 4] < 20).all() and (found[8, 28] > 235).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_turned_as_its_note_says(tmp_path, orientation):
    """From what the camera stored back to what it saw: EXIF 2.3, tag 274."""
    seen = np.kron(np.array([[0, 80, 160], [60, 140, 220]], np.uint8), np.ones((16, 16), np.uint8))
    stored = {1: seen, 2: seen[:, ::-1], 3: seen[::-1, ::-1], 4: seen[::-1], 5: seen.T, 6: np.rot90(seen),
              7: seen[::-1, ::-1].T, 8: np.rot90(seen, -1)}[orientation]  # fmt: skip
    exif = Image.Exif()
    exif[274] = orientation
    path = saved(tmp_path, Image.fromarray(np.ascontiguousarray(stored)), "one.jpg", quality=95, exif=exif)
    np.testing.assert_allclose(read_picture(path, 1)[8::16, 8::16, 0], seen[8::16, 8::16], atol=6)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (np.int32, "has 32-bit whole numbers, which do not say what white is; save it with 8 or 16 bits"),
        (
            np.float32,
            "has floats that are not all from 0, black, to 1, white; scale them or save it with 8 bits",
        ),
    ],
)
def test_numbers_that_do_not_say_what_white_is(tmp_path, kind, said):
    path = saved(tmp_path, Image.fromarray(GREY.astype(kind)), "one.tiff")
    with pytest.raises(BadInput) as caught:
        read_picture(path, 1)
    assert str(caught.value) == f"{path} {said}"


def test_a_run_of_two_channels_takes_no_pictures(tmp_path):
    path = saved(tmp_path, Image.fromarray(GREY))
    with pytest.raises(BadInput) as caught:
        read_picture(path, 2)
    assert str(caught.value) == (
        f"pictures have 1, 3 or 4 channels, but this run takes 2, so {path} cannot serve; pass an .npy file"
    )


def test_a_picture_larger_than_the_limit_is_refused(tmp_path, monkeypatch):
    path = saved(tmp_path, Image.fromarray(GREY))
    monkeypatch.setattr("luthier.data.images.decode.LARGEST", 14)
    with pytest.raises(BadInput) as caught:
        read_picture(path, 1)
    assert (
        str(caught.value)
        == f"{path} must have at most 14 pixels, but has 5x3; scale it down, or allow more with LUTHIER_MEGAPIXELS"
    )
    monkeypatch.setattr("luthier.data.images.decode.LARGEST", 15)
    assert read_picture(path, 1).shape == (3, 5, 1)


def bomb(path: Path, side: int) -> Path:
    """A PNG of a few bytes that claims to be huge."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b""))
    return path


@pytest.mark.parametrize(("side", "said"), [(7_100, "7100x7100"), (10_000, "10000x10000"), (60_000, "more")])
def test_a_bomb_is_refused_by_its_header(tmp_path, side, said):
    path = bomb(tmp_path / "bomb.png", side)
    with pytest.raises(BadInput) as caught:
        read_picture(path, 1)
    assert (
        str(caught.value)
        == f"{path} must have at most {LARGEST} pixels, but has {said}; scale it down, or allow more with "
        "LUTHIER_MEGAPIXELS"
    )


def test_the_content_decides_and_not_the_name(tmp_path, run):
    right = saved(tmp_path, Image.fromarray(GREY))
    wrong = tmp_path / "wrong.jpg"
    wrong.write_bytes(right.read_bytes())
    one, other = predict_files(run, [right, wrong])
    assert one["top"] == other["top"] and other["file"] == str(wrong)


def test_an_answer_names_the_likeliest_classes(tmp_path, run):
    path = saved(tmp_path, Image.fromarray(GREY), "näin ☃.png")
    (answer,) = predict_files(run, [path])
    probabilities = run.predict_proba(GREY[None, ..., None])[0]
    best = np.argsort(-probabilities)[:TOP]
    assert answer.keys() == {"file", "class", "probability", "top"} and answer["file"] == str(path)
    assert [one["class"] for one in answer["top"]] == [run.classes[k] for k in best] and len(answer["top"]) == 5
    np.testing.assert_allclose([one["probability"] for one in answer["top"]], probabilities[best], rtol=1e-5)
    assert (answer["class"], answer["probability"]) == (answer["top"][0]["class"], answer["top"][0]["probability"])


def test_an_array_file_has_an_answer_for_each_example(tmp_path, run, row_run):
    X = pictures(11, side=9).inputs
    np.save(tmp_path / "some.npy", X)
    np.savez(tmp_path / "more.NPZ.npz", X=X[:3], y=np.arange(3))
    np.save(tmp_path / "rows.npy", rows(5).inputs)
    answers = predict_files(run, [tmp_path / "some.npy", tmp_path / "more.NPZ.npz"])
    assert [answer["file"] for answer in answers] == [
        *(f"{tmp_path}/some.npy#{number}" for number in range(11)),
        *(f"{tmp_path}/more.NPZ.npz#{number}" for number in range(3)),
    ]
    assert [answer["class"] for answer in answers[:11]] == run.predict(X)
    answers = predict_files(row_run, [tmp_path / "rows.npy"])
    assert [answer["class"] for answer in answers] == row_run.predict(rows(5).inputs)
    assert len(answers[0]["top"]) == 3


def test_arrays_in_other_units_are_taken_where_these_are_said(tmp_path, run):
    X = pictures(11, side=9).inputs
    np.save(tmp_path / "shares.npy", X / 255)
    (problem,) = refusal(run, tmp_path / "shares.npy")
    assert problem.startswith(
        f"{tmp_path / 'shares.npy'}: X must hold bytes, 0 to 255, as the pictures of the training"
    )
    found = predict_files(run, [tmp_path / "shares.npy", saved(tmp_path, Image.fromarray(GREY))], units="unit")
    np.save(tmp_path / "bytes.npy", X.astype(np.int64))
    expected = predict_files(run, [tmp_path / "bytes.npy", tmp_path / "one.png"])
    assert [one["class"] for one in found] == [one["class"] for one in expected]
    np.testing.assert_allclose(
        [one["probability"] for one in found], [one["probability"] for one in expected], rtol=1e-5
    )
    with pytest.raises(
        BadInput, match=r"units are those of pictures in .npy and .npz files, but none is among the fil"
    ):
        predict_files(run, [tmp_path / "one.png"], units="unit")


def test_a_picture_file_is_bytes_to_every_run(tmp_path):
    X = pictures(61, side=9).inputs
    path, settings = saved(tmp_path, Image.fromarray(X[7, ..., 0])), {"epochs": 2, "quiet": True}
    unit = train((X / 255, np.arange(61) % 7), "mlp", out=tmp_path / "unit", **settings)
    (answer,) = predict_files(unit, [path])
    assert answer["probability"] == pytest.approx(unit.predict_proba(X[7:8] / 255).max(), rel=1e-5)
    plain = train((X.astype(int) * 16, np.arange(61) % 7), "mlp", out=tmp_path / "plain", **settings)
    assert refusal(plain, path) == [
        f"the training saw pictures in units of their own, but {path} holds bytes, 0 to 255; pass an .npy file of "
        "numbers in those units"
    ]


def test_an_answer_that_is_not_finite_is_none(tmp_path, row_run):
    examples = np.zeros((3, 7))
    examples[1] = 3e38
    np.save(tmp_path / "far.npy", examples)
    with pytest.raises(BadInput) as caught:
        predict_files(row_run, [tmp_path / "far.npy"])
    assert str(caught.value) == (
        f"{tmp_path / 'far.npy'}: answers must be finite, but 1 are not, such as that to example 1; "
        "mend values that are far from all that the network was trained on"
    )


def test_everything_that_is_wrong_is_said_at_once(tmp_path, run):
    torn = {"text.png": b"hello", "empty.png": b"", "cut.npy": b"\x93NUMPY", "cut.npz": b"PK\x03\x04"}
    for name, content in torn.items():
        (tmp_path / name).write_bytes(content)
    np.save(tmp_path / "rows.npy", np.zeros((3, 7)))
    np.save(tmp_path / "texts.npy", np.array(["a"]))
    np.save(tmp_path / "nan.npy", np.full((1, 9, 9, 1), np.nan))
    np.savez(tmp_path / "other.npz", Y=np.zeros(3))
    whole = saved(tmp_path, Image.fromarray(GREY))
    names = [
        "text.png", "empty.png", "missing.png", "", "cut.npy", "cut.npz", "rows.npy", "texts.npy", "nan.npy",
        "other.npz",
    ]  # fmt: skip
    problems = refusal(run, *(tmp_path / name for name in names), whole)
    text, empty, missing, folder, cut, archive, wrong, texts, nan, other = problems
    for name, problem in {"text.png": text, "empty.png": empty}.items():
        assert problem.startswith(f"{tmp_path / name} must be a picture ({FORMATS}), but cannot be read (")
    assert (
        missing
        == f"{tmp_path / 'missing.png'} must be a picture, an array file or a table, but is missing; check its path"
    )
    assert folder == f"{tmp_path} must be a picture, an array file or a table, but is a directory; check its path"
    assert cut.startswith(f"{tmp_path / 'cut.npy'} must be an .npy array of numbers or texts, but is not (")
    assert archive.startswith(f"{tmp_path / 'cut.npz'} must be an .npz file of plain arrays, but is not (")
    assert other == f"{tmp_path / 'other.npz'} must hold an array X, but does not; save it with np.savez(path, X=X)"
    assert wrong == (
        f"{tmp_path / 'rows.npy'}: X must be (N, H, W, C) with C = 1 for this run, but got shape (3, 7); "
        "bring it to that form"
    )
    assert texts.startswith(f"{tmp_path / 'texts.npy'}: X must hold numbers, but got <U1; ")
    assert nan.startswith(f"{tmp_path / 'nan.npy'}: X must be finite in float32, but 81 of its numbers are not; ")


def test_a_device_is_no_file(run):
    assert refusal(run, Path("/dev/zero")) == [
        "/dev/zero must be a picture, an array file or a table, but is no file; check its path"
    ]


def test_a_run_of_rows_takes_no_pictures(tmp_path, row_run):
    path = saved(tmp_path, Image.fromarray(GREY))
    assert refusal(row_run, path) == [
        f"this run takes rows, but {path} is not an .npy or .npz file; save them with np.save"
    ]


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("suffix", ["bmp", "gif", "jpg", "png", "tiff", "webp"])
def test_a_picture_that_was_cut_off_is_refused(tmp_path, suffix, part):
    noise = np.random.default_rng(0).integers(0, 256, (37, 41), np.uint8)
    path = saved(tmp_path, Image.fromarray(noise), f"one.{suffix}")
    assert read_picture(path, 1).shape == (37, 41, 1)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(BadInput) as caught:
        read_picture(path, 1)
    assert str(caught.value).startswith(f"{path} must be a picture ({FORMATS}), but cannot be read (")


class Payload:
    """Touches a file where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mknod, (str(self.path),)


@pytest.mark.parametrize("name", ["one.npy", "one.npz", "one.png"])
def test_a_pickle_is_never_loaded(tmp_path, run, name):
    mark, path = tmp_path / "loaded", tmp_path / name
    path.write_bytes(pickle.dumps(Payload(mark)))
    assert refusal(run, path)[0].startswith(f"{path} must be ")
    assert not mark.exists()
    np.load(path, allow_pickle=True)
    assert mark.exists(), "the payload must bite, or its silence says nothing"


def test_sequences_that_are_none_are_told_in_a_line(tmp_path):
    """Whatever stands under the name of an archive."""
    X = np.random.default_rng(0).normal(size=(24, 5, 3)).astype(np.float32)
    np.savez(tmp_path / "train.npz", X=X, y=np.arange(24) % 2, lengths=np.full(24, 4))
    run = train(tmp_path / "train.npz", "gru", epochs=1, out=tmp_path / "run", quiet=True)
    files = {name: tmp_path / f"{name}.npz" for name in ("text", "array", "objects", "none", "flat", "lengths")}
    files["text"].write_bytes(b"not an archive")
    with files["array"].open("wb") as file:
        np.save(file, X)
    np.savez(files["objects"], X=X, lengths=np.array([{}] * 24, object))
    np.savez(files["none"], X=np.zeros((0, 5, 3)))
    np.savez(files["flat"], X=np.zeros((4, 3)))
    np.savez(files["lengths"], X=X, lengths=np.full(24, 6))
    problems = dict(zip(files, refusal(run, *files.values()), strict=True))
    for name, path in files.items():
        assert problems[name].startswith(str(path)), name
    assert "File is not a zip file" in problems["text"] and "File is not a zip file" in problems["array"]
    assert "(it holds objects)" in problems["objects"]
    assert "sequences must be numbers (N, T, F) and not empty, but got shape (0, 5, 3)" in problems["none"]
    assert "sequences must be numbers (N, T, F) and not empty, but got shape (4, 3)" in problems["flat"]
    assert "lengths must be at most the 5 steps of X, but 24 are not" in problems["lengths"]
