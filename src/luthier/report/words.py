"""Pairs of words for a page: what was trained on what, where and how fast; numbers as a page writes them."""

import json
from collections.abc import Sequence
from typing import Any

from luthier.core.console import count_noun, format_duration, format_number, format_size
from luthier.data import Dataset
from luthier.data.split import split
from luthier.recipe.recipe import Recipe
from luthier.run import Run, RunPaths
from luthier.run.provenance import read_sessions
from luthier.stats.metrics import METRICS, Metrics

Pairs = list[tuple[str, str]]


def describe_data(recipe: Recipe, dataset: Dataset | None) -> Pairs:
    """Describe the data: their name, parts, classes and fingerprint."""
    facts = [("data", recipe.data.source)]
    if dataset is not None:
        parts = split(dataset, recipe.seed, recipe.split)
        counts = {"training": parts.train, "validation": parts.validation, "test": parts.test}
        shape = " x ".join(map(str, dataset.shape))
        facts += [
            ("examples", f"{len(dataset):,}: " + ", ".join(f"{len(value):,} {name}" for name, value in counts.items())),
            ("one example", f"{shape} ({dataset.form})"),
            (
                "to predict",
                f"{len(dataset.classes)} classes" if dataset.classes else count_noun(dataset.outputs, "value"),
            ),
        ]
    return [*facts, ("fingerprint", str(recipe.data.fingerprint))]


def describe_recipe(recipe: Recipe) -> Pairs:
    """Describe the network and how it was trained."""
    training = recipe.training
    return [
        ("network", _settings(recipe.model)),
        ("optimizer", _settings(recipe.optimizer)),
        ("schedule", _settings(recipe.schedule)),
        ("loss", recipe.loss.name),
        ("training", f"{count_noun(training.epochs, 'epoch')}, batches of {training.batch_size}, seed {recipe.seed}"),
        ("augmentations", ", ".join(part.name for part in recipe.augment) or "none"),
        ("tricks", ", ".join(part.name for part in recipe.tricks) or "none"),
    ]


def _settings(part: Any) -> str:
    """Write a part with its plain settings."""
    values = {name: one for name, one in part.dump().items() if name != "name" and not isinstance(one, list | dict)}
    told = ", ".join(f"{name} {one:.4g}" if isinstance(one, float) else f"{name} {one}" for name, one in values.items())
    return f"{part.name} ({told})" if told else str(part.name)


def describe_work(result: dict[str, Any]) -> Pairs:
    """Describe time, speed and memory of a finished run."""
    return [
        ("parameters", f"{result['parameters']:,}"),
        ("epochs", f"{result['epochs']:,}, {count_noun(result['steps'], 'step')}" + describe_stop(result)),
        ("time", format_duration(result["seconds"])),
        ("throughput", f"{result['examples_per_second']:,.0f} examples/s"),
        *([("peak memory", format_size(result["peak_memory_bytes"]))] if "peak_memory_bytes" in result else []),
    ]


def describe_stop(result: dict[str, Any]) -> str:
    """Describe whether a run was stopped before its last epoch."""
    return "; stopped early" if result.get("stopped_early") else ""


def list_sessions(run: Run) -> list[dict[str, Any]]:
    """Return the processes that worked on a run; none where no file tells."""
    path = RunPaths(run.path).environment
    return read_sessions(path) if path.is_file() else []


def describe_machine(run: Run) -> Pairs:
    """Describe the environment of the last process that worked on a run."""
    worked = list_sessions(run)
    if not worked:
        return []
    last = {name: value for name, value in worked[-1].items() if name != "command"}
    more = [("sessions", f"{len(worked)}: the run was resumed")] if len(worked) > 1 else []
    return [*((name, value if isinstance(value, str) else json.dumps(value)) for name, value in last.items()), *more]


def format_metric(name: str, value: float | None, interval: Sequence[float] | None = None) -> str:
    """Write a metric, with its interval where there is one.

    >>> format_metric("accuracy", 0.5, [0.25, 0.75]), format_metric("loss", 0.1234567)
    ('50.00% (95% interval 25.00% to 75.00%)', '0.1235')
    """
    if value is None:
        return "not defined"
    write = "{:.2%}".format if METRICS[name].share else format_number
    within = f" (95% interval {write(interval[0])} to {write(interval[1])})" if interval else ""
    return f"{write(value)}{within}"


def format_metrics(metrics: Metrics) -> list[tuple[str, str]]:
    """Write all metrics of a part, by name, and its n.

    >>> format_metrics({"loss": 0.5, "top-5": None, "undefined": {"top-5": "with 2 classes"}, "n": 1200})
    [('loss', '0.5'), ('top-5', 'not defined: with 2 classes'), ('examples', '1,200')]
    """
    intervals = read_intervals(metrics)
    names = [
        name for name, value in metrics.items() if name != "n" and (value is None or isinstance(value, int | float))
    ]
    trivial = metrics.get("trivial") or {}
    pairs = [
        (
            name,
            format_metric(name, metrics[name], intervals.get(name))
            + _lack(name, metrics)
            + (f"; trivial {format_metric(name, trivial[name])}" if trivial.get(name) is not None else ""),
        )
        for name in names
    ]
    return [*pairs, ("examples", f"{metrics['n']:,}")]


def _lack(name: str, metrics: Metrics) -> str:
    """Explain why a metric has no value, or no interval where others have one."""
    if metrics[name] is None:
        why = metrics.get("undefined", {}).get(name)
        return f": {why}" if why else ""
    without = name in metrics.get("intervals", {}) and metrics["intervals"][name] is None
    return " (no interval: too few examples, or none that differ)" if without else ""


def read_intervals(metrics: Metrics) -> dict[str, Any]:
    """Return the interval of each metric of a part, None where it has none; earlier versions stored only one."""
    return {"accuracy": metrics.get("interval"), **metrics.get("intervals", {})}


def format_deciding_metric(metrics: Metrics, monitor: str) -> tuple[str, str]:
    """Return the name and value of what a reader looks for first: the metric that decides."""
    return monitor, dict(format_metrics({**metrics, "trivial": None}))[monitor]
