"""luthier find-lr: the loss over rising learning rates, and the rate to begin with."""

from pathlib import Path
from typing import Annotated, Any

import typer

from luthier.cli.options import DataDir, Device, Json, Quiet, Seed, Set, some_path, take_options, values_of
from luthier.cli.output import emit
from luthier.core.console import print_stderr
from luthier.study.tune.options import RateOptions

EVERY = 50


@take_options(RateOptions, before="seed")
def find_lr(
    data: Annotated[str | None, typer.Argument(metavar="DATA", help="Name of a data set, or its path.")] = None,
    model: Annotated[str | None, typer.Option(help="Name of an architecture.")] = None,
    recipe: Annotated[Path | None, typer.Option(help="Recipe to start from, a TOML file.")] = None,
    settings: Set = None,
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
    **options: Any,
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
            print_stderr(f"step {done}/{options['steps']}")

    result = find_learning_rate(
        values["data"]["source"], recipe=values, device=device, data_dir=data_dir, watch=watch, **options
    )  # fmt: skip
    save_rates(out, result.rates, result.losses, result.smoothed, result.suggestion)
    write_json(out.with_suffix(".json"), result.dump())
    if json:
        emit({"picture": str(out), **result.dump()})
    elif result.suggestion is None:
        span = f"{options['low']:g} and {result.rates[-1]:g}"
        print(f"the loss never falls between {span}; look at {out} and widen the range")
    else:
        print(f"suggested: --set optimizer.learning_rate={result.suggestion:.2g}  ({RULE})")
        print(f"the loss is lowest at {result.lowest:.2g}, an upper limit{'; it burst after' if result.burst else ''}")
        print(f"curve: {out}")
