"""How many pixels a picture may have, so that a small file cannot fill the memory."""

import os

from luthier.core.errors import BadInput

VARIABLE = "LUTHIER_MEGAPIXELS"
DEFAULT, MOST = 50, 178
"""Million pixels; beyond the second Pillow itself refuses to read."""


def largest() -> int:
    """Pixels that a picture may have: 50 million, or as many million as LUTHIER_MEGAPIXELS says, from 1 to 178.

    Raises BadInput where it says anything else.
    """
    given = os.environ.get(VARIABLE) or str(DEFAULT)
    if not given.isdecimal() or not 1 <= int(given) <= MOST:
        raise BadInput(f"{VARIABLE} must be a whole number from 1 to {MOST}, but got {given!r}; set it to one")
    return 1_000_000 * int(given)
