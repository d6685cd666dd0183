"""luthier list: the catalogue."""

from typing import Annotated

import typer

from luthier.cli.options import Json
from luthier.cli.output import emit, print_table


def list_(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="activations, architectures, augmentations, data, initialisers, layers, losses, metrics, optimizers, "
            "sampling, schedules, splits or tricks.",
        ),
    ],
    json: Json = False,
) -> None:
    """List what a recipe may name, each with its card.

    Example: luthier list optimizers
    """
    from luthier.recipe.catalogue import items

    found = items(kind)
    if json:
        emit({"items": found})
        return
    own = {"tricks": ("where",), "metrics": ("better", "tasks")}.get(kind, ())
    headings = ("name", *own, "summary", "source")
    print_table(headings, ([_cell(item[heading]) for heading in headings] for item in found))
    settings = [
        (f"{item['name']}.{each['name']}", each["default"], each["rule"], each["says"])
        for item in found
        for each in item.get("hyperparameters", [])
    ]
    if settings:
        print_table(("setting", "default", "legal values", "meaning"), settings)


def _cell(value: object) -> object:
    return ", ".join(value) if isinstance(value, list) else value
