"""The options that several commands share, each declared once, and those that a study declares."""

import inspect
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_type_hints

import typer

from luthier.core.options import Options, declared_options, flag

Command = TypeVar("Command", bound=Callable[..., None])


def some_path(text: str) -> Path:
    """Refuse an empty path, which would be the directory that one is in."""
    if not text:
        raise typer.BadParameter("a path must not be empty")
    return Path(text)


def given_options(context: typer.Context) -> dict[str, Any]:
    """What was written on the command line, by the name of the option or argument."""
    named = {one.name: one.opts[0] if one.param_type_name == "option" else str(one.metavar) for one in _parts(context)}
    return {name: context.params[key] for key, name in named.items() if _is_written(context, key)}


def _parts(context: typer.Context) -> list[Any]:
    return list(context.command.params)


def _is_written(context: typer.Context, key: str) -> bool:
    source = context.get_parameter_source(key)
    return source is not None and source.name == "COMMANDLINE"


def take_options(declared: type[Options], before: str, leave_out: Collection[str] = ()) -> Callable[[Command], Command]:
    """Give a command the options that a class declares, each by its flag; it gets their values as `**options`.

    before: the parameter of the command before which they are listed. leave_out: those that it does not have.
    """

    def give(command: Command) -> Command:
        signature = inspect.signature(command)
        own = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
        names = [name for name in declared_options(declared) if name not in leave_out]
        place = [one.name for one in own].index(before)
        parameters = [*own[:place], *(_parameter(declared, name) for name in names), *own[place:]]
        command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]  # typer reads it
        return command

    return give


def _parameter(declared: type[Options], name: str) -> inspect.Parameter:
    """Make a declared option a parameter of a command.

    A name of several is read as any text, so that a wrong one is answered with the one that was probably meant.
    """
    one, default, annotation = declared_options(declared)[name], getattr(declared, name), get_type_hints(declared)[name]
    kind = get_args(annotation)[0] if default is None else annotation
    names = get_args(kind)
    choices = f" ({', '.join(names)})" if names else ""
    help_text = f"{one.description[0].upper()}{one.description[1:]}{choices}."
    setting = typer.Option(flag(name), help=help_text, metavar=one.metavar)
    value = str if names else kind
    annotation = Annotated[value | None if default is None else value, setting]
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=annotation)


Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else there.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
DataDir = Annotated[
    Path | None,
    typer.Option(metavar="DIR", parser=some_path, help="Folder where named data sets are looked for first."),
]
Log = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Send the history to tensorboard or mlflow as well; repeat for both."),
]
Seed = Annotated[int | None, typer.Option(help="Seed of everything but the test part, which never moves.")]
Out = Annotated[
    Path | None,
    typer.Option(metavar="DIR", parser=some_path, help="The run's own directory; by default a new one under runs/."),
]
RunPath = Annotated[Path, typer.Argument(metavar="RUN", parser=some_path, help="Directory of a run.")]
StatedUnits = Annotated[
    str | None,
    typer.Option(
        metavar="UNITS",
        help="Of pictures in arrays, where they are not those of the training: bytes (0 to 255) or unit (0 to 1).",
    ),
]
Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="One setting of the recipe; repeat at will.")
]
Monitor = Annotated[
    str | None,
    typer.Option(metavar="METRIC", help="What decides on the validation part; luthier list metrics knows them."),
]


def values_of(
    data: str | None, model: str | None, recipe: Path | None, settings: list[str], options: dict[str, Any]
) -> dict[str, Any]:
    """Lay DATA and the options, by their place in a recipe, over the recipe, and --set over both."""
    from luthier.core.errors import BadInput
    from luthier.recipe.read import read_recipe
    from luthier.recipe.values import read_toml, with_setting, with_value

    values: dict[str, Any] = read_toml(recipe) if recipe else {}
    if not isinstance(values.get("data", {}), dict):
        read_recipe(values)  # says so, with all else that is wrong
    if any(one is not None for one in (data, options.get("data.extra"), options.get("data.unlabelled"))):
        for known in ("fingerprint", "columns"):
            values.get("data", {}).pop(known, None)
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
