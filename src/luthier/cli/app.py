"""Puts the commands together and turns errors into one line and an exit status."""

import errno
import os
import sys
import warnings
from collections.abc import Sequence
from importlib.metadata import version
from io import TextIOWrapper
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from luthier.cli.bench import bench
from luthier.cli.check import check
from luthier.cli.compare import compare
from luthier.cli.evaluate import evaluate
from luthier.cli.find_lr import find_lr
from luthier.cli.fsck import fsck
from luthier.cli.inspect import inspect
from luthier.cli.list import list_
from luthier.cli.mislabelled import mislabelled
from luthier.cli.predict import predict
from luthier.cli.preview import preview
from luthier.cli.report import report
from luthier.cli.resume import resume
from luthier.cli.train import train
from luthier.cli.tune import tune
from luthier.core.console import print_stderr
from luthier.core.errors import LuthierError, LuthierWarning, escape_name, ran_out_of_memory, show

BAD_INPUT, INTERRUPTED = 2, 130


app = typer.Typer(
    name="luthier",
    help="Build, tune and prove neural networks.\n\nExample: luthier train digits",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def show_version(wanted: bool) -> None:
    """Print the version and exit, where it is asked for."""
    if wanted:
        print(version("luthier"))
        raise typer.Exit


@app.callback()
def before_commands(
    wanted: Annotated[bool, typer.Option("--version", callback=show_version, help="Print the version.")] = False,
) -> None:
    """Take the options that stand before a command."""


app.command("bench")(bench)


app.command("check")(check)


app.command("compare")(compare)


app.command("evaluate")(evaluate)


app.command("find-lr")(find_lr)


app.command("fsck")(fsck)


app.command("inspect")(inspect)


app.command("list")(list_)


app.command("mislabelled")(mislabelled)


app.command("predict")(predict)


app.command("preview")(preview)


app.command("report")(report)


app.command("resume")(resume)


app.command("train")(train)


app.command("tune")(tune)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit with its status: 0 done, 2 bad input, 1 failure, 128 + n for signal n."""
    if sys.stdout is None:  # closed before the start; what has nowhere to go is no failure
        sys.stdout = open(os.devnull, "w")  # for the rest of the process
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a name that the terminal cannot show is no failure
    warnings.showwarning = _show_warning
    warnings.simplefilter("always", LuthierWarning)
    sys.exit(_status(arguments))


def _status(arguments: Sequence[str] | None) -> int:
    try:
        given = sys.argv[1:] if arguments is None else arguments
        status = int(app(given or ["--help"], prog_name="luthier", standalone_mode=False) or 0)
        if status == INTERRUPTED:  # what typer makes of a KeyboardInterrupt
            raise KeyboardInterrupt
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (Exception, KeyboardInterrupt) as error:
        status, message = _explain(error)
        if not message:
            raise
        for line in message.splitlines():
            print_stderr(f"luthier: {escape_name(line)}")
        return status


def _explain(error: BaseException) -> tuple[int, str]:
    """Return the exit status and the message of an error; no message for a bug of Luthier."""
    status, message = 1, ""
    match error:
        case LuthierError():
            status, message = error.exit_code, str(error)
        case TyperException():
            status, message = error.exit_code, f"{_refusal(error)} see luthier --help and luthier COMMAND --help"
        case KeyboardInterrupt() | typer.Abort():
            status, message = INTERRUPTED, "interrupted before there was anything to save"
        case OSError() if error.errno == errno.ENAMETOOLONG:
            status, message = BAD_INPUT, f"a path must be short enough for the system, but is not: {error}; shorten it"
        case OSError():
            message = f"the system refused a file operation: {error}; what was saved before is kept"
        case _ if ran_out_of_memory(error):
            message = "memory ran out; what was saved before is kept; lower data.size, batch_size or the network"
    return status, message


def _refusal(error: TyperException) -> str:
    """Return what the parser refused, with the value where a conversion failed."""
    message = error.format_message().rstrip(".")
    faults = getattr(error.__cause__, "errors", None)  # pydantic's, which is not imported for this alone
    got = f", but got {show(faults()[0]['input'])}" if faults else ""
    return f"{message}{got}" + ("" if message.endswith("?") else ";")


def _show_warning(message: Warning | str, category: type[Warning], *details: object, **more: object) -> None:
    print_stderr(f"luthier: warning: {escape_name(str(message))}")
