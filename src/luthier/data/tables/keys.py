"""By what equal rows with a text are known: its words as they were written, not as far as a network knows them."""

import hashlib

import numpy as np

from luthier.data.tables.read import Table
from luthier.data.tables.schema import Schema
from luthier.data.tables.words import WORD

BYTES = 16


def keys(table: Table, schema: Schema, inputs: np.ndarray) -> np.ndarray | None:
    """Digests of the rows (N, 16), uint8; None without a text, where the inputs (N, F + T) tell all.

    Two texts of unknown words, or of the same first 256, are not the same text.
    """
    if schema.text is None:
        return None
    numbers = np.ascontiguousarray(inputs[:, : len(schema.features)])
    texts = (" ".join(WORD.findall(str(text or "").lower())) for text in table[schema.text.name].tolist())
    digests = (
        hashlib.blake2b(row.tobytes() + text.encode(errors="replace"), digest_size=BYTES).digest()
        for row, text in zip(numbers, texts, strict=True)
    )
    return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, BYTES)
