"""Pictures that look alike without being equal: another compression, size or brightness of the same photograph."""

import numpy as np

from luthier.data.check.finding import Finding, Rule, of_pairs
from luthier.data.check.parts import given, given_parts
from luthier.data.check.perceptual import alike
from luthier.data.dataset import Dataset

ACROSS = Rule("near-leak", "warn", "look at them: where they are one photograph, the test figures are too good")
WITHIN = Rule("near-duplicates", "note", "look at them, and drop what adds nothing")
UNDIVIDED = Rule(
    "near-duplicates", "warn", "look at them: a drawn split may part them, and its test figures are then too good"
)


def find(dataset: Dataset) -> list[Finding]:
    """Near duplicates across given parts, and those within one."""
    if not dataset.is_picture:
        return []
    parts, groups = given_parts(dataset), dataset.duplicates
    one_of_each = np.sort(np.unique(groups * 3 + parts, return_index=True)[1])
    pairs = one_of_each[alike(dataset.inputs[one_of_each])]
    pairs = pairs[groups[pairs[:, 0]] != groups[pairs[:, 1]]]
    across = parts[pairs[:, 0]] != parts[pairs[:, 1]]
    return [*_across(dataset, pairs[across]), *_within(dataset, pairs[~across])]


def _across(dataset: Dataset, pairs: np.ndarray) -> list[Finding]:
    return of_pairs(
        ACROSS, dataset, pairs, f"pictures of different parts should differ, but {len(pairs):,} pairs look alike"
    )


def _within(dataset: Dataset, pairs: np.ndarray) -> list[Finding]:
    rule, where = (WITHIN, " of one part") if given(dataset) else (UNDIVIDED, "")
    return of_pairs(rule, dataset, pairs, f"pictures should differ, but {len(pairs):,} pairs{where} look alike")
