"""Options that a class declares, as flags of a command."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
import typer
from typer.testing import CliRunner

from luthier.cli.options import take_options
from luthier.core.options import Options, declared_options, option
from luthier.study.tune.options import TuneOptions


@dataclass(frozen=True)
class Cooking(Options):
    eggs: int = option(2, at_least=1, description="how many")
    max_minutes: float | None = option(None, above=0, description="how long they boil", metavar="MINUTES")
    pan: Literal["copper", "iron"] | None = option(None, description="what of")
    salted: bool = option(False, description="whether there is salt")
    top: int = option(5, description="left out")


GIVEN: dict[str, Any] = {}


@pytest.fixture
def run():
    app = typer.Typer(rich_markup_mode=None, add_completion=False)

    @app.command()
    @take_options(Cooking, before="quiet", leave_out=("top",))
    def cook(what: str, quiet: Annotated[bool, typer.Option("--quiet")] = False, **options: Any) -> None:
        GIVEN.clear()
        GIVEN.update(options, what=what, quiet=quiet)

    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def test_command_gets_what_was_written_and_the_declared_defaults(run):
    assert run("eggs").exit_code == 0
    assert GIVEN == {
        "what": "eggs", "quiet": False, "eggs": 2, "max_minutes": None, "pan": None, "salted": False,
    }  # fmt: skip
    assert run("eggs", "--eggs", 3, "--max-minutes", 4.5, "--pan", "tin", "--salted", "--quiet").exit_code == 0
    assert GIVEN == {"what": "eggs", "quiet": True, "eggs": 3, "max_minutes": 4.5, "pan": "tin", "salted": True}


def test_help_is_the_declared_sentence_with_names_and_default(run):
    lines = [" ".join(line.split()) for line in run("--help").output.splitlines()]
    assert "--eggs <int> How many. [default: 2]" in lines
    assert "--max-minutes MINUTES How long they boil." in lines
    assert "--pan <str> What of (copper, iron)." in lines
    assert not any("--top" in line or "--no-salted" in line for line in lines)
    flags = [line.split(" ")[0] for line in lines if line.startswith("--")]
    assert flags == ["--eggs", "--max-minutes", "--pan", "--salted", "--quiet", "--help"]


def test_a_text_where_a_number_belongs_is_refused(run):
    assert run("eggs", "--eggs", "many").exit_code == 2


def test_tune_has_a_flag_for_each_option_but_top(luthier):
    words = luthier("tune", "--help").out.split()
    for name in declared_options(TuneOptions):
        assert (f"--{name.replace('_', '-')}" in words) == (name != "top")
