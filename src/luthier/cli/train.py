"""luthier train: one recipe, one run; or one study of it, under several seeds, in folds or on more and more data."""

from pathlib import Path
from typing import Annotated, Any

import typer

from luthier.cli.options import (
    DataDir,
    Device,
    Json,
    Log,
    Monitor,
    Out,
    Quiet,
    Seed,
    Set,
    given_options,
    take_options,
    values_of,
)
from luthier.cli.output import print_run, print_study, write_page
from luthier.core.options import PoolOptions, declared_options, flag
from luthier.data.suffixes import TABLES, name_suffixes
from luthier.study.options import StudyOptions


@take_options(PoolOptions, before="seed")
@take_options(StudyOptions, before="learning_curve")
def train(
    context: typer.Context,
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="DATA",
            help="Name of a data set, or path of a folder of class folders of pictures, a .zip of one, a "
            f"{name_suffixes(*TABLES, '.npz')} file or an IDX folder.",
        ),
    ] = None,
    model: Annotated[str | None, typer.Option(help="Name of an architecture.")] = None,
    recipe: Annotated[Path | None, typer.Option(help="Recipe to start from, a TOML file.")] = None,
    settings: Set = None,
    epochs: Annotated[int | None, typer.Option(help="How often each example is seen.")] = None,
    learning_curve: Annotated[
        str | None,
        typer.Option(
            metavar="SIZES",
            help="Train on so many examples, such as 100,200,400, or auto; under 3 seeds each, or --seeds.",
        ),
    ] = None,
    extra: Annotated[
        str | None,
        typer.Option(metavar="DATA", help="Further labelled examples, which join the training part alone."),
    ] = None,
    unlabelled: Annotated[
        str | None,
        typer.Option(metavar="DATA", help="Examples whose labels are not looked at, for tricks that learn from them."),
    ] = None,
    monitor: Monitor = None,
    calibrate: Annotated[
        bool,
        typer.Option("--calibrate", help="Make probabilities honest: fit a temperature on the validation part."),
    ] = False,
    seed: Seed = None,
    out: Out = None,
    data_dir: DataDir = None,
    device: Device = "auto",
    allow_leaks: Annotated[
        bool, typer.Option("--allow-leaks", help="Go on where given parts share examples; the result says so.")
    ] = False,
    log: Log = None,
    quiet: Quiet = False,
    json: Json = False,
    **options: Any,
) -> None:
    """Train one recipe into a run.

    The test part is read once, at the end. The page report.html beside the run shows what came of it.

    Example: luthier train digits --epochs 5 --set optimizer.learning_rate=0.003
    """
    from luthier import api

    counts = {name: options[name] for name in declared_options(StudyOptions)}
    asked = _study_options(counts, learning_curve)
    of_recipe: dict[str, Any] = {"training.epochs": epochs, "seed": seed}
    of_recipe |= {"data.extra": extra, "data.unlabelled": unlabelled}
    of_recipe["training.monitor"] = monitor
    of_recipe["training.calibration"] = "temperature" if calibrate else None
    values = values_of(data, model, recipe, settings or [], of_recipe)
    further: dict[str, Any] = {
        "recipe": values,
        "out": out,
        "device": device,
        "data_dir": data_dir,
        "quiet": quiet,
        "log": log or (),
        "allow_leaks": allow_leaks,
    }
    source = values["data"]["source"]
    written = given_options(context)
    if learning_curve is None and not any(counts.values()):
        _refuse_alone(written)
        run = api.train(source, **further)
        print_run(run, json, lambda: write_page(run.path, data_dir))
        return
    further |= {name: options[name] for name in declared_options(PoolOptions) if flag(name) in written}
    if counts["pseudo_labels"] is not None:
        study = api.train_pseudo_labels(source, **asked, **further)
    elif learning_curve is not None:
        study = api.train_curve(source, **asked, **further)
    elif counts["folds"] is not None:
        study = api.train_folds(source, **asked, **further)
    else:
        study = api.train_seeds(source, **asked, **further)
    print_study(study, json, lambda: write_page(study["study"], data_dir))


def _refuse_alone(written: dict[str, Any]) -> None:
    """Refuse what only a study is asked for where a single run is."""
    from luthier.core.errors import raise_all

    raise_all(
        f"{name} goes with a study, but got {name} {written[name]} alone; add --seeds 5, or leave it out"
        for name in map(flag, declared_options(PoolOptions))
        if name in written
    )


def _study_options(counts: dict[str, int | None], curve: str | None) -> dict[str, Any]:
    """What a study is asked for, as the Python functions take it; nothing for a single run."""
    from luthier.core.errors import BadInput, raise_all

    seeds, folds, repeats, rounds = counts.values()
    problems = []
    if folds is not None and (seeds is not None or curve is not None):
        other = "--seeds" if seeds is not None else "--learning-curve"
        problems.append(f"--folds asks for a study of its own, but {other} is there too; repeat folds with --repeats")
    if rounds is not None and (folds is not None or curve is not None):
        other = "--folds" if folds is not None else "--learning-curve"
        problems.append(f"--pseudo-labels asks for a study of its own, but {other} is there too; leave one of them out")
    if repeats is not None and folds is None:
        problems.append(f"--repeats goes with --folds, but got --repeats {repeats} alone; add --folds 5")
    raise_all(problems)
    StudyOptions(**counts).check()
    asked: dict[str, Any] = {"seeds": seeds, "folds": folds, "repeats": repeats, "rounds": rounds}
    if curve is not None and curve != "auto":
        try:
            asked["sizes"] = [int(one) for one in curve.split(",")]
        except ValueError:
            raise BadInput(
                f"--learning-curve takes auto or whole numbers with commas, but got {curve!r}; "
                "write for example --learning-curve 100,200,400"
            ) from None
    return {name: value for name, value in asked.items() if value is not None}
