"""The test examples that a reader should see: surest mistakes, least certain answers, largest errors."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from luthier.core.number import number
from luthier.page import thumbnail
from luthier.report.answers import PartPredictions

MOST = 16


class Case(NamedTuple):
    """A picture, or several, with lines of words; no picture where the example is none."""

    sources: list[str]
    lines: list[str]


def mistakes(answers: PartPredictions) -> list[Case]:
    """Wrong answers, the surest first, at most 16."""
    wrong = answers.probabilities.argmax(1) != answers.labels
    order = np.argsort(-answers.probabilities.max(1), kind="stable")
    return _describe(answers, [k for k in order if wrong[k]][:MOST])


def least_certain(answers: PartPredictions) -> list[Case]:
    """Answers whose two likeliest classes are nearest, at most 16."""
    ranked = np.sort(answers.probabilities, axis=1)
    gap = ranked[:, -1] - ranked[:, -2] if ranked.shape[1] > 1 else ranked[:, -1]
    return _describe(answers, np.argsort(gap, kind="stable")[:MOST])


def _describe(answers: PartPredictions, chosen: Iterable[Any]) -> list[Case]:
    names = answers.run.classes
    cases = []
    for k in chosen:
        sure = answers.probabilities[k]
        likeliest = zip(("answer", "next"), np.argsort(-sure, kind="stable"), strict=False)
        said = [f"{word}: {names[one]} ({sure[one]:.1%})" for word, one in likeliest]
        lines = [f"true: {names[answers.labels[k]]}", *said, name_example(answers, k)]
        cases.append(Case(_picture(answers, k), lines))
    return cases


def largest_errors(answers: PartPredictions) -> list[Case]:
    """Values that were missed by most, at most 16; of several values by the mean error in their spread."""
    given = answers.values
    spread = answers.labels.std(0)
    order = np.argsort(-(np.abs(given - answers.labels) / np.where(spread > 0, spread, 1)).mean(1), kind="stable")
    return [
        Case(
            _picture(answers, k),
            [f"true: {numbers(answers.labels[k])}", f"answer: {numbers(given[k])}", name_example(answers, k)],
        )
        for k in order[:MOST]
    ]


def numbers(values: np.ndarray) -> str:
    """Write a few values; of many only the first."""
    written = ", ".join(number(one) for one in values[:4])
    return f"{written}, ..." if len(values) > 4 else written


def name_example(answers: PartPredictions, k: int) -> str:
    """What a test example is called."""
    number = int(answers.members[k])
    names = answers.dataset.names if answers.dataset else None
    return f"example {number}" if names is None else str(names[number])


def _picture(answers: PartPredictions, k: int) -> list[str]:
    if answers.dataset is None or not answers.dataset.is_picture:
        return []
    return [thumbnail(answers.dataset.inputs[answers.members[k]])]
