"""luthier train: one recipe, one run; or one recipe under several seeds, one study."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from luthier.cli.options import DataDir, Device, Json, Out, Quiet, Seed
from luthier.cli.output import emit, reads, summary

if TYPE_CHECKING:
    from luthier.run import Run

Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="One setting of the recipe; repeat at will.")
]


def train(
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="DATA", help="Name of a data set, or path of a .csv, .parquet or .npz file or IDX folder."
        ),
    ] = None,
    model: Annotated[str | None, typer.Option(help="Name of an architecture.")] = None,
    recipe: Annotated[Path | None, typer.Option(help="Recipe to start from, a TOML file.")] = None,
    settings: Set = None,
    epochs: Annotated[int | None, typer.Option(help="How often each example is seen.")] = None,
    seeds: Annotated[
        int | None, typer.Option(help="Train under this many seeds and print the mean with its interval.")
    ] = None,
    seed: Seed = None,
    out: Out = None,
    data_dir: DataDir = None,
    device: Device = "auto",
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Train one recipe into a run.

    The test part is read once, at the end.

    Example: luthier train digits --epochs 5 --set optimizer.learning_rate=0.003
    """
    from luthier import api

    values = _values(data, model, recipe, settings or [], epochs, seed)
    source = values["data"]["source"]
    if seeds is None:
        run = api.train(source, recipe=values, out=out, device=device, data_dir=data_dir, quiet=quiet)
        tell_run(run, json)
    else:
        study = api.train_seeds(
            source, seeds=seeds, recipe=values, out=out, device=device, data_dir=data_dir, quiet=quiet
        )
        tell_study(study, json)


def _values(
    data: str | None, model: str | None, recipe: Path | None, settings: list[str], epochs: int | None, seed: int | None
) -> dict[str, Any]:
    """Lay DATA and the options over the recipe, and --set over both."""
    from luthier.core.errors import BadInput
    from luthier.recipe import read_recipe, read_toml, with_setting, with_value

    values: dict[str, Any] = read_toml(recipe) if recipe else {}
    if not isinstance(values.get("data", {}), dict):
        read_recipe(values)  # says so, with all else that is wrong
    if data is not None:
        values.get("data", {}).pop("fingerprint", None)
    for path, value in {"data.source": data, "training.epochs": epochs, "seed": seed, "model": model}.items():
        if value is not None:
            values = with_value(values, path, value)
    for assignment in settings:
        values = with_setting(values, assignment)
    section = values.get("data", {})
    if not isinstance(section, dict) or not isinstance(section.get("source"), str):
        read_recipe(values)
        raise BadInput("train needs data, but neither DATA nor the recipe names any; for example: luthier train digits")
    return values


def tell_run(run: "Run", json: bool) -> None:
    """Print what came of a run."""
    result = run.result
    if json:
        emit({"run": str(run.path), **result})
        return
    if result["validation"]:
        print(f"validation  {summary(result['validation'])}")
    print(f"test        {summary(result['test'])}; {reads(result['test_reads'])}")
    speed = f"{result['seconds']:.1f} s, {result['examples_per_second']:,.0f} examples/s"
    print(f"{result['parameters']:,} parameters, {result['epochs']} epochs, {speed}")
    print(f"run: {run.path}")


def tell_study(study: dict[str, Any], json: bool) -> None:
    """Print what came of a study over seeds."""
    if json:
        emit(study)
        return
    mean, interval, n = (study["test"][key] for key in ("mean", "interval", "n"))
    if interval is None:
        print(f"test {study['metric']}: not defined in all of {n} runs\nstudy: {study['study']}")
        return
    low, high = interval
    form = ".2%" if study["metric"] == "accuracy" else ".4g"
    print(f"test {study['metric']}, mean of {n} seeds: {mean:{form}} (95% interval {low:{form}} to {high:{form}})")
    print(f"study: {study['study']}")
