"""Puts the commands together and turns errors into one line and an exit status."""

import os
import sys
import warnings
from collections.abc import Sequence
from typing import NoReturn

import typer
from typer.exceptions import TyperException

from luthier.cli.bench import bench
from luthier.cli.evaluate import evaluate
from luthier.cli.fsck import fsck
from luthier.cli.inspect import inspect
from luthier.cli.list import list_
from luthier.cli.predict import predict
from luthier.cli.resume import resume
from luthier.cli.train import train
from luthier.core.errors import LuthierError, LuthierWarning

app = typer.Typer(
    name="luthier",
    help="Build, tune and prove neural networks.\n\nExample: luthier train digits",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("bench")(bench)
app.command("evaluate")(evaluate)
app.command("fsck")(fsck)
app.command("inspect")(inspect)
app.command("list")(list_)
app.command("predict")(predict)
app.command("resume")(resume)
app.command("train")(train)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and leave with its exit status: 0 done, 2 bad input, 1 failure, 128 + n for signal n."""
    warnings.showwarning = _show_warning
    warnings.simplefilter("always", LuthierWarning)
    sys.exit(_status(arguments))


def _status(arguments: Sequence[str] | None) -> int:
    try:
        return int(app(arguments or sys.argv[1:] or ["--help"], standalone_mode=False) or 0)
    except LuthierError as error:
        _complain(str(error))
        return error.exit_code
    except TyperException as error:
        _complain(f"{error.format_message()}; see luthier --help and luthier COMMAND --help")
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        _complain(f"the system refused a file operation: {error}; the last good checkpoint is kept")
        return 1
    except (KeyboardInterrupt, typer.Abort):
        _complain("interrupted before there was anything to save")
        return 130


def _complain(message: str) -> None:
    for line in message.splitlines():
        print(f"luthier: {line}", file=sys.stderr)


def _show_warning(message: Warning | str, category: type[Warning], *details: object, **more: object) -> None:
    print(f"luthier: warning: {message}", file=sys.stderr)
