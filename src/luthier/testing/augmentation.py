"""The battery for augmentations."""

from functools import partial

import torch
from torch import Tensor

from luthier.core.rng import generator
from luthier.data.augment import Affine, Augmentation, Colour, Composer, Draw, Pixel
from luthier.data.augment.augmentation import Size
from luthier.data.augment.composer import apply
from luthier.testing.compare import check_private, require
from luthier.testing.part import check_part

SIZES: tuple[Size, ...] = ((5, 3, 7, 11), (1, 3, 7, 11), (2, 1, 13, 6), (3, 1, 1, 1))


ROUNDING = 1e-5


def check_augmentation(augmentation: Augmentation, *, off: Augmentation | None = None) -> None:
    """Check that an augmentation draws privately and keeps shape, type and range of pictures, of one picture too.

    off: the augmentation with settings under which it must change no bit, and draw nothing.

    Raises AssertionError with what is wrong.

    >>> from luthier.testing.material import Shade
    >>> check_augmentation(Shade())
    """
    check_part(augmentation)
    if off is not None:
        _check_off(off)
    for size in SIZES:
        what = f"{augmentation.name} on pictures of size {size}"
        inputs = torch.rand(size, generator=generator(0, "testing/inputs"))
        _check_pictures(check_private(partial(_apply, augmentation, inputs, what), what), size, what)
        _check_extremes(augmentation, size, what)


def _check_off(off: Augmentation) -> None:
    pictures, asked = torch.rand(SIZES[0], generator=generator(0, "testing/inputs")), list[str]()
    before = pictures.clone()

    def streams(name: str) -> torch.Generator:
        asked.append(name)
        return generator(0, name)

    same = torch.equal(Composer((off,))(pictures, streams), before)
    require(same and not asked, f"{off!r} must change no bit and draw nothing; see to its `off`")


def _apply(augmentation: Augmentation, inputs: Tensor, what: str, rng: torch.Generator) -> Tensor:
    """Draw and apply, checking what was drawn on the way."""
    size = tuple(inputs.shape)
    draw = augmentation.draw(size, rng)  # type: ignore[arg-type]  # pictures have four sides
    _check_draw(draw, size, what)
    before = inputs.clone()
    first, second = apply(inputs, [draw]), apply(inputs, [draw])
    require(torch.equal(inputs, before), f"{what} must leave the pictures it is given as they were")
    require(torch.equal(first, second), f"{what} must have drawn before it is applied, but two applications differ")
    return first


def _check_draw(draw: Draw, size: tuple[int, ...], what: str) -> None:
    known = isinstance(draw, Affine | Colour | Pixel)
    require(known, f"{what} must draw an Affine, Colour or Pixel, but drew {draw!r}")
    if isinstance(draw, Pixel):
        return
    side = 3 if isinstance(draw, Affine) else size[1] + 1
    shape = (size[0], side, side)
    require(
        draw.matrix.shape == shape and bool(draw.matrix.isfinite().all()),
        f"{what} must draw finite matrices of shape {shape}, but drew {tuple(draw.matrix.shape)}",
    )
    if isinstance(draw, Affine):
        require(bool((draw.matrix.det() != 0).all()), f"{what} must draw moves that can be undone")


def _check_pictures(pictures: Tensor, size: Size, what: str) -> None:
    require(
        pictures.shape == size and pictures.dtype == torch.float32,
        f"{what} must keep shape and type, but gave {tuple(pictures.shape)} {pictures.dtype}",
    )
    low, high = pictures.aminmax()
    require(
        bool(low >= -ROUNDING) and bool(high <= 1 + ROUNDING),
        f"{what} must keep values in [0, 1], but gave {low.item():g} to {high.item():g}",
    )


def _check_extremes(augmentation: Augmentation, size: Size, what: str) -> None:
    """Check all black and all white pictures, where values leave the range or are divided by zero if anywhere."""
    for value in (0.0, 1.0):
        draw = augmentation.draw(size, generator(1, "testing"))
        _check_pictures(apply(torch.full(size, value), [draw]), size, f"{what}, all {value:g},")
