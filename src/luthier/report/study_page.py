"""The page of a study: every run's curves, and a table with intervals."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from luthier.charts.chart import Chart, Line
from luthier.core.console import format_duration
from luthier.recipe.recipe import Recipe
from luthier.report.curves import WORDS, take_series
from luthier.report.templates import render
from luthier.report.words import describe_data, describe_machine, describe_recipe, format_metric, read_intervals
from luthier.run import Run, RunPaths
from luthier.stats.metrics import METRICS
from luthier.study.study import KINDS

TEMPLATE = Path(__file__).parent / "study.html"


def study_page(root: Path, ledger: Mapping[str, Any], recipe: Recipe, runs: Sequence[Run], asked: int) -> str:
    """Write the page of a study.

    ledger: its plan and, once finished, its answer. runs: those begun, of so many asked for.
    """
    done, over = [run for run in runs if RunPaths(run.path).result.is_file()], KINDS[ledger["kind"]].over
    metric = ledger.get("metric") or recipe.training.monitor
    points, rounds = ledger.get("points", []), ledger.get("by_round", [])
    return render(
        TEMPLATE,
        title=f"{recipe.model.name} on {recipe.data.source}: {len(runs)} runs over {over}",
        verdict=_verdict(root, ledger, metric, over, f"{len(done)} of {asked}"),
        finished=_finished(ledger),
        metric=metric,
        rows=[_row(run, metric) for run in done],
        mean_text=format_metric(metric, **_ends(ledger["test"])) if ledger.get("test") and not rounds else "",
        points=[_point(point, metric) for point in points],
        examples=_chart_means(
            f"Test {metric} by number of training examples", "training examples", points, "n", metric
        ),
        rounds=[{**_point({**one, "seeds": one["n"]}, metric), "n": one["round"]} for one in rounds],
        by_round=_chart_means(f"Test {metric} by round", "round", rounds, "round", metric),
        curves=_curves(runs, metric),
        on_what=[*describe_data(recipe, None), *describe_recipe(recipe)],
        commands=_commands(root, runs),
        recipe=recipe.to_toml().splitlines(),
        hashes=[("recipe", recipe.hash()), ("recipe without its seed", recipe.hash(with_seed=False))],
        machine=describe_machine(runs[-1]) if runs else [],
    )


def _finished(ledger: Mapping[str, Any]) -> bool:
    return "runs" in ledger


def _ends(found: Mapping[str, Any]) -> dict[str, Any]:
    return {"value": found["mean"], "interval": found["interval"]}


def _verdict(root: Path, ledger: Mapping[str, Any], metric: str, over: str, done: str) -> str:
    if not _finished(ledger):
        return f"{done} runs are finished; go on with: luthier resume {shlex.quote(str(root))}"
    known = ledger.get("trivial")
    trivial = (
        "" if known is None else f" The trivial answer, the same for all examples: {format_metric(metric, known)}."
    )
    if "points" in ledger:
        last = ledger["points"][-1]
        return (
            f"Mean test {metric} with {last['n']:,} training examples: {format_metric(metric, **_ends(last))}.{trivial}"
        )
    words = format_metric(metric, **_ends(ledger["test"]))
    if "by_round" in ledger:
        first = format_metric(metric, ledger["by_round"][0]["mean"])
        return f"Test {metric} after the last of the {over}: {words}, beside {first} without any.{trivial}"
    return f"Mean test {metric} of {ledger['test']['n']} {over}: {words}.{trivial}"


def _row(run: Run, metric: str) -> dict[str, Any]:
    result = run.result
    test = result["test"]
    interval = read_intervals(test).get(metric)
    return {
        "name": run.path.name,
        "seed": run.recipe.seed,
        "value": format_metric(metric, test[metric], interval),
        "loss": format_metric("loss", test["loss"]),
        "n": test["n"],
        "epochs": result["epochs"],
        "time": format_duration(result["seconds"]),
    }


def _point(point: Mapping[str, Any], metric: str) -> dict[str, Any]:
    return {"n": point["n"], "seeds": point["seeds"], "value": format_metric(metric, **_ends(point))}


def _chart_means(title: str, across: str, points: Sequence[Mapping[str, Any]], key: str, metric: str) -> list[Chart]:
    """Chart the mean at each point, with its band where there is one. key: of the points' places."""
    known = [point for point in points if point["mean"] is not None]
    if not known:
        return []
    bands = [point["interval"] for point in known] if all(point["interval"] for point in known) else []
    name = "mean, 95% interval" if bands else "one seed"
    line = Line(name, [(point[key], point["mean"]) for point in known], bands)
    return [Chart(title, across, [line], log_across=key == "n", share=METRICS[metric].share)]


def _curves(runs: Sequence[Run], metric: str) -> list[Chart]:
    histories = {run.path.name: run.history for run in runs}
    wanted = [("Training loss", "train", "loss"), ("Loss on the validation part", "validation", "loss")]
    if metric != "loss":
        wanted = [(f"{WORDS[metric]} on the validation part", "validation", metric), *wanted]
    charts = [
        Chart(
            title,
            "epochs",
            [take_series(rows, kind, key, name) for name, rows in histories.items()],
            share=METRICS[key].share,
        )
        for title, kind, key in wanted
    ]
    return [chart for chart in charts if chart.lines]


def _commands(root: Path, runs: Sequence[Run]) -> list[str]:
    again = [
        shlex.join(
            ["luthier", "train", "--recipe", str(RunPaths(run.path).recipe), "--out", f"{root}-again/{run.path.name}"]
        )
        for run in runs
    ]
    return ["# each of its runs alone:", *again]
