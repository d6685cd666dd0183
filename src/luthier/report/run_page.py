"""The page of one run: what happened, how good it is, where it is wrong, how to repeat it."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from luthier.charts.chart import Chart, Line, Spots
from luthier.core.console import describe_count, format_number
from luthier.data import Dataset
from luthier.report.curves import (
    describe_gradients,
    make_health_charts,
    make_learning_charts,
    measure_phases,
)
from luthier.report.run_sections import (
    PartPredictions,
    draw_filters,
    show_calibration,
    show_classes,
    show_largest_errors,
    show_least_certain,
    show_mistakes,
    show_samples,
)
from luthier.report.templates import render
from luthier.report.words import (
    describe_data,
    describe_machine,
    describe_recipe,
    describe_work,
    format_deciding_metric,
    format_metric,
    format_metrics,
    list_sessions,
)
from luthier.run import Run, RunPaths
from luthier.run.history import DIVERGED, Row

TEMPLATE = Path(__file__).parent / "run.html"


@dataclass(frozen=True)
class Material:
    """What there is to show of a run beside its files.

    Each is None where it is not to be had, and gaps say why.
    """

    dataset: Dataset | None
    predictions: PartPredictions | None
    network: nn.Module | None
    gaps: tuple[str, ...]


def run_page(run: Run, material: Material) -> str:
    """Write the page of a run, finished or not."""
    result = run.result if RunPaths(run.path).result.is_file() else None
    history = run.history
    return render(
        TEMPLATE,
        title=f"{run.recipe.model.name} on {run.recipe.data.source}",
        verdict=_verdict(run, result, history),
        leaks=bool(result and result.get("leaks")),
        gaps=material.gaps,
        diagnosis=list((result or {}).get("diagnosis", {}).values()),
        remarks=(result or {}).get("remarks", []),
        on_what=[*describe_data(run.recipe, material.dataset), *describe_recipe(run.recipe)],
        commands=_commands(run),
        recipe=run.recipe.to_toml().splitlines(),
        hashes=_hashes(run, result),
        curves=make_learning_charts(history),
        parts=_parts(result),
        health=make_health_charts(history),
        spread=describe_gradients(history),
        phases=measure_phases(history),
        work=describe_work(result) if result else [],
        machine=describe_machine(run),
        filters=draw_filters(material.network) if material.network else [],
        samples=show_samples(material.dataset, run.recipe) if material.dataset else [],
        calibrated=_describe_calibration(result),
        augmented=bool(run.recipe.augment),
        **_show_predictions(material.predictions),
    )


def _verdict(run: Run, result: dict[str, Any] | None, history: Sequence[Row]) -> str:
    if result is None:
        return _explain_unfinished(run, history)
    name, words = format_deciding_metric(result["test"], run.recipe.training.monitor)
    reads = f"The test part had been read {describe_count(result['test_reads'])} on this machine when the run ended."
    trivial = (result["test"].get("trivial") or {}).get(name)
    beside = "" if trivial is None else f" The trivial answer has {format_metric(name, trivial)}."
    return f"Test {name} {words}, n = {result['test']['n']:,}. {reads}{beside}"


def _explain_unfinished(run: Run, history: Sequence[Row]) -> str:
    """Explain why there is no result: training met a number that is not finite, or was stopped."""
    if history and history[-1]["kind"] == DIVERGED:
        return f"The training came to nothing: {history[-1]['message']}"
    return f"The run is not finished; go on with: luthier resume {shlex.quote(str(run.path))}"


def _describe_calibration(result: dict[str, Any] | None) -> str:
    """Describe what the calibration of a run did to its test part; empty where it is not calibrated."""
    calibration = (result or {}).get("calibration")
    if not calibration:
        return ""
    before = calibration["test"]["before"]["ece"]
    error = "is undefined" if before is None else f"was {100 * before:.2f} percentage points"
    return (
        f"The probabilities are tempered by {format_number(calibration['temperature'])}, fitted on the "
        f"validation part; before that the error {error}."
    )


def _commands(run: Run) -> list[str]:
    again = ["luthier", "train", "--recipe", str(RunPaths(run.path).recipe), "--out", f"{run.path}-again"]
    given = [shlex.join(["luthier", *one["command"][1:]]) for one in list_sessions(run) if one.get("command")]
    return [shlex.join(again), *(f"# it was made by: {one}" for one in given)]


def _hashes(run: Run, result: dict[str, Any] | None) -> list[tuple[str, str]]:
    return [
        ("seed", str(run.recipe.seed)),
        ("recipe", run.recipe.hash()),
        ("recipe without its seed", run.recipe.hash(with_seed=False)),
        *((name, digest) for name, digest in (result or {}).get("sha256", {}).items()),
    ]


def _parts(result: dict[str, Any] | None) -> list[dict[str, Any]]:
    named = {"validation": "Validation part, on which choices were made", "test": "Test part"}
    return [
        {"title": title, "rows": format_metrics(result[key])} for key, title in named.items() if result and result[key]
    ]


def _show_predictions(predictions: PartPredictions | None) -> dict[str, Any]:
    """Make the sections that need the predictions on the test part."""
    empty = dict.fromkeys(("classes", "calibration", "values", "mistakes", "uncertain", "errors"))
    if predictions is None:
        return empty
    if not predictions.run.classes:
        return {**empty, "errors": show_largest_errors(predictions), "values": _values(predictions)}
    finite = bool(np.isfinite(predictions.probabilities).all())
    return {
        **empty,
        "classes": show_classes(predictions),
        "calibration": show_calibration(predictions.probabilities, predictions.labels) if finite else None,
        "mistakes": show_mistakes(predictions),
        "uncertain": show_least_certain(predictions),
    }


def _values(predictions: PartPredictions) -> list[Chart]:
    """Chart predictions in order of the true values, one chart for each of the first four.

    Predictions that are not finite have no place in it.
    """
    given = predictions.values
    charts = []
    for column in range(min(4, given.shape[1])):
        order = predictions.labels[:, column].argsort(kind="stable")
        order = order[np.isfinite(given[order, column])]
        if not len(order):
            continue
        pairs = [(float(predictions.labels[k, column]), float(given[k, column])) for k in order]
        low, high = pairs[0][0], pairs[-1][0]
        labels = [f"{format_number(y)} at {format_number(x)}" for x, y in pairs]
        lines: list[Line | Spots] = [
            Spots("answer", pairs, labels),
            Line("as it should be", [(low, low), (high, high)]),
        ]
        charts.append(Chart(f"Answers by true value{f' {column}' if given.shape[1] > 1 else ''}", "true value", lines))
    return charts
