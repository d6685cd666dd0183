"""What was trained on what, where and how fast, in pairs of words."""

import json
from typing import Any

from luthier.core.files import read_json
from luthier.core.number import count_noun
from luthier.data import Dataset, split
from luthier.recipe import Recipe
from luthier.report.figures import duration, size
from luthier.run import Run, RunPaths

Pairs = list[tuple[str, str]]


def about_data(recipe: Recipe, dataset: Dataset | None) -> Pairs:
    """The data: their name, parts, classes and fingerprint."""
    facts = [("data", recipe.data.source)]
    if dataset is not None:
        parts = split(dataset, recipe.seed, recipe.split)
        counts = {"training": parts.train, "validation": parts.validation, "test": parts.test}
        shape = " x ".join(map(str, dataset.shape))
        facts += [
            ("examples", f"{len(dataset):,}: " + ", ".join(f"{len(one):,} {name}" for name, one in counts.items())),
            ("one example", f"{shape} ({dataset.form})"),
            (
                "to predict",
                f"{len(dataset.classes)} classes" if dataset.classes else count_noun(dataset.outputs, "value"),
            ),
        ]
    return [*facts, ("fingerprint", str(recipe.data.fingerprint))]


def about_recipe(recipe: Recipe) -> Pairs:
    """The network and how it was trained."""
    training = recipe.training
    return [
        ("network", _settings(recipe.model)),
        ("optimizer", _settings(recipe.optimizer)),
        ("schedule", _settings(recipe.schedule)),
        ("loss", recipe.loss.name),
        ("training", f"{count_noun(training.epochs, 'epoch')}, batches of {training.batch_size}, seed {recipe.seed}"),
        ("augmentations", ", ".join(one.name for one in recipe.augment) or "none"),
        ("tricks", ", ".join(one.name for one in recipe.tricks) or "none"),
    ]


def _settings(part: Any) -> str:
    """A part with its plain settings."""
    values = {name: one for name, one in part.dump().items() if name != "name" and not isinstance(one, list | dict)}
    told = ", ".join(f"{name} {one:.4g}" if isinstance(one, float) else f"{name} {one}" for name, one in values.items())
    return f"{part.name} ({told})" if told else str(part.name)


def about_work(result: dict[str, Any]) -> Pairs:
    """Time, speed and memory of a finished run."""
    return [
        ("parameters", f"{result['parameters']:,}"),
        ("epochs", f"{result['epochs']:,}, {count_noun(result['steps'], 'step')}" + early(result)),
        ("time", duration(result["seconds"])),
        ("throughput", f"{result['examples_per_second']:,.0f} examples/s"),
        *([("peak memory", size(result["peak_memory_bytes"]))] if "peak_memory_bytes" in result else []),
    ]


def early(result: dict[str, Any]) -> str:
    """Say whether a run was stopped before its last epoch."""
    return "; stopped early" if result.get("stopped_early") else ""


def sessions(run: Run) -> list[dict[str, Any]]:
    """The processes that worked on a run; none where nothing says so."""
    path = RunPaths(run.path).environment
    found = read_json(path) if path.is_file() else {}
    return list(found.get("sessions", []))


def about_machine(run: Run) -> Pairs:
    """The environment of the last process at work on a run."""
    worked = sessions(run)
    if not worked:
        return []
    last = {name: one for name, one in worked[-1].items() if name != "command"}
    more = [("sessions", f"{len(worked)}: the run was resumed")] if len(worked) > 1 else []
    return [*((name, one if isinstance(one, str) else json.dumps(one)) for name, one in last.items()), *more]
