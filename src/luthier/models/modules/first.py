"""The first layer for each form of data."""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from luthier.core.form import Form
from luthier.models.modules.standardise import Standardise, fit_standardise
from luthier.models.modules.standardise_sequences import StandardiseSequences
from luthier.models.modules.standardise_text import StandardiseText

FIRST: Mapping[Form, type[Standardise]] = {
    "pictures": Standardise,
    "rows": Standardise,
    "sequences": StandardiseSequences,
    "text": StandardiseText,
}


def first_layer(form: Form, chunks: Iterable[Tensor], columns: int) -> Standardise:
    """Take the constants of the first layer from inputs in chunks, normally the training part.

    columns: how many numbers stand before the words, where the form is text.

    >>> first_layer("sequences", [torch.tensor([[[1.0], [3.0]], [[5.0], [torch.nan]]])], 0).mean
    tensor([3.])
    """
    if form == "sequences":
        return fit_standardise((chunk.flatten(0, 1) for chunk in chunks), FIRST[form])
    if form == "text":
        return fit_standardise((chunk[:, :columns] for chunk in chunks), FIRST[form])
    return fit_standardise(chunks, FIRST[form])


def blank(form: Form, channels: int) -> Standardise:
    """Make a first layer whose constants are still to be loaded. channels: how many means it has."""
    return FIRST[form](torch.zeros(channels), torch.ones(channels))
