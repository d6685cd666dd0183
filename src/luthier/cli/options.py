"""The options that several commands share, each declared once."""

from pathlib import Path
from typing import Annotated

import typer


def some_path(text: str) -> Path:
    """Refuse an empty path, which would be the directory that one is in."""
    if not text:
        raise typer.BadParameter("a path must not be empty")
    return Path(text)


Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else there.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
DataDir = Annotated[
    Path | None,
    typer.Option(metavar="DIR", parser=some_path, help="Folder where named data sets are looked for first."),
]
Log = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Send the history to tensorboard or mlflow as well; repeat for both."),
]
Seed = Annotated[int | None, typer.Option(help="Seed of everything but the test part, which never moves.")]
Out = Annotated[
    Path | None,
    typer.Option(metavar="DIR", parser=some_path, help="The run's own directory; by default a new one under runs/."),
]
RunPath = Annotated[Path, typer.Argument(metavar="RUN", parser=some_path, help="Directory of a run.")]
