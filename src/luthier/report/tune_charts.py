"""The charts of a search: every trial in order, slices through the space, the front, importances."""

from dataclasses import replace
from typing import Any

import tomli_w

from luthier.charts.chart import Chart, Key, Line, Point, Spots
from luthier.report.curves import take_series
from luthier.report.tune_data import (
    BEST,
    DEFAULT,
    LOST,
    RANDOM,
    SAMPLED,
    Dimension,
    Trial,
    TuneData,
    make_steps,
    value_text,
)
from luthier.run import RunPaths
from luthier.run.history import read_rows

MOST_POINTS = 8_000
"""Of all curves of a chart together, so that the page stays small."""
STATES = {"finished": SAMPLED, "stopped": RANDOM}


def draw_history(study: TuneData) -> Chart | None:
    """Draw scores by number of the trial, with the best so far; None before the first score."""
    if study.worst is None:
        return None
    spots = study.make_spots(lambda trial: trial["number"], lambda trial: "")
    given: list[Line | Spots] = [_best_so_far(study), *spots]
    title = f"Validation {study.metric} of each trial"
    return Chart(title, "number of the trial", given, share=study.share, nearest=True)


def _best_so_far(study: TuneData) -> Line:
    """Draw a step wherever a finished trial is better than those before it."""
    found: list[Point] = []
    for trial in sorted(study.trials, key=lambda one: int(one["number"])):
        score = trial["score"] if trial["state"] == "finished" else None
        if score is not None and (not found or study.better(score, found[-1][1])):
            found.append((trial["number"], score))
    last = max(one["number"] for one in study.trials)
    return Line("best so far", make_steps([*found, *((last, y) for _, y in found[-1:])]), colour=BEST)


def draw_curves(study: TuneData) -> list[Chart]:
    """Draw the validation metric of every trial over its epochs, then once more without what is far worse."""
    lines = [one for one in (_curve(study, trial) for trial in study.trials) if one.points]
    if not lines or study.worst is None:
        return []
    worst = study.worst
    lines.sort(key=lambda one: one.colour in (DEFAULT, BEST))  # these lie above the others
    near = [replace(line, points=[p for p in line.points if not study.better(worst, p[1])]) for line in lines]
    charts = [
        Chart(f"Validation {study.metric} of each trial{among}", "epochs", some, share=study.share, nearest=True)
        for among, some in (("", lines), (f", {study.write_score(worst)} and better", near))
    ]
    return charts if near != lines else charts[:1]


def _curve(study: TuneData, trial: Trial) -> Line:
    """Draw a trial from its own history where it is there, else from its scores in the study's file."""
    rows = read_rows(RunPaths(study.root / str(trial["directory"]).rpartition("/")[2]).history)
    points = take_series(rows, "validation", study.metric, "").points
    points = points or sorted((float(epoch), score) for epoch, score in trial["scores"].items() if score is not None)
    every = -(-len(points) * len(study.trials) // MOST_POINTS) or 1
    thin = [*points[:-1:every], *points[-1:]]
    name = str(trial["state"])
    colour = STATES.get(name, LOST)
    if trial["how"] == "default":
        name, colour = "default", DEFAULT
    if trial["number"] == study.best:
        name, colour = "best", BEST
    return Line(f"trial {trial['number']}, {trial['state']}", thin, key=name, colour=colour)


def draw_expected_best(study: TuneData) -> Chart | None:
    """Draw what the best of n random trials would score; None where that is not known."""
    found = study.content.get("expected_best")
    if not found:
        return None
    line = Line("expected best", [(one["n"], one["mean"]) for one in found])
    return Chart(f"Expected best validation {study.metric} of n trials", "n", [line], share=study.share)


SPREAD, GOLDEN = 0.5, 0.618
"""Trials of one choice are spread over half of its room, each next one by the golden section."""


def draw_slices(study: TuneData) -> list[dict[str, Any]]:
    """Draw each setting, and say whether the best trial lies at an end of its range."""
    if study.worst is None:
        return []
    return [{"chart": _slice_chart(study, dimension), "told": _describe(study, dimension)} for dimension in study.space]


def draw_slices_key(study: TuneData) -> list[Key]:
    """Say what the marks of all these charts mean."""
    return Chart("", "", study.make_spots(lambda trial: 0.0, lambda trial: "")).key


def _slice_chart(study: TuneData, one: Dimension) -> Chart:
    path, name = one["path"], study.names[one["path"]]
    spots = study.make_spots(
        lambda trial: _across(one, trial), lambda trial: f", {name} {value_text(trial['params'][path])}"
    )
    if one.get("choices"):
        names = [value_text(choice) for choice in one["choices"]]
        return Chart(path, name, spots, share=study.share, names=names, nearest=True)
    return Chart(
        path,
        name,
        spots,
        log_across=bool(one["log"]),
        share=study.share,
        edges=(one["low"], one["high"]),
        hits=[hit["end"] for hit in _hits(study, path)],
        nearest=True,
    )


def _across(one: Dimension, trial: Trial) -> float | None:
    """Return where a trial's value lies; None where it has none that the chart could show."""
    value, choices = trial["params"].get(one["path"]), one.get("choices")
    if choices:
        return choices.index(value) + _aside(trial["number"]) if value in choices else None
    return None if value is None or (one["log"] and value <= 0) else float(value)


def _aside(number: int) -> float:
    """Return how far beside the middle of its choice a trial is drawn, so that trials do not hide one another."""
    return SPREAD * (number * GOLDEN % 1 - 0.5)


def _hits(study: TuneData, path: str) -> list[dict[str, Any]]:
    return [one for one in study.content.get("boundary") or () if one["path"] == path]


def _describe(study: TuneData, one: Dimension) -> list[str]:
    return [
        f"The best trial has {value_text(hit['value'])}, at the {hit['end']} end of the range "
        f"{value_text(one['low'])} to {value_text(one['high'])}: a better value may lie beyond it; widen it."
        for hit in _hits(study, one["path"])
    ]


DECADE = 10


def draw_front(study: TuneData) -> dict[str, Any] | None:
    """Draw both objectives and list the front; None where there is one objective."""
    found = study.content.get("front")
    if not found:
        return None
    names = list(study.content["objectives"])
    rows = [{"trial": one["trial"], "values": _words(study, one["values"])} for one in found]
    return {"chart": _front_chart(study, names[1]), "names": names, "rows": rows}


def _words(study: TuneData, values: list[float]) -> list[str]:
    return [
        study.write_score(values[0]),
        *(f"{value:,}" if isinstance(value, int) else value_text(value) for value in values[1:]),
    ]


def _front_chart(study: TuneData, name: str) -> Chart:
    """Draw the first objective over the second."""
    points = sorted((one["values"][1], one["values"][0]) for one in study.content["front"])
    seconds = [second for trial in study.trials if (second := _second(trial)) is not None]
    log = min(seconds, default=0) > 0 and max(seconds) >= DECADE * min(seconds)
    spots = study.make_spots(_second, lambda trial: f", {name} {value_text(_second(trial))}")
    given: list[Line | Spots] = [Line("Pareto front", make_steps(points), colour=BEST), *spots]
    title = f"{study.metric} and {name}"
    return Chart(title, name, given, log_across=log, share=study.share, nearest=True)


def _second(trial: Trial) -> float | None:
    values = trial.get("values") or ()
    return values[-1] if values else None


FEW = 50
"""Of fewer trials the shares are rough: the intervals of a forest's importances stay wide."""


def list_importance(study: TuneData) -> dict[str, Any] | None:
    """List shares with their intervals, the largest first; None where too few trials tell."""
    found = study.content.get("importance")
    if not found:
        return None
    rows = sorted(found, key=lambda one: -float(one["share"]))
    return {"rows": rows, "few": len(study.trials) if len(study.trials) < FEW else None}


KEYS = ("low", "high", "log", "step", "choices", "only")


def list_space(study: TuneData) -> list[dict[str, str]]:
    """List the searched settings and their ranges."""
    return [
        {"path": dimension["path"], "range": _range(dimension), "only": _only(dimension), "says": dimension["says"]}
        for dimension in study.space
    ]


def _range(one: Dimension) -> str:
    if one.get("choices"):
        return ", ".join(map(value_text, one["choices"]))
    step = f", in steps of {one['step']}" if one.get("step") else ""
    return f"{value_text(one['low'])} to {value_text(one['high'])}{', logarithmic' if one['log'] else ''}{step}"


def _only(one: Dimension) -> str:
    """Say where the setting is there at all; empty where it always is."""
    return "; ".join(
        f"{path} is {' or '.join(map(value_text, values))}" for path, values in (one.get("only") or {}).items()
    )


def write_space_file(study: TuneData) -> list[str]:
    """Write the space as TOML, line by line; none where a setting stands for several, as the default space has it."""
    if any(dimension.get("scales") for dimension in study.space):
        return []
    tables: dict[str, Any] = {}
    for dimension in sorted(study.space, key=_is_member):  # as a reader puts them first, and the order must stay
        *sections, name = dimension["path"].split(".")
        below = tables
        for section in sections:
            below = below.setdefault(section, {})
        below[name] = {key: dimension[key] for key in KEYS if dimension.get(key) not in (None, [], {})}
    return tomli_w.dumps(tables).splitlines()


def _is_member(one: Dimension) -> bool:
    """Say whether a setting chooses a part, such as optimizer.name."""
    return str(one["path"]).endswith(".name")
