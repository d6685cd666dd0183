"""The learning curves of a run, from the rows of its history."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from luthier.report.chart import Chart, Line
from luthier.run import Run, RunPaths
from luthier.stats.measures import METRICS

Row = dict[str, Any]
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


def rows_of(run: Run) -> list[Row]:
    """The history of a run so far; a last line that a lost process left torn is left out."""
    return rows_in(run.path)


def rows_in(directory: Path) -> list[Row]:
    """The same of a run's directory, also where nothing else is in it yet."""
    path = RunPaths(directory).history
    lines = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
    return [json.loads(line) for line in lines if line.endswith(b"\n")]


def learning_charts(history: Sequence[Row]) -> list[Chart]:
    """Loss, metrics, learning rate and gradient norm over epochs; what no row holds is left out."""
    metrics = [
        Chart(f"{title} on the validation part", "epochs", [line], share=METRICS[name].share)
        for name, title in WORDS.items()
        if (line := series(history, "validation", name, "validation")).points
    ]
    loss = [series(history, "train", "loss", "training"), series(history, "validation", "loss", "validation")]
    rate = [series(history, "train", "learning_rate", "learning rate")]
    norm = [
        series(history, "train", "gradient_norm", "gradient norm"),
        series(history, "train", "weight_norm", "weights"),
    ]
    rest = [
        Chart("Loss", "epochs", loss),
        *metrics,
        Chart("Learning rate", "epochs", rate),
        Chart("Norm of the gradient and of all weights", "epochs", norm, log=True),
    ]
    return [one for one in rest if one.lines]


def series(history: Sequence[Row], kind: str, key: str, name: str) -> Line:
    """Take one number of the rows of a kind, `train` or `validation`, over epochs."""
    per_epoch = steps_per_epoch(history)
    rows = [row for row in history if row.get("kind") == kind and is_number(row.get(key))]
    return Line(name, [(row["step"] / per_epoch, row[key]) for row in rows])


def steps_per_epoch(history: Sequence[Row]) -> float:
    """How many steps an epoch has, as the row at the last one's end says; else, by and large, the last row.

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
    """Whether a value of a history is a finite number."""
    return isinstance(value, int | float) and math.isfinite(value)
