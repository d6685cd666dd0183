"""The trials that no other one beats in both objectives."""

from typing import Any

from luthier.report.chart import Chart, Line, Spots
from luthier.report.tuning.tuning import BEST, Trial, Tuning, make_steps, value_text

DECADE = 10


def front(tuning: Tuning) -> dict[str, Any] | None:
    """A chart of both objectives and a table of the front; None where there is one objective."""
    found = tuning.ledger.get("front")
    if not found:
        return None
    names = list(tuning.ledger["objectives"])
    rows = [{"trial": one["trial"], "values": _words(tuning, one["values"])} for one in found]
    return {"chart": _chart(tuning, names[1]), "names": names, "rows": rows}


def _words(tuning: Tuning, values: list[float]) -> list[str]:
    return [tuning.words(values[0]), *(f"{one:,}" if isinstance(one, int) else value_text(one) for one in values[1:])]


def _chart(tuning: Tuning, name: str) -> Chart:
    """The first objective over the second."""
    points = sorted((one["values"][1], one["values"][0]) for one in tuning.ledger["front"])
    seconds = [second for trial in tuning.trials if (second := _second(trial)) is not None]
    log = min(seconds, default=0) > 0 and max(seconds) >= DECADE * min(seconds)
    spots = tuning.spots(_second, lambda trial: f", {name} {value_text(_second(trial))}")
    given: list[Line | Spots] = [Line("Pareto front", make_steps(points), colour=BEST), *spots]
    title = f"{tuning.metric} and {name}"
    return Chart(title, name, given, log_across=log, share=tuning.share, nearest=True)


def _second(trial: Trial) -> float | None:
    values = trial.get("values") or ()
    return values[-1] if values else None
