"""luthier check: all problems of some data, before a training."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from luthier.cli.options import DataDir, Json, Quiet, some_path
from luthier.cli.output import emit, print_table

if TYPE_CHECKING:
    from luthier.data import DataConfig
    from luthier.data.check import Report


MOST_ROWS = 30


def check(
    data: Annotated[str, typer.Argument(metavar="DATA", help="Name of a data set, or path of a file or folder.")],
    out: Annotated[
        Path | None, typer.Option(metavar="PAGE", parser=some_path, help="Write an HTML page with pictures, too.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="data.NAME=VALUE", help="How the data are read, as in a recipe; repeat at will."),
    ] = None,
    data_dir: DataDir = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Say everything that is wrong with data.

    Bad files, duplicates, leaks, imbalance and more; the status is 1 where something would stop a training.

    Example: luthier check houses.csv --set data.target=price --out check.html
    """
    from luthier.core.console import print_stderr
    from luthier.core.errors import escape_name
    from luthier.core.files import write_atomic
    from luthier.data.check import examine
    from luthier.report.check_page import write_page

    check_place(out)
    report = examine(data, data_dir, _reading(settings or []), quiet=quiet)
    if out is not None:
        write_atomic(out, write_page(report).encode())
    if json:
        emit({**report.as_json(), **({"page": str(out)} if out is not None else {})})
    else:
        _print_report(report, out)
    if report.stops:
        print_stderr(f"luthier: a training on {escape_name(data)} would stop; mend what is reported first")
    raise typer.Exit(1 if report.stops else 0)


def _reading(settings: list[str]) -> "DataConfig":
    """Return how a recipe with these settings reads its data; other sections do not matter for this."""
    from luthier.core.errors import raise_all
    from luthier.data.loading import DEFAULT

    raise_all(
        f"check takes settings of the data alone, but got {one!r}; write --set data.NAME=VALUE"
        for one in settings
        if not one.startswith("data.")
    )
    if not settings:
        return DEFAULT

    from luthier.recipe.read import read_draft
    from luthier.recipe.values import with_setting

    values: dict[str, Any] = {}
    for one in settings:
        values = with_setting(values, one)
    return read_draft(values).data


def check_place(out: Path | None) -> None:
    """Refuse a page that cannot be written, before any work is done."""
    from luthier.core.errors import BadInput

    if out is not None and (out.is_dir() or not out.parent.is_dir()):
        raise BadInput(f"--out must be a file in an existing folder, but got {str(out)!r}; name one such as check.html")


def _print_report(report: "Report", out: Path | None) -> None:
    """Print the report for people."""
    from luthier.core.errors import escape_name
    from luthier.report.check_page import summarise

    for finding in report.findings:
        print(f"{finding.severity}  {finding.kind}: {escape_name(finding.line)}")
    if report.counts:
        _print_classes(report.counts)
    print(f"{escape_name(report.name)}: {summarise(report)}")
    if out is not None:
        print(f"page: {out}")


def _print_classes(counts: list[dict[str, Any]]) -> None:
    """Print a row for each class; of many only the smallest."""
    some = counts if len(counts) <= MOST_ROWS else sorted(counts, key=lambda row: row["n"])[:MOST_ROWS]
    print_table(list(some[0]), (list(row.values()) for row in some))
    if len(counts) > MOST_ROWS:
        print(f"the {MOST_ROWS} smallest of {len(counts):,} classes")
