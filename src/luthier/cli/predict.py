"""luthier predict: classes and probabilities for files."""

from pathlib import Path
from typing import Annotated

import typer

from luthier.cli.options import Json, RunPath
from luthier.cli.output import emit, table


def predict(
    run: RunPath,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Pictures, or .npy and .npz arrays.")],
    json: Json = False,
) -> None:
    """Classify pictures or table rows.

    Example: luthier predict runs/20260101-120000-digits-lenet5 seven.png
    """
    from luthier.predict import predict_files
    from luthier.run import Run

    predictions = predict_files(Run(run), files)
    if json:
        emit({"predictions": predictions})
        return
    table(("file", "class", "probability"), ((one["file"], one["class"], one["probability"]) for one in predictions))
