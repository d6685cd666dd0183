"""luthier fsck: is everything in a run or study whole?"""

from pathlib import Path
from typing import Annotated

import typer

from luthier.cli.options import Json, some_path
from luthier.cli.output import emit


def fsck(
    path: Annotated[
        Path, typer.Argument(metavar="RUN-OR-STUDY", parser=some_path, help="Directory of a run or a study.")
    ],
    json: Json = False,
) -> None:
    """Verify every file of a run or study.

    Checksums, seals and what the files say of each other; the status is 1 where something is wrong.

    Example: luthier fsck runs/20260101-120000-digits-lenet5
    """
    from luthier.study.verify import fsck as problems_of

    problems = problems_of(path)
    if json:
        emit({"ok": not problems, "problems": problems})
    else:
        print("\n".join(problems) or f"{path} is whole")
    raise typer.Exit(1 if problems else 0)
