"""The command line as a whole: help, exit statuses, what becomes of errors, no torch before it is needed."""

import json
import os
import shlex
import subprocess
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import pytest
import torch

from luthier.cli import main
from luthier.cli.output import print_table
from luthier.core.errors import NO_MEMORY, LuthierWarning

COMMANDS = (
    "bench",
    "check",
    "compare",
    "evaluate",
    "find-lr",
    "fsck",
    "inspect",
    "list",
    "mislabelled",
    "predict",
    "preview",
    "report",
    "resume",
    "train",
    "tune",
)

HELP = """
import sys
from luthier.cli import main

try:
    main(sys.argv[1:])
except SystemExit as end:
    loaded = sorted({"torch", "sklearn", "scipy", "numpy", "PIL"} & sys.modules.keys())
    assert not loaded, loaded
    sys.exit(end.code)
"""


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_and_needs_no_torch(command):
    done = subprocess.run([sys.executable, "-c", HELP, command, "--help"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Usage: luthier {command} " in done.stdout
    assert f"Example: luthier {command} " in done.stdout
    assert ("--json" in done.stdout) and "--help" in done.stdout


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_luthier_alone_lists_its_commands(luthier, arguments):
    done = luthier(*arguments)
    assert (done.status, done.err) == (0, "") and "Example: luthier train digits" in done.out
    listed = [line.split()[0] for line in done.out.partition("Commands:")[2].splitlines() if line.strip()]
    assert tuple(listed) == COMMANDS


def test_commands_of_the_contract_take_its_options(luthier):
    for option in (
        "--json",
        "--quiet",
        "--device",
        "--seed",
        "--seeds",
        "--out",
        "--data-dir",
        "--set",
        "--recipe",
        "--model",
    ):
        assert option in luthier("train", "--help").out
    for option in ("--json", "--quiet", "--device", "--epochs", "--data-dir"):
        assert option in luthier("resume", "--help").out


SEE = "see luthier --help and luthier COMMAND --help"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["trian"], f"No such command 'trian'. Did you mean 'train'? {SEE}"),
        (["list"], f"Missing argument 'KIND'; {SEE}"),
        (["list", "data", "tricks"], f"Got unexpected extra argument(s) (tricks); {SEE}"),
        (["predict", "run"], f"Missing argument 'FILE...'; {SEE}"),
    ],
)
def test_what_cannot_be_parsed_is_bad_input(luthier, arguments, message):
    assert luthier(*arguments).problems == [message]


def test_an_option_that_does_not_exist_is_answered_with_the_nearest(luthier):
    (problem,) = luthier("train", "--epoch", 3).problems
    assert problem.startswith("No such option: --epoch") and "--epochs" in problem and problem.endswith(SEE)


@pytest.mark.parametrize(("option", "value"), [("--epochs", "x"), ("--seeds", "1.5"), ("--seed", "")])
def test_a_value_that_cannot_be_converted_is_named(luthier, option, value):
    (problem,) = luthier("train", "digits", option, value).problems
    assert problem.startswith(f"Invalid value for '{option}': ")
    assert problem.endswith(f", but got {value!r}; {SEE}")


def failing(monkeypatch, error):
    """Let `luthier list` meet an error."""

    def fail(kind):
        raise error

    monkeypatch.setattr("luthier.recipe.catalogue.items", fail)


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (KeyboardInterrupt(), 130, "interrupted before there was anything to save"),
        (OSError(28, "No space left on device", "runs/a/x"), 1,
         "the system refused a file operation: [Errno 28] No space left on device: 'runs/a/x'; "
         "what was saved before is kept"),
        (MemoryError(), 1,
         "memory ran out; what was saved before is kept; lower data.size, batch_size or the network"),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), 1,
         "memory ran out; what was saved before is kept; lower data.size, batch_size or the network"),
    ],
)  # fmt: skip
def test_failures_of_the_machine_are_one_line(luthier, monkeypatch, error, status, line):
    failing(monkeypatch, error)
    done = luthier("list", "data")
    assert (done.status, done.out, done.err) == (status, "", f"luthier: {line}\n")


@pytest.mark.parametrize("error", [RuntimeError("mat1 and mat2"), KeyError("x"), AssertionError()])
def test_faults_of_luthier_are_not_hidden(monkeypatch, error):
    failing(monkeypatch, error)
    with pytest.raises(type(error)):
        main(["list", "data"])


def test_a_network_that_fits_no_memory_is_a_failure_in_one_line(luthier):
    done = luthier("inspect", "mlp", "--input", "99999x99999x99999")
    assert done.status == 1 and done.err.startswith("luthier: memory ran out; ")
    with pytest.raises(RuntimeError, match=NO_MEMORY):
        torch.empty(1 << 50)


def test_a_number_beyond_all_memory_is_a_failure_in_one_line(luthier, tmp_path):
    width = "model.width=1000000000"
    done = luthier("train", "digits", "--model", "mlp", "--set", width, "--out", str(tmp_path / "run"))
    assert done.status == 1 and done.err.splitlines()[-1].startswith("luthier: memory ran out; ")


def test_warnings_are_one_line_each_and_all_are_told(luthier, monkeypatch):
    def items(kind):
        for _ in range(2):
            warnings.warn("something is different", LuthierWarning, stacklevel=1)
        return []

    monkeypatch.setattr("luthier.recipe.catalogue.items", items)
    done = luthier("list", "data", "--json")
    assert done.json == {"items": []}
    assert done.err == "luthier: warning: something is different\n" * 2


@pytest.mark.parametrize("option", ["", "--json"])
def test_a_reader_that_leaves_early_is_no_traceback(option):
    command = f"{shlex.quote(sys.executable)} -m luthier list architectures {option} | true"
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, env=buffered)
    assert done.stderr == ""


def test_names_that_the_output_cannot_show_are_no_failure(luthier, here):
    luthier("train", "rows.npz", "--epochs", 1, "--out", "näin-☃", "--quiet")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "luthier", "fsck", "näin-☃"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "n\\xe4in-\\u2603 is whole\n", "")


def test_the_module_is_the_command(here):
    done = subprocess.run([sys.executable, "-m", "luthier", "fsck", "x"], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stdout == "" and done.stderr.startswith("luthier: fsck needs the directory ")
    assert Path("rows.npz").exists()


def test_the_version_is_that_of_the_package(luthier):
    done = luthier("--version")
    assert (done.status, done.out, done.err) == (0, version("luthier") + "\n", "")


CLOSED = "import os, sys; os.close(2); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"


@pytest.mark.slow
@pytest.mark.parametrize("how", ["closed", "broken"])
def test_training_goes_on_where_nobody_reads_stderr(tmp_path, how):
    command = ["-m", "luthier", "train", "digits", "--epochs", "2", "--out", str(tmp_path / "run"), "--json"]
    reading, writing = os.pipe()
    os.close(reading)
    whole = [sys.executable, "-c", CLOSED, *command] if how == "closed" else [sys.executable, *command]
    done = subprocess.run(whole, stdout=subprocess.PIPE, stderr=writing, text=True, check=False)
    os.close(writing)
    assert done.returncode == 0 and json.loads(done.stdout)["epochs"] == 2


@pytest.mark.parametrize("arguments", ["list losses", "list losses --json", "inspect mlp --input 7"])
def test_a_closed_stdout_is_no_failure(arguments):
    closed = "import os, sys; os.close(1); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    command = [sys.executable, "-c", closed, "-m", "luthier", *arguments.split()]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "arguments", [["train", "digits", "--out", ""], ["fsck", ""], ["resume", ""], ["train", "digits", "--data-dir", ""]]
)
def test_an_empty_path_is_not_the_directory_one_is_in(luthier, here, arguments):
    before = sorted(here.iterdir())
    done = luthier(*arguments)
    assert done.status == 2 and "a path must not be empty" in done.err
    assert luthier("train", "").status == 2
    assert sorted(here.iterdir()) == before


def test_a_path_that_is_too_long_is_bad_input(luthier):
    done = luthier("train", "x" * 5000)
    assert done.status == 2 and done.err.startswith("luthier: a path must be short enough for the system, but is not: ")


def test_what_a_table_shows_steers_no_terminal_and_is_shown_whole(capsys):
    print_table(["[bold]", "a\x1b[31m"], [["[red]", "b\nc"]])
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["[bold]", r"a\x1b[31m"],
        ["[red]", r"b\nc"],
    ]
