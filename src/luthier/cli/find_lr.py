"""luthier find-lr: the loss over rising learning rates, and the rate to begin with."""

from pathlib import Path
from typing import Annotated

import typer

from luthier.cli.options import DataDir, Device, Json, Quiet, Seed, Set, some_path, values_of
from luthier.cli.output import emit
from luthier.core.console import print_stderr

EVERY = 50


def find_lr(
    data: Annotated[str | None, typer.Argument(metavar="DATA", help="Name of a data set, or its path.")] = None,
    model: Annotated[str | None, typer.Option(help="Name of an architecture.")] = None,
    recipe: Annotated[Path | None, typer.Option(help="Recipe to start from, a TOML file.")] = None,
    settings: Set = None,
    low: Annotated[float, typer.Option(help="First rate.")] = 1e-6,
    high: Annotated[float, typer.Option(help="Last rate, unless the loss bursts before.")] = 10.0,
    steps: Annotated[int, typer.Option(help="Training steps, at least 20.")] = 200,
    seed: Seed = None,
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE", parser=some_path, help="The curve, a PNG file, its numbers beside it as .json; replaced."
        ),
    ] = Path("learning-rate.png"),
    data_dir: DataDir = None,
    device: Device = "auto",
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Find a learning rate: train a while at rising rates.

    The network is thrown away. The rate at which the smoothed loss falls fastest is suggested.

    Example: luthier find-lr digits --set optimizer.name=momentum
    """
    from luthier.charts.learning_rates import check_picture, save_rates
    from luthier.core.files import write_json
    from luthier.study.tune.learning_rate_finder import RULE, find_learning_rate

    check_picture(out)
    values = values_of(data, model, recipe, settings or [], {"seed": seed})

    def watch(done: int) -> None:
        if not quiet and done % EVERY == 0:
            print_stderr(f"step {done}/{steps}")

    found = find_learning_rate(
        values["data"]["source"], recipe=values, device=device, data_dir=data_dir, low=low, high=high, steps=steps,
        watch=watch,
    )  # fmt: skip
    save_rates(out, found.rates, found.losses, found.smoothed, found.suggestion)
    write_json(out.with_suffix(".json"), found.dump())
    if json:
        emit({"picture": str(out), **found.dump()})
    elif found.suggestion is None:
        print(f"the loss never falls between {low:g} and {found.rates[-1]:g}; look at {out} and widen the range")
    else:
        print(f"suggested: --set optimizer.learning_rate={found.suggestion:.2g}  ({RULE})")
        print(f"the loss is lowest at {found.lowest:.2g}, an upper limit{'; it burst after' if found.burst else ''}")
        print(f"curve: {out}")
