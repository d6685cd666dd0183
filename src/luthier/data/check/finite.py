"""Inputs that are no finite numbers: one of them ends a training at its first step."""

import numpy as np

from luthier.data.check.finding import Finding, Rule, of_examples
from luthier.data.dataset import Dataset

NOT_FINITE = Rule("not-finite", "stop", "mend or drop them")


def find(dataset: Dataset) -> list[Finding]:
    """Examples with infinity, or NaN where it does not stand for a missing value or for the end of a sequence."""
    if dataset.inputs.dtype.kind != "f":
        return []
    odd = np.isinf(dataset.inputs) if dataset.table or dataset.form == "sequences" else ~np.isfinite(dataset.inputs)
    bad = np.flatnonzero(odd.reshape(len(dataset), -1).any(1))
    return of_examples(NOT_FINITE, dataset, bad, f"inputs must be finite, but {len(bad):,} examples are not")
