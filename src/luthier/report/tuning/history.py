"""How a search went: every trial in order, the best so far, every trial's own curve."""

from dataclasses import replace

from luthier.report.chart import Chart, Line, Point, Spots
from luthier.report.learning import rows_in, series
from luthier.report.tuning.tuning import BEST, DEFAULT, LOST, RANDOM, SAMPLED, Trial, Tuning, make_steps

MOST_POINTS = 8_000
"""Of all curves of a chart together, so that the page stays small."""
STATES = {"finished": SAMPLED, "stopped": RANDOM}


def history(tuning: Tuning) -> Chart | None:
    """Scores by number of the trial, with the best so far; None before the first score."""
    if tuning.worst is None:
        return None
    spots = tuning.spots(lambda trial: trial["number"], lambda trial: "")
    given: list[Line | Spots] = [_best_so_far(tuning), *spots]
    title = f"Validation {tuning.metric} of each trial"
    return Chart(title, "number of the trial", given, share=tuning.share, nearest=True)


def _best_so_far(tuning: Tuning) -> Line:
    """A step wherever a finished trial is better than those before it."""
    found: list[Point] = []
    for trial in sorted(tuning.trials, key=lambda one: int(one["number"])):
        score = trial["score"] if trial["state"] == "finished" else None
        if score is not None and (not found or tuning.better(score, found[-1][1])):
            found.append((trial["number"], score))
    last = max(one["number"] for one in tuning.trials)
    return Line("best so far", make_steps([*found, *((last, y) for _, y in found[-1:])]), colour=BEST)


def curves(tuning: Tuning) -> list[Chart]:
    """The validation metric of every trial over its epochs, then once more without what is far worse."""
    lines = [one for one in (_curve(tuning, trial) for trial in tuning.trials) if one.points]
    if not lines or tuning.worst is None:
        return []
    worst = tuning.worst
    lines.sort(key=lambda one: one.colour in (DEFAULT, BEST))  # these lie above the others
    near = [replace(one, points=[p for p in one.points if not tuning.better(worst, p[1])]) for one in lines]
    charts = [
        Chart(f"Validation {tuning.metric} of each trial{among}", "epochs", some, share=tuning.share, nearest=True)
        for among, some in (("", lines), (f", {tuning.words(worst)} and better", near))
    ]
    return charts if near != lines else charts[:1]


def _curve(tuning: Tuning, trial: Trial) -> Line:
    """From the trial's own history where it is there, else from its scores in the ledger."""
    rows = rows_in(tuning.root / str(trial["directory"]).rpartition("/")[2])
    points = series(rows, "validation", tuning.metric, "").points
    points = points or sorted((float(epoch), score) for epoch, score in trial["scores"].items() if score is not None)
    every = -(-len(points) * len(tuning.trials) // MOST_POINTS) or 1
    thin = [*points[:-1:every], *points[-1:]]
    name = str(trial["state"])
    colour = STATES.get(name, LOST)
    if trial["how"] == "default":
        name, colour = "default", DEFAULT
    if trial["number"] == tuning.best:
        name, colour = "best", BEST
    return Line(f"trial {trial['number']}, {trial['state']}", thin, key=name, colour=colour)


def expected_best(tuning: Tuning) -> Chart | None:
    """What the best of n random trials would score; None where that is not known."""
    found = tuning.ledger.get("expected_best")
    if not found:
        return None
    line = Line("expected best", [(one["n"], one["mean"]) for one in found])
    return Chart(f"Expected best validation {tuning.metric} of n trials", "n", [line], share=tuning.share)
