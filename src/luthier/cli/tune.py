"""luthier tune: search hyperparameters, and keep what is found only where it holds on fresh seeds."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from luthier.cli.options import (
    DataDir,
    Device,
    Json,
    Monitor,
    Quiet,
    Seed,
    Set,
    given_options,
    some_path,
    take_options,
    values_of,
)
from luthier.cli.output import emit, print_result, print_table
from luthier.study.tune.options import TuneOptions

if TYPE_CHECKING:
    from luthier.study.tune.batch_size import BatchSizes


StudyOut = Annotated[
    Path | None,
    typer.Option(metavar="DIR", parser=some_path, help="The study's own directory; by default a new one under runs/."),
]
OF_A_MACHINE = {"--storage", "--workers", "--device", "--data-dir", "--quiet", "--json"}
OF_BATCH_SIZE = {
    "--batch-size", "DATA", "--model", "--recipe", "--set", "--seed", "--threads", "--data-dir", "--device", "--quiet",
    "--json",
}  # fmt: skip
OF_RESUME = {"--resume", "--trials", "--minutes", *OF_A_MACHINE}
"""What may stand beside an option that is no new study."""


@take_options(TuneOptions, before="batch_size", leave_out=("top",))
def tune(
    context: typer.Context,
    data: Annotated[
        str | None, typer.Argument(metavar="DATA", help="Name of a data set or path, as for train.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Name of an architecture.")] = None,
    recipe: Annotated[Path | None, typer.Option(help="Recipe to start from, a TOML file.")] = None,
    settings: Set = None,
    epochs: Annotated[int | None, typer.Option(help="Of a whole training, which most trials do not get.")] = None,
    monitor: Monitor = None,
    batch_size: Annotated[
        bool, typer.Option("--batch-size", help="Search nothing; measure which batches fit, and which are fastest.")
    ] = False,
    storage: Annotated[
        str | None, typer.Option(metavar="URL", help="Database that several machines share, postgresql://...")
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(metavar="STUDY", parser=some_path, help="Go on with a study that was cut off.")
    ] = None,
    seed: Seed = None,
    out: StudyOut = None,
    data_dir: DataDir = None,
    device: Device = "auto",
    allow_leaks: Annotated[bool, typer.Option("--allow-leaks", help="Go on where given parts share examples.")] = False,
    quiet: Quiet = False,
    json: Json = False,
    **options: Any,
) -> None:
    """Search hyperparameters; keep the winner only where it beats the default on fresh seeds.

    The recipe as given is the first trial. The best five race under seeds of their own, and the winner meets the
    default under others. What is kept is trained once more, and reads the test part once.

    Example: luthier tune digits --trials 24 --epochs 5
    """
    from luthier.study.tune import find_batch_size, resume_tune
    from luthier.study.tune import tune as search

    written = given_options(context)
    shared: dict[str, Any] = {"device": device, "data_dir": data_dir, "quiet": quiet, "storage": storage}
    if resume is not None:
        _alone(written, OF_RESUME, "--resume goes on with the plan of the study")
        end = {name: options[name] for name in ("trials", "minutes", "workers")}
        print_result(resume_tune(resume, **end, **shared), json)
        return
    of_recipe = {"training.epochs": epochs, "training.monitor": monitor, "seed": seed}
    values = values_of(data, model, recipe, settings or [], of_recipe)
    source = values["data"]["source"]
    if batch_size:
        _alone(written, OF_BATCH_SIZE, "--batch-size measures training steps and searches nothing")
        own: dict[str, Any] = {"device": device, "data_dir": data_dir, "quiet": quiet}
        print_batches(find_batch_size(source, recipe=values, threads=written.get("--threads"), **own), json)
        return
    print_result(search(source, recipe=values, out=out, allow_leaks=allow_leaks, **options, **shared), json)


def _alone(written: dict[str, Any], allowed: set[str], rule: str) -> None:
    """Refuse what means nothing beside an option that is no new study."""
    from luthier.core.errors import raise_all

    raise_all(
        f"{rule}, but got {name}{'' if value is True else f' {value}'}; leave it out, or start a new study"
        for name, value in written.items()
        if name not in allowed
    )


HEADINGS = ("batch size", "examples/s", "microseconds each", "memory in MB", "steps timed")


def print_batches(found: "BatchSizes", json: bool) -> None:
    """Print a row for each size, and the answer."""
    from luthier.study.tune.batch_size import RULE

    if json:
        emit(found.dump())
        return
    print_table(
        HEADINGS,
        (
            (
                one.size,
                round(one.examples_per_second),
                one.seconds_per_example * 1e6,
                round(one.memory / 1e6),
                one.steps,
            )
            for one in found.rows
        ),
    )
    print(f"largest: {found.largest} ({found.why})")
    print(f"fastest: {found.fastest} ({RULE})")
    print(f"train with it: --set training.batch_size={found.fastest}; a learning rate may fit it no more")
