"""luthier inspect: what is inside a network."""

from typing import Annotated

import typer

from luthier.cli.options import Json
from luthier.cli.output import emit, table


def inspect(
    what: Annotated[
        str, typer.Argument(metavar="NAME-OR-RECIPE-OR-RUN", help="An architecture, a recipe file or a run.")
    ],
    input: Annotated[
        str | None, typer.Option(metavar="CxHxW", help="Shape of one example, such as 1x28x28, 100x3 or 30.")
    ] = None,
    classes: Annotated[int | None, typer.Option(help="Number of classes; 10 by default, and a run's own.")] = None,
    memory: Annotated[
        str | None, typer.Option(metavar="SIZE", help="Say the largest batch that a training step fits in, as in 4GB.")
    ] = None,
    json: Json = False,
) -> None:
    """Show what is inside a network.

    Layers, shapes, parameters, FLOPs and the memory of a training step.

    Example: luthier inspect lenet5 --input 1x28x28
    """
    from luthier.inspection import inspection

    found = inspection(what, input, classes, memory)
    if json:
        emit(found)
        return
    keys = ("name", "type", "output", "parameters", "flops", "saved_bytes")
    table(keys, ([_cell(row[key]) for key in keys] for row in found["layers"]))
    flops = "unknown" if found["flops"] is None else f"{found['flops']:,}"
    print(f"{found['parameters']:,} parameters, {flops} FLOPs per example forward")
    sizes = ", ".join(f"{one['bytes'] / 1e6:,.1f} MB at {one['batch_size']}" for one in found["memory"])
    print(f"memory of a training step by batch size: {sizes}")
    if memory:
        print(f"largest batch in {memory}: {found['largest_batch']:,}")


def _cell(value: object) -> object:
    return "x".join(map(str, value)) if isinstance(value, list) else value
