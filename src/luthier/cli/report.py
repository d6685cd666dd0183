"""luthier report: the page of a run or a study."""

from typing import Annotated

import typer

from luthier.cli.options import DataDir, Json, RunPath
from luthier.cli.output import emit


def report(
    run: RunPath,
    data: Annotated[
        str | None, typer.Option(metavar="DATA", help="The run's own data, where they lie elsewhere now.")
    ] = None,
    data_dir: DataDir = None,
    show: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
    json: Json = False,
) -> None:
    """Write the page of a run or a study: one HTML file that needs nothing else.

    It shows what the run answered on its test part; that part is not read again.

    Example: luthier report runs/20260101-120000-digits-lenet5 --open
    """
    import webbrowser

    from luthier.report.report import report as written

    path = written(run, data=data, data_dir=data_dir)
    if json:
        emit({"report": str(path)})
    else:
        print(f"report: {path}")
    if show:
        webbrowser.open(path.resolve().as_uri())
