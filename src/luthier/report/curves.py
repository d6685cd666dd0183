"""The curves of a run: learning curves, and the health of its layers."""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from luthier.charts.chart import Chart, Line
from luthier.run.history import Row
from luthier.stats.metrics import METRICS

WORDS = {
    "accuracy": "Accuracy",
    "auroc": "Area under the ROC curve",
    "ece": "Expected calibration error",
    "log-loss": "Log-loss",
    "macro-f1": "Macro-averaged F1",
    "r2": "R squared",
    "rmse": "Root mean squared error",
    "mae": "Mean absolute error",
    "top-5": "Accuracy among the five likeliest",
}


def make_learning_charts(history: Sequence[Row]) -> list[Chart]:
    """Make the charts of loss, metrics, learning rate and gradient norm over epochs, without empty ones."""
    metrics = [
        Chart(f"{title} on the validation part", "epochs", [line], share=METRICS[name].share)
        for name, title in WORDS.items()
        if (line := take_series(history, "validation", name, "validation")).points
    ]
    loss = [take_series(history, "train", "loss", "training"), take_series(history, "validation", "loss", "validation")]
    rate = [take_series(history, "train", "learning_rate", "learning rate")]
    norm = [
        take_series(history, "train", "gradient_norm", "gradient norm"),
        take_series(history, "train", "weight_norm", "weights"),
    ]
    rest = [
        Chart("Loss", "epochs", loss),
        *metrics,
        Chart("Learning rate", "epochs", rate),
        Chart("Norm of the gradient and of all weights", "epochs", norm, log=True),
    ]
    return [one for one in rest if one.lines]


def take_series(history: Sequence[Row], kind: str, key: str, name: str) -> Line:
    """Return one number of the rows of a kind, `train` or `validation`, over epochs."""
    per_epoch = count_steps_per_epoch(history)
    rows = [row for row in history if row.get("kind") == kind and is_number(row.get(key))]
    return Line(name, [(row["step"] / per_epoch, row[key]) for row in rows])


def count_steps_per_epoch(history: Sequence[Row]) -> float:
    """Return the steps of an epoch, from the row at the end of the last one; else about, from the last row.

    Rows of training count the epochs that were over before them.
    """
    ends = [row for row in history if row["kind"] == "train" and row.get("health")]
    if ends:
        return float(ends[-1]["step"] / (ends[-1]["epoch"] + 1))
    if not history:
        return 1.0
    last = history[-1]
    return float(last["step"] / max(1, last["epoch"] + (last["kind"] != "validation")))


def is_number(value: Any) -> bool:
    """Return whether a value of a history is a finite number."""
    return isinstance(value, int | float) and math.isfinite(value)


FIGURES = {
    "gradient": ("Gradient norm of each layer", True, False),
    "activation": ("Activation of each layer", True, False),
    "update_ratio": ("Update-to-weight ratio of each layer", True, False),
    "dead": ("Dead units of each layer", False, True),
}
"""What a row says of a layer: title, whether it spans powers of ten, whether it is a share."""


SPREAD = 1e3


def make_health_charts(history: Sequence[Row]) -> list[Chart]:
    """Make a chart over epochs for each value measured in the layers; none where the history has none."""
    rows, per_epoch = [row for row in history if row.get("health")], count_steps_per_epoch(history)
    charts = []
    for figure, (title, log, share) in FIGURES.items():
        by_layer: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for row in rows:
            for layer, values in row["health"].items():
                if is_number(values.get(figure)):
                    by_layer[layer or "network"].append((row["step"] / per_epoch, values[figure]))
        lines = [Line(layer, points) for layer, points in by_layer.items()]
        charts.append(Chart(title, "epochs", lines, log=log, share=share))
    return [chart for chart in charts if chart.lines]


def describe_gradients(history: Sequence[Row]) -> str:
    """Describe how far the gradients of the first and the last layer are apart; empty where the history has none."""
    rows = [row["health"] for row in history if row.get("health")]
    gradients = [[layer.get("gradient") for layer in row.values()] for row in rows]
    ends = [(gradient[0], gradient[-1]) for gradient in gradients]
    ratios = sorted(first / last for first, last in ends if is_number(first) and is_number(last) and last > 0)
    if not ratios:
        return ""
    middle = ratios[len(ratios) // 2]
    sentence = (
        f"The gradient of the first layer is {middle:.3g} times that of the last, at the median of {len(ratios)} reads"
    )
    if middle < 1 / SPREAD:
        return f"{sentence}: it vanishes on its way back."
    return f"{sentence}: it explodes on its way back." if middle > SPREAD else f"{sentence}."


def measure_phases(history: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the seconds of each phase of the training and its share of them all; none where the history has none."""
    seconds: dict[str, float] = defaultdict(float)
    for row in history:
        for name, value in (row.get("seconds_by_phase") or {}).items():
            seconds[name] += value
    total = sum(seconds.values())
    return [{"name": name, "seconds": spent, "share": spent / total} for name, spent in seconds.items() if total > 0]
