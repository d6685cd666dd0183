"""luthier inspect: what is inside a network."""

from typing import Annotated, Any

import typer

from luthier.cli.options import Json
from luthier.cli.output import emit, print_table


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
    health: Annotated[
        bool, typer.Option("--health", help="Show instead how the layers of a run fared while it trained.")
    ] = False,
    json: Json = False,
) -> None:
    """Show what is inside a network.

    Layers, shapes, parameters, FLOPs and the memory of a training step; or with --health the gradient, activation,
    dead units and update of each layer of a run.

    Example: luthier inspect lenet5 --input 1x28x28
    """
    from luthier.report import inspection

    if health:
        _check_alone({"--input": input, "--classes": classes, "--memory": memory})
    description = inspection.read_health(what) if health else inspection.describe_network(what, input, classes, memory)
    if json:
        emit(description)
    elif health:
        _print_health(description)
    else:
        _print(description, memory)


def _check_alone(others: dict[str, Any]) -> None:
    """Refuse options that do nothing together with the health of a run's layers."""
    from luthier.core.errors import raise_all

    raise_all(
        f"--health shows a run as it was trained, but {name} {value} is there too; leave one of them out"
        for name, value in others.items()
        if value is not None
    )


def _print(description: dict[str, Any], memory: str | None) -> None:
    keys = ("name", "type", "output", "parameters", "flops", "saved_bytes")
    print_table(keys, ([_cell(row[key]) for key in keys] for row in description["layers"]))
    flops = "unknown" if description["flops"] is None else f"{description['flops']:,}"
    print(f"{description['parameters']:,} parameters, {flops} FLOPs per example forward")
    sizes = ", ".join(f"{one['bytes'] / 1e6:,.1f} MB at {one['batch_size']}" for one in description["memory"])
    print(f"memory of a training step by batch size: {sizes}")
    if memory:
        print(f"largest batch in {memory}: {description['largest_batch']:,}")


def _print_health(description: dict[str, Any]) -> None:
    """Print the layers' health in the first and last epoch, and how much their gradients differ."""
    first, last = description["epochs"][0], description["epochs"][-1]
    for epoch in (first, last) if last is not first else (last,):
        print(f"epoch {epoch['epoch']}, step {epoch['step']}:")
        keys = ("gradient", "activation", "dead", "update_ratio")
        print_table(
            ("layer", *keys), ((name, *(row.get(key) for key in keys)) for name, row in epoch["layers"].items())
        )
    gradients = [(row["gradient"], name) for name, row in last["layers"].items() if row.get("gradient") is not None]
    if gradients:
        (low, smallest), (high, largest) = min(gradients), max(gradients)
        print(f"gradient in epoch {last['epoch']}: from {low:.3g} ({smallest}) to {high:.3g} ({largest})")


def _cell(value: object) -> object:
    return "x".join(map(str, value)) if isinstance(value, list) else value
