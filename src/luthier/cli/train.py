"""luthier train: one recipe, one run; or one study of it, under several seeds, in folds or on more and more data."""

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from luthier.cli.options import DataDir, Device, Json, Log, Out, Quiet, Seed
from luthier.cli.output import emit, format_cell, reads, summary
from luthier.core.number import count_noun
from luthier.core.say import print_stderr

if TYPE_CHECKING:
    from luthier.run import Run

Page = Callable[[], str | None]
"""Makes or finds a page and says where it lies; None where there is none."""
Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="One setting of the recipe; repeat at will.")
]
Monitor = Annotated[
    str | None,
    typer.Option(metavar="METRIC", help="What decides on the validation part; luthier list metrics knows them."),
]


def train(
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="DATA",
            help="Name of a data set, or path of a folder of class folders of pictures, a .zip of one, a .csv, "
            ".parquet or .npz file or an IDX folder.",
        ),
    ] = None,
    model: Annotated[str | None, typer.Option(help="Name of an architecture.")] = None,
    recipe: Annotated[Path | None, typer.Option(help="Recipe to start from, a TOML file.")] = None,
    settings: Set = None,
    epochs: Annotated[int | None, typer.Option(help="How often each example is seen.")] = None,
    seeds: Annotated[
        int | None, typer.Option(help="Train under this many seeds and print the mean with its interval.")
    ] = None,
    folds: Annotated[
        int | None, typer.Option(help="Train on all folds but one, for each of this many, and print the mean.")
    ] = None,
    repeats: Annotated[int | None, typer.Option(help="Deal the folds this many times.")] = None,
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
    pseudo_labels: Annotated[
        int | None,
        typer.Option(metavar="ROUNDS", help="Label the unlabelled examples in so many rounds, and train on them too."),
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
) -> None:
    """Train one recipe into a run.

    The test part is read once, at the end. The page report.html beside the run shows what came of it.

    Example: luthier train digits --epochs 5 --set optimizer.learning_rate=0.003
    """
    from luthier import api

    asked = _study_options(seeds, folds, repeats, learning_curve, pseudo_labels)
    options: dict[str, Any] = {"training.epochs": epochs, "seed": seed}
    options |= {"data.extra": extra, "data.unlabelled": unlabelled}
    options["training.monitor"] = monitor
    options["training.calibration"] = "temperature" if calibrate else None
    values = values_of(data, model, recipe, settings or [], options)
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
    if pseudo_labels is None and seeds is None and folds is None and learning_curve is None:
        run = api.train(source, **further)
        print_run(run, json, lambda: write_page(run.path, data_dir))
        return
    if pseudo_labels is not None:
        study = api.train_pseudo_labels(source, rounds=pseudo_labels, **asked, **further)
    elif learning_curve is not None:
        study = api.train_curve(source, **asked, **further)
    elif folds is not None:
        study = api.train_folds(source, **asked, **further)
    else:
        study = api.train_seeds(source, **asked, **further)
    print_study(study, json, lambda: write_page(study["study"], data_dir))


def _study_options(
    seeds: int | None, folds: int | None, repeats: int | None, curve: str | None, rounds: int | None
) -> dict[str, Any]:
    """What a study is asked for, as the Python functions take it; nothing for a single run."""
    from luthier.core.errors import BadInput, raise_all

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
    asked: dict[str, Any] = {"seeds": seeds, "folds": folds, "repeats": repeats}
    if curve is not None and curve != "auto":
        try:
            asked["sizes"] = [int(one) for one in curve.split(",")]
        except ValueError:
            raise BadInput(
                f"--learning-curve takes auto or whole numbers with commas, but got {curve!r}; "
                "write for example --learning-curve 100,200,400"
            ) from None
    return {name: value for name, value in asked.items() if value is not None}


def values_of(
    data: str | None, model: str | None, recipe: Path | None, settings: list[str], options: dict[str, Any]
) -> dict[str, Any]:
    """Lay DATA and the options, by their place in a recipe, over the recipe, and --set over both."""
    from luthier.core.errors import BadInput
    from luthier.recipe import read_recipe, read_toml, with_setting, with_value

    values: dict[str, Any] = read_toml(recipe) if recipe else {}
    if not isinstance(values.get("data", {}), dict):
        read_recipe(values)  # says so, with all else that is wrong
    if any(one is not None for one in (data, options.get("data.extra"), options.get("data.unlabelled"))):
        values.get("data", {}).pop("fingerprint", None)
    for path, value in {"data.source": data, "model": model, **options}.items():
        if value is not None:
            values = with_value(values, path, value)
    for assignment in settings:
        values = with_setting(values, assignment)
    section = values.get("data", {})
    if not isinstance(section, dict) or not isinstance(section.get("source"), str):
        read_recipe(values)
        raise BadInput("train needs data, but neither DATA nor the recipe names any; for example: luthier train digits")
    return values


def print_run(run: "Run", json: bool, page: Page) -> None:
    """Print what came of a run, for people before its page is made."""
    result = run.result
    if json:
        emit({"run": str(run.path), "report": page(), **result})
        return
    if result["validation"]:
        print(f"validation  {summary(result['validation'], run.recipe.training.monitor)}")
    print(f"test        {summary(result['test'], run.recipe.training.monitor)}; {reads(result['test_reads'])}")
    if result.get("calibration"):
        print_calibration(result["calibration"])
    speed = f"{result['seconds']:.1f} s, {result['examples_per_second']:,.0f} examples/s"
    print(f"{result['parameters']:,} parameters, {count_noun(result['epochs'], 'epoch')}, {speed}")
    print_page(page)
    print(f"run: {run.path}")


def print_calibration(calibration: dict[str, Any]) -> None:
    """Print the temperature and what it did to the test part."""
    before, after = (format_cell(calibration["test"][when]["ece"]) for when in ("before", "after"))
    print(f"calibration temperature {format_cell(calibration['temperature'])}: test ece {before} before, {after} after")


def print_study(study: dict[str, Any], json: bool, page: Page) -> None:
    """Print what came of a study, for people before its page is made."""
    if json:
        emit({**study, "report": page()})
        return
    metric = study["metric"]
    if "points" in study:
        for point in study["points"]:
            print(f"{point['n']} examples: test {metric}, mean of {point['seeds']} seeds: {_mean(point, metric)}")
        print(f"picture: {study['picture']}")
    elif "by_round" in study:
        for one in study["by_round"]:
            figure = _mean(one, metric) if one["n"] > 1 else f"{one['mean']:{_form(metric)}}"
            print(f"round {one['round']}: test {metric}, {one['n']} seed{'s' * (one['n'] > 1)}: {figure}")
    else:
        over = "folds" if "folds" in study else "seeds"
        print(f"test {metric}, mean of {study['test']['n']} {over}: {_mean(study['test'], metric)}")
    print_page(page)
    print(f"study: {study['study']}")


def write_page(path: Path | str, data_dir: Path | None) -> str | None:
    """Write the page of what was just trained and say where; where that fails, warn: the result stands without it."""
    import warnings

    from luthier.core.errors import LuthierWarning
    from luthier.reporting import report

    try:
        with warnings.catch_warnings(action="ignore", category=LuthierWarning):  # the training said it all
            return str(report(path, data_dir=data_dir, quiet=True))
    except (Exception, KeyboardInterrupt) as error:  # whatever it is, what was trained is not lost for it
        why = f"{type(error).__name__}: {error}".rstrip(": ")
        remedy = shlex.join(["luthier", "report", str(path)])
        print_stderr(
            f"luthier: warning: the page could not be written ({why}); the result is kept; write it with: {remedy}"
        )
    return None


def page_of(path: Path | str) -> str | None:
    """Where the page of a run or a study lies; None where nobody wrote one."""
    from luthier.run import RunPaths

    page = RunPaths(Path(path)).report
    return str(page) if page.is_file() else None


def print_page(page: Page) -> None:
    """Make a page and print where it lies, after all else that was found."""
    sys.stdout.flush()  # what was told so far is safe, whatever becomes of the page
    path = page()
    if path:
        print(f"report: {path}")


def _mean(found: dict[str, Any], metric: str) -> str:
    """A mean with its interval."""
    if found["interval"] is None:
        return "not defined in all runs"
    low, high = found["interval"]
    form = _form(metric)
    return f"{found['mean']:{form}} (95% interval {low:{form}} to {high:{form}})"


def _form(metric: str) -> str:
    from luthier.stats.measures import METRICS

    return ".2%" if METRICS[metric].share else ".4g"
