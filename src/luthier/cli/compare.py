"""luthier compare: is one run or study better than another?"""

from pathlib import Path
from typing import Annotated, Any

import typer

from luthier.cli.options import Json, some_path
from luthier.cli.output import emit, format_cell, print_table


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN-OR-STUDY...", parser=some_path, help="Two or more; the first is compared with each other one."
        ),
    ],
    json: Json = False,
) -> None:
    """Compare the first run or study with the others.

    Paired where they were tested on the same, with the difference, its interval and a test; else it is said why not.

    Example: luthier compare runs/first runs/second
    """
    from luthier.study.compare import compare as compared

    found = compared(runs)
    if json:
        emit(found)
        return
    for one in found["comparisons"]:
        _print(one, several=len(found["comparisons"]) > 1)


def _print(one: dict[str, Any], several: bool) -> None:
    print(f"{one['second']} less {one['first']}:")
    if not one["paired"]:
        print(f"not paired: {one['why_not']}")
        return
    headings = ["metric", "better", "difference", "from", "to", "n", "p", *(["p, Holm's"] if several else []), "by"]
    print_table(headings, [_row(difference, several) for difference in one["differences"]])
    print(conclude(one["differences"][0], several))
    if one["over"] == "examples":
        print("one training of each: nothing is said about other seeds; train both with --seeds for that")


def _row(one: dict[str, Any], several: bool) -> list[Any]:
    low, high = one["interval"] or (None, None)
    adjusted = [one.get("p_holm")] if several else []
    by = f"{one['method']}; {one['test']} test" if one["test"] else one["method"]
    return [one["metric"], one["better"], one["difference"], low, high, one["n"], one["p"], *adjusted, by]


def conclude(one: dict[str, Any], several: bool) -> str:
    """State the result for the deciding metric in one sentence."""
    if one["interval"] is None:
        return f"{one['metric']}: no interval; there are too few, or no two that differ"
    low, high = one["interval"]
    p = one.get("p_holm" if several else "p")
    if low <= 0 <= high or (p is not None and p >= 0.05):
        ends = f"{format_cell(low)} to {format_cell(high)}"
        return f"{one['metric']}: not resolved; differences from {ends} fit what was seen"
    better = (one["difference"] > 0) == (one["better"] == "higher")
    return f"{one['metric']}: the second is {'better' if better else 'worse'}"
