"""luthier mislabelled: the labels that are most likely wrong."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from luthier.cli.check import check_place
from luthier.cli.options import DataDir, Json, some_path
from luthier.cli.output import emit, print_table

if TYPE_CHECKING:
    from luthier.study.mislabelled import LabelIssues


def mislabelled(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN-OR-STUDY", parser=some_path, help="Directory of a run, or better of a study in folds."
        ),
    ],
    top: Annotated[int, typer.Option(min=1, help="How many to list, the most doubtful first.")] = 50,
    out: Annotated[
        Path | None, typer.Option(metavar="PAGE", parser=some_path, help="Write an HTML page with pictures, too.")
    ] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List the examples whose labels are most likely wrong.

    A study in folds judges each by networks that never saw it. A run judges those that it was trained on, too.

    Example: luthier mislabelled runs/20260101-120000-digits-lenet5 --out doubtful.html
    """
    from luthier.core.files import write_atomic
    from luthier.report.mislabelled_page import write_page
    from luthier.study.mislabelled import find_label_issues as judge

    check_place(out)
    issues = judge(run, data_dir=data_dir)
    rows = issues.rows(top)
    if out is not None:
        write_atomic(out, write_page(issues.dataset, _summary(issues, len(rows)), rows).encode())
    if json:
        emit(_as_json(run, issues, rows, out))
        return
    keys = ("name", "label", "label_probability", "likelier", "probability")
    if rows:
        print_table(
            ("example", "label", "probability", "likelier", "probability"), ([one[key] for key in keys] for one in rows)
        )
    print(_summary(issues, len(rows)))
    if out is not None:
        print(f"page: {out}")


def _summary(issues: "LabelIssues", shown: int) -> str:
    """Describe how the labels were judged, and the result."""
    count, judged = len(issues.found.order), len(issues.judged)
    seen = judged - int(issues.fresh.sum())
    by_whom = (
        f"; {seen:,} of them were judged by a network trained on them, which may have learned what is wrong: "
        "a study with --folds 5 sees more"
        if seen
        else ", each by networks that never saw it"
    )
    listed = f", the {shown} most doubtful listed" if shown < count else ""
    return (
        f"{count:,} of {judged:,} labels are doubtful{listed}; about {issues.found.estimate:,.0f} may be wrong in all"
        f"{by_whom}"
    )


def _as_json(run: Path, issues: "LabelIssues", rows: list[dict[str, Any]], out: Path | None) -> dict[str, Any]:
    return {
        "run": str(run),
        "examples": len(issues.judged),
        "fresh": int(issues.fresh.sum()),
        "doubtful": len(issues.found.order),
        "estimate": issues.found.estimate,
        "mislabelled": rows,
        **({"page": str(out)} if out is not None else {}),
    }
