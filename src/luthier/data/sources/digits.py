"""The handwritten digits that scikit-learn carries: 1,797 pictures of 8 x 8 pixels, no download."""

import numpy as np

from luthier.core.card import DataCard
from luthier.data.dataset import Dataset

CARD = DataCard(
    summary="1,797 handwritten digits of 8x8 pixels, bundled with scikit-learn.",
    source="Alpaydin and Kaynak, Optical recognition of handwritten digits, UCI repository, 1998",
    signs=True,
)
WHITE = 16


def read() -> Dataset:
    """Read the digits; their 17 grey levels are spread over 0 to 255."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    pictures = np.rint(bunch.images * (255 / WHITE)).astype(np.uint8)[..., None]
    return Dataset("digits", pictures, bunch.target.astype(np.int64), tuple(map(str, range(10))))
