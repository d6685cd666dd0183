"""Inputs that are no finite numbers: one of them ends a training at its first step."""

import numpy as np

from luthier.data.check.finding import Finding, Rule, of_examples
from luthier.data.dataset import Dataset

NOT_FINITE = Rule("not-finite", "stop", "mend or drop them")


def find(dataset: Dataset) -> list[Finding]:
    """Examples with NaN or infinity."""
    if dataset.inputs.dtype.kind != "f":
        return []
    bad = np.flatnonzero(~np.isfinite(dataset.inputs).reshape(len(dataset), -1).all(1))
    return of_examples(NOT_FINITE, dataset, bad, f"inputs must be finite, but {len(bad):,} examples are not")
