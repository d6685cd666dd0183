"""How each layer fared and where the time went, from histories that tell."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from luthier.report.chart import Chart, Line
from luthier.report.learning import Row, is_number, steps_per_epoch

FIGURES = {
    "gradient": ("Gradient norm of each layer", True, False),
    "activation": ("Activation of each layer", True, False),
    "update_ratio": ("Update-to-weight ratio of each layer", True, False),
    "dead": ("Dead units of each layer", False, True),
}
"""What a row says of a layer: title, whether it spans powers of ten, whether it is a share."""
SPREAD = 1e3


def health_charts(history: Sequence[Row]) -> list[Chart]:
    """One chart for each figure of the layers over epochs; none where the history does not tell."""
    rows, per_epoch = [row for row in history if row.get("health")], steps_per_epoch(history)
    charts = []
    for figure, (title, log, share) in FIGURES.items():
        found: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for row in rows:
            for layer, values in row["health"].items():
                if is_number(values.get(figure)):
                    found[layer or "network"].append((row["step"] / per_epoch, values[figure]))
        lines = [Line(layer, points) for layer, points in found.items()]
        charts.append(Chart(title, "epochs", lines, log=log, share=share))
    return [one for one in charts if one.lines]


def gradient_spread(history: Sequence[Row]) -> str:
    """Say how far the gradients of the first and the last layer are apart; empty where the history does not tell."""
    rows = [row["health"] for row in history if row.get("health")]
    gradients = [[layer.get("gradient") for layer in one.values()] for one in rows]
    ends = [(one[0], one[-1]) for one in gradients]
    ratios = sorted(first / last for first, last in ends if is_number(first) and is_number(last) and last > 0)
    if not ratios:
        return ""
    middle = ratios[len(ratios) // 2]
    told = (
        f"The gradient of the first layer is {middle:.3g} times that of the last, at the median of {len(ratios)} reads"
    )
    if middle < 1 / SPREAD:
        return f"{told}: it vanishes on its way back."
    return f"{told}: it explodes on its way back." if middle > SPREAD else f"{told}."


def phases(history: Sequence[Row]) -> list[dict[str, Any]]:
    """Seconds of each phase of the training and its share of them all; none where the history does not tell."""
    seconds: dict[str, float] = defaultdict(float)
    for row in history:
        for name, value in (row.get("seconds_by_phase") or {}).items():
            seconds[name] += value
    total = sum(seconds.values())
    return [{"name": name, "seconds": one, "share": one / total} for name, one in seconds.items() if total > 0]
