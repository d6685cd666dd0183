"""What a run answered on its test part, kept so that nothing need read that part again."""

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from luthier.core.errors import DamagedFile

NAMES = ("answers", "index", "truth")


@dataclass(frozen=True)
class Predictions:
    """Answers on a part: logits (M, K) before any calibration, or values (M, D).

    index: number of each example in its data (M,). truth: its class (M,) or values (M, D).
    """

    answers: Tensor
    index: Tensor
    truth: Tensor

    def content(self) -> bytes:
        """The file that `read_predictions` reads back."""
        return save({name: getattr(self, name).cpu().contiguous() for name in NAMES})


def read_predictions(path: Path) -> Predictions:
    """Read the answers of a run; raise DamagedFile where the file does not hold them."""
    try:
        found = load(path.read_bytes())
    except (SafetensorError, OSError) as error:
        raise DamagedFile(f"{path} is not a safetensors file ({error}); restore it or train anew") from None
    if sorted(found) != sorted(NAMES) or len({len(one) for one in found.values()}) != 1:
        raise DamagedFile(f"{path} must hold {', '.join(NAMES)}, one row for each example; restore it or train anew")
    return Predictions(**found)


def same_part(one: Predictions, other: Predictions) -> bool:
    """Whether two runs answered the same examples, true classes or values included."""
    return torch.equal(one.index, other.index) and torch.equal(one.truth, other.truth)
