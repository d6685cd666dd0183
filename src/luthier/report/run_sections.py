"""The sections of a run's page: mistakes, classes, calibration, samples, first filters."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from luthier.charts.chart import Chart, Line
from luthier.core.console import format_number
from luthier.core.rng import generator
from luthier.data import Dataset
from luthier.data.augment.composer import apply_several
from luthier.data.loader import to_device
from luthier.data.split import split
from luthier.recipe.network import resize_inputs
from luthier.recipe.recipe import Recipe
from luthier.report.templates import thumbnail
from luthier.run import Run
from luthier.run.result import Predictions, compute_probabilities
from luthier.stats import share_interval
from luthier.stats.metrics import class_metrics, confusion_matrix
from luthier.stats.metrics.classification import bin_numbers, ece


@dataclass(frozen=True)
class PartPredictions:
    """Predictions on a test part.

    dataset: the run's own, for the pictures and names; None where it is not available.
    """

    run: Run
    stored: Predictions
    dataset: Dataset | None = None

    @cached_property
    def probabilities(self) -> np.ndarray:
        """The probability of each class (M, K), double, calibrated where the run is."""
        return np.asarray(compute_probabilities(self.stored.answers, self.run.recipe.loss, self.run.temperature))

    @cached_property
    def values(self) -> np.ndarray:
        """The predicted values (M, D), double."""
        return np.asarray(self.stored.answers.double())

    @cached_property
    def labels(self) -> np.ndarray:
        """The true classes (M,) or values (M, D)."""
        return np.asarray(self.stored.truth)

    @cached_property
    def members(self) -> np.ndarray:
        """The number of each test example in the data (M,)."""
        return np.asarray(self.stored.index)


MOST_CASES = 16


class Case(NamedTuple):
    """One picture or several, with lines of text; no picture where the example is none."""

    sources: list[str]
    lines: list[str]


def show_mistakes(predictions: PartPredictions) -> list[Case]:
    """Show wrong predictions, the most confident first, at most 16."""
    wrong = predictions.probabilities.argmax(1) != predictions.labels
    order = np.argsort(-predictions.probabilities.max(1), kind="stable")
    return _describe(predictions, [k for k in order if wrong[k]][:MOST_CASES])


def show_least_certain(predictions: PartPredictions) -> list[Case]:
    """Show predictions whose two likeliest classes are nearest, at most 16."""
    ranked = np.sort(predictions.probabilities, axis=1)
    gap = ranked[:, -1] - ranked[:, -2] if ranked.shape[1] > 1 else ranked[:, -1]
    return _describe(predictions, np.argsort(gap, kind="stable")[:MOST_CASES])


def _describe(predictions: PartPredictions, chosen: Iterable[Any]) -> list[Case]:
    names = predictions.run.classes
    cases = []
    for k in chosen:
        sure = predictions.probabilities[k]
        likeliest = zip(("answer", "next"), np.argsort(-sure, kind="stable"), strict=False)
        said = [f"{word}: {names[one]} ({sure[one]:.1%})" for word, one in likeliest]
        lines = [f"true: {names[predictions.labels[k]]}", *said, name_example(predictions, k)]
        cases.append(Case(_picture(predictions, k), lines))
    return cases


def show_largest_errors(predictions: PartPredictions) -> list[Case]:
    """Show the largest errors of values, at most 16; of several values by the mean error relative to their spread.

    A prediction that is not finite is as wrong as can be.
    """
    given = predictions.values
    spread = predictions.labels.std(0)
    errors = (np.abs(given - predictions.labels) / np.where(spread > 0, spread, 1)).mean(1)
    order = np.argsort(-np.where(np.isfinite(errors), errors, np.inf), kind="stable")
    return [
        Case(
            _picture(predictions, k),
            [
                f"true: {format_values(predictions.labels[k])}",
                f"answer: {format_values(given[k])}",
                name_example(predictions, k),
            ],
        )
        for k in order[:MOST_CASES]
    ]


def format_values(values: np.ndarray) -> str:
    """Write a few values; of many only the first."""
    written = ", ".join(format_number(one) for one in values[:4])
    return f"{written}, ..." if len(values) > 4 else written


def name_example(predictions: PartPredictions, k: int) -> str:
    """Return the name of a test example."""
    number = int(predictions.members[k])
    names = predictions.dataset.names if predictions.dataset else None
    return f"example {number}" if names is None else str(names[number])


def _picture(predictions: PartPredictions, k: int) -> list[str]:
    if predictions.dataset is None or not predictions.dataset.is_picture:
        return []
    return [thumbnail(predictions.dataset.inputs[predictions.members[k]])]


MOST_IN_MATRIX, MOST_ROWS, MOST_MIXED = 30, 200, 20


def show_classes(predictions: PartPredictions) -> dict[str, Any]:
    """Make the confusion matrix, the table of the classes, and the most frequent confusions.

    The matrix is left out above 30 classes; of more than 200 those with the least recall are listed.
    """
    names = predictions.run.classes
    matrix = confusion_matrix(predictions.stored.answers.double().numpy(), predictions.labels)
    rows = class_metrics(matrix, names)
    if len(rows) > MOST_ROWS:
        rows = sorted(rows, key=lambda row: (row["recall"] is None, row["recall"]))[:MOST_ROWS]
    return {
        "names": names,
        "rows": rows,
        "matrix": [_row(name, one) for name, one in zip(names, matrix, strict=True)] if _small(names) else [],
        "mixed": _mixed(matrix, names),
        "more": len(names) - len(rows),
    }


def _small(names: tuple[str, ...]) -> bool:
    return len(names) <= MOST_IN_MATRIX


def _row(name: str, counts: np.ndarray) -> dict[str, Any]:
    """Make a row of the matrix, each count with its share of the row."""
    total = max(1, int(counts.sum()))
    return {"name": name, "cells": [{"n": int(n), "share": round(float(n) / total, 3)} for n in counts]}


def _mixed(counts: np.ndarray, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Find the pairs of classes that are most often confused."""
    off = counts.copy()
    np.fill_diagonal(off, 0)
    order = np.argsort(-off, axis=None, kind="stable")[:MOST_MIXED]
    pairs = [(int(k) // len(names), int(k) % len(names)) for k in order]
    return [{"true": names[a], "answer": names[b], "n": int(off[a, b])} for a, b in pairs if off[a, b]]


class Bin(NamedTuple):
    """The examples of one range of confidence: mean confidence, accuracy with its interval, how many."""

    confidence: float
    accuracy: float
    interval: tuple[float, float]
    n: int


def make_bins(probabilities: np.ndarray, labels: np.ndarray) -> list[Bin]:
    """Sort examples by the probability of their likeliest class into 15 equal bins, without empty ones.

    probabilities: (M, K). labels: (M,).

    >>> [
    ...     (one.confidence, one.accuracy, one.n)
    ...     for one in make_bins(np.array([[0.75, 0.25], [0.75, 0.25]]), np.array([0, 1]))
    ... ]
    [(0.75, 0.5, 2)]
    """
    confidence, right = probabilities.max(1), probabilities.argmax(1) == labels
    number = bin_numbers(confidence)
    return [_bin(confidence[number == k], right[number == k]) for k in np.unique(number)]


def _bin(confidence: np.ndarray, right: np.ndarray) -> Bin:
    n, hits = len(right), int(right.sum())
    interval = share_interval(hits, n)
    return Bin(float(confidence.mean()), hits / n, (interval.low, interval.high), n)


def show_calibration(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Make the curve, the error and the table of the bins, as a page shows them."""
    filled_bins = make_bins(probabilities, labels)
    answered = Line(
        "share of right answers, 95% interval",
        [(filled.confidence, filled.accuracy) for filled in filled_bins],
        [filled.interval for filled in filled_bins],
    )
    ideal = Line("as it should be", [(0.0, 0.0), (1.0, 1.0)])
    chart = Chart("Accuracy by confidence", "confidence", [answered, ideal], share=True)
    return {"chart": chart, "error": ece(probabilities, labels).value, "bins": filled_bins}


MOST_CLASSES, DRAWS = 20, 3


OF_VALUES = 8


def show_samples(dataset: Dataset, recipe: Recipe) -> list[Case]:
    """Show a training picture of each class, at most 20, or some where values are predicted: plain, then augmented."""
    if not dataset.is_picture:
        return []
    chosen = _choose(dataset, recipe)
    pictures = resize_inputs(recipe, dataset.inputs[chosen])
    some = to_device(pictures, dataset.labels[chosen], len(dataset.classes), torch.device("cpu"))
    plain = some.inputs(some.indices)
    changed = (
        apply_several(plain, recipe.augment, DRAWS, recipe.seed, "report") if recipe.augment else plain[:, None][:, :0]
    )
    rows = torch.cat((plain[:, None], changed), 1)
    return [Case([_shown(one) for one in row], [_label(dataset, int(k))]) for row, k in zip(rows, chosen, strict=True)]


def _choose(dataset: Dataset, recipe: Recipe) -> np.ndarray:
    train = split(dataset, recipe.seed, recipe.split).train
    order = train[torch.randperm(len(train), generator=generator(recipe.seed, "report")).numpy()]
    if not dataset.classes:
        return np.asarray(order[:OF_VALUES])
    _, first = np.unique(dataset.labels[order], return_index=True)
    return np.asarray(order[first[:MOST_CLASSES]])


def _shown(picture: torch.Tensor) -> str:
    """Return a picture (C, H, W) in [0, 1]."""
    return thumbnail(picture.mul(255).clamp(0, 255).round().byte().permute(1, 2, 0).numpy())


def _label(dataset: Dataset, example: int) -> str:
    label = dataset.labels[example]
    return dataset.classes[label] if dataset.classes else format_values(label)


MOST_FILTERS = 64


COLOURS = 3


def draw_filters(network: nn.Module) -> list[str]:
    """Draw the first convolution's filters, at most 64, from black for the smallest weight to white for the largest.

    Filters over three channels are shown in colour, over any other number as their mean; those over time as a row for
    each feature. None where there is no convolution, or where it looks at single pixels.
    """
    layers = (module for module in network.modules() if isinstance(module, nn.Conv1d | nn.Conv2d))
    first = next(layers, None)
    if first is None or first.weight[0, 0].numel() == 1:
        return []
    weights = first.weight.detach().cpu().float()[:MOST_FILTERS]
    pictures = weights[:, None] if weights.ndim == 3 else weights
    if pictures.shape[1] != COLOURS:
        pictures = pictures.mean(1, keepdim=True)
    low, high = pictures.min(), pictures.max()
    grey = ((pictures - low) / (high - low).clamp(min=torch.finfo(torch.float32).tiny) * 255).round().byte()
    return [thumbnail(one.permute(1, 2, 0).numpy()) for one in grey]
