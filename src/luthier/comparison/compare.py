"""The first of some runs or studies beside each other one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from luthier.comparison.difference import differences
from luthier.comparison.pairing import why_not_paired
from luthier.comparison.subject import RUN, ComparedRun, open_compared
from luthier.core.declare import Part
from luthier.core.errors import BadInput
from luthier.stats import holm
from luthier.study import Folds, Seeds

OVER = {RUN: "examples", Seeds.kind: "seeds and examples", Folds.kind: "folds"}
"""What subjects of each kind are paired over."""


def compare(paths: Sequence[Path | str], own: Sequence[type[Part]] = ()) -> dict[str, Any]:
    """Compare the first run or study with each further one, from what they answered on their test parts.

    Two runs on the same test part are paired over its examples; two studies under the same seeds over seeds and
    examples; two studies in the same folds over folds. No test part is read again.

    paths: two or more finished runs, or studies of seeds or folds. own: classes of the user's own parts in the recipes.
    Returns `subjects`, what each came to, and `comparisons`, each with `paired`, `why_not`, `over`, and `differences`
    by metric: second less first, its interval, how it was found, a p-value, and `p_holm`, which allows for the number
    of comparisons. The first of them is the metric that decides in the first recipe; the interval is None where none is
    known that holds.
    Raises BadInput where there are fewer than two, or where one is not finished.
    """
    if len(paths) < 2:
        raise BadInput(f"a comparison needs two runs or studies, but got {len(paths)}; name another")
    first, *others = [open_compared(Path(path), own) for path in paths]
    comparisons = [_compare_two(first, other) for other in others]
    _adjust([one["differences"] for one in comparisons])
    return {"subjects": [one.to_dict() for one in (first, *others)], "comparisons": comparisons}


def _compare_two(first: ComparedRun, second: ComparedRun) -> dict[str, Any]:
    reason = why_not_paired(first, second)
    return {
        "first": str(first.path),
        "second": str(second.path),
        "paired": reason is None,
        "why_not": reason,
        "over": None if reason else OVER[first.kind],
        "differences": [] if reason else [one.to_dict() for one in differences(first, second)],
    }


def _adjust(found: list[list[dict[str, Any]]]) -> None:
    """Add p-values that allow for the number of comparisons, metric by metric."""
    tested = [one for differences in found for one in differences if one["p"] is not None]
    for metric in dict.fromkeys(one["metric"] for one in tested):
        alike = [one for one in tested if one["metric"] == metric]
        for one, p in zip(alike, holm([one["p"] for one in alike]), strict=True):
            one["p_holm"] = p
