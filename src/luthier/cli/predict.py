"""luthier predict: classes and probabilities, or values, for files."""

from pathlib import Path
from typing import Annotated

import typer

from luthier.cli.options import Json, RunPath, StatedUnits
from luthier.cli.output import emit, print_table
from luthier.data.suffixes import ARRAYS, TABLES, name_suffixes


def predict(
    run: RunPath,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help=f"Pictures, arrays ({name_suffixes(*ARRAYS)}) or tables ({name_suffixes(*TABLES)})."
        ),
    ],
    units: StatedUnits = None,
    json: Json = False,
) -> None:
    """Classify pictures or table rows, or predict their values.

    Example: luthier predict runs/20260101-120000-digits-lenet5 seven.png
    """
    from luthier.data.units import read_units
    from luthier.run import Run
    from luthier.run.predict import predict_files

    predictions = predict_files(Run(run), files, None if units is None else read_units(units))
    if json:
        emit({"predictions": predictions})
        return
    keys = [key for key in ("file", "id", "class", "probability", "value") if key in predictions[0]]
    print_table(keys, ([prediction[key] for key in keys] for prediction in predictions))
