"""luthier tune: search hyperparameters, and keep what is found only where it holds on fresh seeds."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from luthier.cli.options import DataDir, Device, Json, Monitor, Quiet, Seed, Set, given_options, some_path, values_of
from luthier.cli.output import emit, print_result, table

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
    trials: Annotated[int | None, typer.Option(help="Trials of the search; by default 24, or as time allows.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Time for everything, the runs after the search too.")] = None,
    space: Annotated[
        Path | None, typer.Option(metavar="F.toml", help="What is searched; by default six settings of the recipe.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Trials at once; by default one for each core.")] = None,
    threads: Annotated[
        int | None, typer.Option(help="Threads of each worker, by default 1; they decide the last bits of results.")
    ] = None,
    sampler: Annotated[
        str | None, typer.Option(help="tpe (by default), gp, random or quasi-random; a third is quasi-random anyway.")
    ] = None,
    pruner: Annotated[str | None, typer.Option(help="asha, hyperband or none: how early bad trials stop.")] = None,
    cost: Annotated[
        str | None, typer.Option(help="A second objective: parameters, flops or latency (milliseconds).")
    ] = None,
    race_seeds: Annotated[int, typer.Option(help="Seeds under which the best five race.")] = 3,
    fresh_seeds: Annotated[int, typer.Option(help="Seeds under which the winner meets the default; 0 for none.")] = 6,
    lr_only: Annotated[
        bool, typer.Option("--lr-only", help="Try only learning rates, around what find-lr suggests.")
    ] = False,
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
) -> None:
    """Search hyperparameters; keep the winner only where it beats the default on fresh seeds.

    The recipe as given is the first trial. The best five race under seeds of their own, and the winner meets the
    default under others. What is kept is trained once more, and reads the test part once.

    Example: luthier tune digits --trials 24 --epochs 5
    """
    from luthier.study.tune import find_batch_size, resume_tune
    from luthier.study.tune import tune as search

    shared: dict[str, Any] = {"device": device, "data_dir": data_dir, "quiet": quiet, "storage": storage}
    if resume is not None:
        _alone(given_options(context), OF_RESUME, "--resume goes on with the plan of the study")
        print_result(resume_tune(resume, trials=trials, minutes=minutes, workers=workers, **shared), json)
        return
    options = {"training.epochs": epochs, "training.monitor": monitor, "seed": seed}
    values = values_of(data, model, recipe, settings or [], options)
    source = values["data"]["source"]
    if batch_size:
        _alone(given_options(context), OF_BATCH_SIZE, "--batch-size measures training steps and searches nothing")
        own: dict[str, Any] = {"device": device, "data_dir": data_dir, "threads": threads, "quiet": quiet}
        print_batches(find_batch_size(source, recipe=values, **own), json)
        return
    asked: dict[str, Any] = {
        "trials": trials, "minutes": minutes, "space": space, "workers": workers,
        "threads": 1 if threads is None else threads, "sampler": sampler, "pruner": pruner, "cost": cost,
        "race_seeds": race_seeds, "fresh_seeds": fresh_seeds, "lr_only": lr_only,
    }  # fmt: skip
    print_result(search(source, recipe=values, out=out, allow_leaks=allow_leaks, **asked, **shared), json)


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
    table(
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
