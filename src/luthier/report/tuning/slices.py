"""Each searched setting alone: scores against its values, and where its range ended too early."""

from typing import Any

from luthier.report.chart import Chart, Key
from luthier.report.tuning.tuning import Dimension, Trial, Tuning, value_text

SPREAD, GOLDEN = 0.5, 0.618
"""Trials of one choice are spread over half of its room, each next one by the golden section."""


def slices(tuning: Tuning) -> list[dict[str, Any]]:
    """For each setting its chart, and in words whether the best trial lies at an end of it."""
    if tuning.worst is None:
        return []
    return [{"chart": _chart(tuning, one), "told": _describe(tuning, one)} for one in tuning.space]


def slices_key(tuning: Tuning) -> list[Key]:
    """What the marks of all these charts mean."""
    return Chart("", "", tuning.spots(lambda trial: 0.0, lambda trial: "")).key


def _chart(tuning: Tuning, one: Dimension) -> Chart:
    path, name = one["path"], tuning.names[one["path"]]
    spots = tuning.spots(
        lambda trial: _across(one, trial), lambda trial: f", {name} {value_text(trial['params'][path])}"
    )
    if one.get("choices"):
        names = [value_text(choice) for choice in one["choices"]]
        return Chart(path, name, spots, share=tuning.share, names=names, nearest=True)
    return Chart(
        path,
        name,
        spots,
        log_across=bool(one["log"]),
        share=tuning.share,
        edges=(one["low"], one["high"]),
        hits=[hit["end"] for hit in _hits(tuning, path)],
        nearest=True,
    )


def _across(one: Dimension, trial: Trial) -> float | None:
    """Where a trial's value lies; None where it has none that the chart could show."""
    value, choices = trial["params"].get(one["path"]), one.get("choices")
    if choices:
        return choices.index(value) + _aside(trial["number"]) if value in choices else None
    return None if value is None or (one["log"] and value <= 0) else float(value)


def _aside(number: int) -> float:
    """How far beside the middle of its choice a trial is drawn, so that trials do not hide one another."""
    return SPREAD * (number * GOLDEN % 1 - 0.5)


def _hits(tuning: Tuning, path: str) -> list[dict[str, Any]]:
    return [one for one in tuning.ledger.get("boundary") or () if one["path"] == path]


def _describe(tuning: Tuning, one: Dimension) -> list[str]:
    return [
        f"The best trial has {value_text(hit['value'])}, at the {hit['end']} end of the range "
        f"{value_text(one['low'])} to {value_text(one['high'])}: a better value may lie beyond it; widen it."
        for hit in _hits(tuning, one["path"])
    ]
