"""luthier preview: what the augmentations do, as a picture."""

from pathlib import Path
from typing import Annotated

import typer

from luthier.cli.options import DataDir, Json, Seed, Set, some_path, values_of
from luthier.cli.output import emit


def preview(
    data: Annotated[
        str | None, typer.Argument(metavar="DATA", help="Name of a data set, or path of an .npz file or IDX folder.")
    ] = None,
    recipe: Annotated[Path | None, typer.Option(help="Recipe to start from, a TOML file.")] = None,
    settings: Set = None,
    examples: Annotated[int, typer.Option(min=1, help="Rows: training examples to show.")] = 8,
    draws: Annotated[int, typer.Option(min=1, help="Columns after the first, which is the example itself.")] = 9,
    seed: Seed = None,
    out: Annotated[
        Path, typer.Option(metavar="FILE", parser=some_path, help="The picture, a PNG file; it is replaced.")
    ] = Path("preview.png"),
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Show what the augmentations of a recipe do.

    Each row begins with a training example; the rest of the row are draws.

    Example: luthier preview digits --set augment.rotation.degrees=20 --set augment.noise.std=0.1
    """

    from luthier.data import DataArguments
    from luthier.recipe.resolve import load_and_resolve
    from luthier.report.preview import preview as sheet_of
    from luthier.report.preview import save_preview

    values = values_of(data, None, recipe, settings or [], {"seed": seed})
    chosen, dataset = load_and_resolve(DataArguments(values["data"]["source"], data_dir), recipe=values)
    save_preview(sheet_of(dataset, chosen, examples, draws), out)
    names = [part.name for part in chosen.augment]
    if json:
        emit({"preview": str(out), "examples": examples, "draws": draws, "augmentations": names})
        return
    print(f"preview of {', '.join(names)}: {out}")
