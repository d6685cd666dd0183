"""What the numbers of pictures stand for: decided once, at training, and kept with the network for all later numbers.

`Dataset.inputs` holds pictures as uint8, which stand for [0, 1], or as float32, which are used as they are.
"""

import warnings
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from luthier.core.errors import BadInput, LuthierWarning, raise_all, suggest_nearest

Units = Literal["bytes", "unit", "plain"]
"""bytes: 0 to 255 stand for 0 to 1. unit: numbers from 0 to 1, as they are. plain: the user's own units, untouched."""


StatedUnits = Literal["auto", "bytes", "unit", "plain"]
"""auto leaves it to the numbers of the training."""


KnownUnits = Literal["bytes", "unit", "plain", "either"]
"""Those of a network. either: of an earlier version that did not store them, where it learnt from numbers in 0 to 1."""


Range = tuple[float, float]


WHITE = 255


FAR = 4
"""Ranges of the training by which later numbers may lie outside it before they are warned of."""


STANDARDISED = 10
"""Size up to which floats, some of them negative, are rather pictures of mean 0 and variance 1 than bytes."""


LARGE = 10
"""Size of the training's largest number from which on numbers within 0 and 1 are no likely continuation."""


def decide_units(pictures: np.ndarray) -> Units:
    """Decide what the numbers of the pictures that a network learns from stand for.

    >>> decide_units(np.array([0, 255])), decide_units(np.array([0.0, 0.5])), decide_units(np.array([0, 4095]))
    ('bytes', 'unit', 'plain')
    """
    if pictures.dtype == np.uint8:
        return "bytes"
    whole = pictures.dtype.kind in "ui"
    if not _are_within(pictures, WHITE if whole else 1):
        return "plain"
    return "bytes" if whole else "unit"


def settle_units(known: KnownUnits, pictures: np.ndarray) -> Units:
    """Return the units of further pictures for a network: its own, and where they are not stored those of the type."""
    if known != "either":
        return known
    return "bytes" if pictures.dtype.kind in "ui" else "unit"


def scale_pictures(pictures: np.ndarray, units: Units) -> np.ndarray:
    """Bring numbers in some units to the form of `Dataset.inputs`: uint8 where they are whole bytes, else float32.

    >>> scale_pictures(np.array([51.0, 255.0]), "bytes").dtype, scale_pictures(np.array([51, 510]), "bytes").tolist()
    (dtype('uint8'), [0.20000000298023224, 2.0])
    """
    if units == "bytes" and _are_whole_bytes(pictures):
        return pictures.astype(np.uint8, copy=False)
    with np.errstate(over="ignore"):  # what is not finite in float32 is told elsewhere
        numbers = pictures.astype(np.float32, copy=False)
    return numbers / np.float32(WHITE) if units == "bytes" else numbers


def _are_whole_bytes(pictures: np.ndarray) -> bool:
    if pictures.dtype == np.uint8:
        return True
    return _are_within(pictures, WHITE) and (pictures.dtype.kind == "b" or _are_whole(pictures))


def _are_within(pictures: np.ndarray, most: int) -> bool:
    return not pictures.size or bool(pictures.min() >= 0 and pictures.max() <= most)


def _are_whole(pictures: np.ndarray) -> bool:
    return pictures.dtype.kind in "ui" or bool((pictures == np.floor(pictures)).all())


def match_types(parts: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Bring arrays in the form of `Dataset.inputs` to one type, float32 where they differ; the numbers stay the same.

    >>> [part.tolist() for part in match_types([np.array([51], np.uint8), np.array([0.5], np.float32)])]
    [[0.20000000298023224], [0.5]]
    """
    if len({part.dtype for part in parts}) == 1:
        return list(parts)
    return [_to_floats(part) for part in parts]


def _to_floats(inputs: np.ndarray) -> np.ndarray:
    return inputs.astype(np.float32) / np.float32(WHITE) if inputs.dtype == np.uint8 else inputs


def hold_as_trained(inputs: np.ndarray, known: KnownUnits) -> list[tuple[np.ndarray, np.ndarray]]:
    """Hold pictures in the form of `Dataset.inputs` in the type of a network's training, where no number is lost.

    What they stand for stays the same; but bytes that are brought to another size are rounded, and a picture of bytes
    is one whatever stands beside it. Returns pictures of one type and which of all they are (N,), once or twice.

    >>> [part.tolist() for _, part in hold_as_trained(np.array([[0.2], [0.5]], np.float32), "bytes")]
    [[[51]], [[0.5]]]
    """
    if known != "bytes" or inputs.dtype == np.uint8:
        return [(np.ones(len(inputs), bool), _to_floats(inputs) if known == "unit" else inputs)]
    numbers = np.rint(inputs * np.float32(WHITE))
    whole = (numbers / np.float32(WHITE) == inputs) & (numbers >= 0) & (numbers <= WHITE)
    bytes_ = whole.reshape(len(inputs), -1).all(axis=1)
    parts = [(bytes_, numbers[bytes_].astype(np.uint8)), (~bytes_, inputs[~bytes_])]
    return [(chosen, part) for chosen, part in parts if len(part)] or [(bytes_, inputs)]


def can_join(known: KnownUnits, other: Units) -> bool:
    """Return whether pictures in other units can be brought to those of a network or of a data set.

    >>> can_join("bytes", "unit"), can_join("plain", "bytes"), can_join("unit", "plain")
    (True, False, False)
    """
    return other != ("bytes" if known == "plain" else "plain")


def describe_doubt(pictures: np.ndarray, units: Units, name: str = "X") -> list[str]:
    """Describe why further numbers could be meant in other units than those of the training; nothing where they fit.

    Floats within 0 and 1 are hardly bytes, though black pictures are; whole numbers above 1 are hardly in 0 to 1.
    """
    if not pictures.size or units == "plain":
        return []
    low, high = float(pictures.min()), float(pictures.max())
    size = max(-low, high)
    if units == "bytes" and pictures.dtype.kind in "fb" and 0 < size <= (STANDARDISED if low < 0 else 1):
        reading = "1 is white" if size <= 1 else "pictures are standardised"
        return [
            f"{name} must hold bytes, 0 to 255, as the pictures of the training did, but its numbers lie within "
            f"{low:g} and {high:g}, as where {reading}; multiply them by {WHITE} if 1 is white, or convert them to "
            f"whole numbers if {WHITE} is"
        ]
    if units == "unit" and high > 1 and _are_whole(pictures):
        return [
            f"{name} must hold numbers from 0, black, to 1, white, as the pictures of the training did, but has whole "
            f"numbers up to {high:g}, as where {WHITE} is white; divide them by {WHITE} if it is, or mend them if 1 is"
        ]
    return []


def measure_range(inputs: np.ndarray, units: Units) -> Range:
    """Measure from where to where the numbers of a training run: from 0 to 1, or where they are plain as they do."""
    return (float(inputs.min()), float(inputs.max())) if units == "plain" else (0.0, 1.0)


def describe_far(inputs: np.ndarray, units: Units, trained: Range, name: str = "X") -> list[str]:
    """Describe further inputs that lie absurdly far outside the range of the training, or scaled to a tiny part of it.

    inputs: in the form of `Dataset.inputs`. trained: what `measure_range` found.
    """
    if inputs.dtype == np.uint8 or not inputs.size:
        return []
    low, high, (least, most) = float(inputs.min()), float(inputs.max()), trained
    outside = max(least - low, high - most) > FAR * (most - least) or (units != "plain" and low < -1)
    scaled = -1 <= low < high <= 1 and max(-least, most) > LARGE
    if not outside and not scaled:
        return []
    shown = [f"{number * (WHITE if units == 'bytes' else 1):.5g}" for number in (low, high, least, most)]
    return [
        f"{name} runs from {shown[0]} to {shown[1]}, but the pictures of the training from {shown[2]} to {shown[3]}: "
        f"answers may be worth nothing; bring {name} to the units of the training"
    ]


def warn_of_far(others: np.ndarray, inputs: np.ndarray, units: Units, name: str) -> None:
    """Warn of pictures beside those to learn from, both in the form of `Dataset.inputs`, that lie absurdly far off."""
    for line in describe_far(others, units, measure_range(inputs, units), name):
        warnings.warn(line, LuthierWarning, stacklevel=4)


def read_further(
    pictures: np.ndarray, known: KnownUnits, trained: Range | None = None, stated: Units | None = None
) -> np.ndarray:
    """Bring further pictures for a network to the form of `Dataset.inputs`; warn where they lie far from its training.

    known: the network's units. trained: the range of its training where its numbers are plain. stated: units that the
        user gives these pictures; by default they are in the network's.
    Raises BadInput where they cannot be brought to the network's, or could be meant in others.
    """
    units = stated or settle_units(known, pictures)
    raise_all(describe_misfit(known, units) + ([] if stated else describe_doubt(pictures, units)))
    inputs = scale_pictures(pictures, units)
    for line in describe_far(inputs, units, trained) if trained else ():
        warnings.warn(line, LuthierWarning, stacklevel=4)
    return inputs


def describe_misfit(known: KnownUnits, other: Units, name: str = "X") -> list[str]:
    """Describe why pictures in other units cannot be brought to those of a network or of a data set."""
    if can_join(known, other):
        return []
    wanted = "numbers in its own units" if known == "plain" else "bytes, or numbers from 0 to 1"
    got = "bytes, 0 to 255" if other == "bytes" else "numbers in other units"
    return [f"the training saw {wanted}, but {name} holds {got}; bring {name} to the units of the training"]


def read_units(name: str) -> Units:
    """Read the name of units; raise BadInput where it is none."""
    if name not in get_args(Units):
        raise BadInput(
            f"units must be bytes, unit or plain, but got {name!r}; {suggest_nearest(name, get_args(Units))}"
        )
    return name  # type: ignore[return-value]  # it is one of them
