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

    result = compared(runs)
    if json:
        emit(result)
        return
    for comparison in result["comparisons"]:
        _print(comparison, several=len(result["comparisons"]) > 1)


def _print(difference: dict[str, Any], several: bool) -> None:
    print(f"{difference['second']} less {difference['first']}:")
    if not difference["paired"]:
        print(f"not paired: {difference['why_not']}")
        return
    headings = ["metric", "better", "difference", "from", "to", "n", "p", *(["p, Holm's"] if several else []), "by"]
    print_table(headings, [_row(difference, several) for difference in difference["differences"]])
    print(conclude(difference["differences"][0], several))
    if difference["over"] == "examples":
        print("one training of each: nothing is said about other seeds; train both with --seeds for that")


def _row(difference: dict[str, Any], several: bool) -> list[Any]:
    low, high = difference["interval"] or (None, None)
    adjusted = [difference.get("p_holm")] if several else []
    by = f"{difference['method']}; {difference['test']} test" if difference["test"] else difference["method"]
    return [
        difference["metric"],
        difference["better"],
        difference["difference"],
        low,
        high,
        difference["n"],
        difference["p"],
        *adjusted,
        by,
    ]


def conclude(difference: dict[str, Any], several: bool) -> str:
    """State the result for the deciding metric in one sentence."""
    if difference["interval"] is None:
        return f"{difference['metric']}: no interval; there are too few, or no two that differ"
    low, high = difference["interval"]
    p = difference.get("p_holm" if several else "p")
    if low <= 0 <= high or (p is not None and p >= 0.05):
        ends = f"{format_cell(low)} to {format_cell(high)}"
        return f"{difference['metric']}: not resolved; differences from {ends} fit what was seen"
    better = (difference["difference"] > 0) == (difference["better"] == "higher")
    return f"{difference['metric']}: the second is {'better' if better else 'worse'}"
