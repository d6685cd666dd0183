"""A checkout, and how the commands of a case are run in it."""

import fcntl
import hashlib
import json
import multiprocessing
import os
import platform
import runpy
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from multiprocessing.process import BaseProcess
from pathlib import Path

from case import Case, Command

POLL, PATIENCE = 0.005, 900
"""Seconds between two looks for a file, and until a command counts as stuck."""
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("MKL", "NUMEXPR", "OMP", "OPENBLAS", "VECLIB_MAXIMUM")}
LIBRARIES = [
    "torch",
    "torch._dynamo",
    "sklearn.datasets",
    "scipy.stats",
    "optuna",
    "typer",
    "rich",
    "jinja2",
    "pydantic",
]
"""What each command is forked with, for loading it would be most of what a small run takes; nothing of Luthier."""
PROCESSES = multiprocessing.get_context("forkserver")


class CaseFailed(Exception):
    """A command ended otherwise than it should; the message says which and how."""


@dataclass(frozen=True)
class Checkout:
    """A source tree and the directory that takes what its cases leave.

    key: tells commit, machine, versions and data, so that results that are there already are taken for no others.
    reuse: whether they are taken at all.
    """

    source: Path
    results: Path
    key: str
    reuse: bool

    def run(self, name: str, case: Case) -> Path:
        """Run a case, unless its result is there, and return its directory; raise CaseFailed."""
        self.results.mkdir(exist_ok=True)
        folder = self.results / name
        with locked(self.results / f".{name}.lock"):  # others may want the same result at the same time
            mark, label = folder / ".finished", f"{self.key} {case.digest()}"
            if not (self.reuse and mark.is_file() and mark.read_text() == label):
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                for file, content in {"recipe.toml": case.recipe, **case.files}.items():
                    (folder / file).write_text(content)
                for number, command in enumerate(case.commands, start=1):
                    self._call(folder, number, command)
                mark.write_text(label)
        return folder

    def _call(self, folder: Path, number: int, command: Command) -> None:
        """Run one command; keep the JSON that it prints."""
        words = shlex.split(command.words)
        process = PROCESSES.Process(target=_run_luthier, args=(words, folder, self._environment(folder)))
        process.start()
        status = _wait(process, folder, command.stop_at)
        expected = 128 + signal.SIGINT if command.stop_at else 0
        if status != expected:
            last = ((folder / ".stderr").read_text().strip() or "nothing on stderr").splitlines()[-1]
            raise CaseFailed(f"luthier {command.words}: ended with {status}, not {expected}: {last}")
        if "--json" in words and not command.stop_at:
            shutil.copyfile(folder / ".stdout", folder / f"stdout-{number}-{words[0]}.json")

    def _environment(self, folder: Path) -> dict[str, str]:
        """Return the environment of a command: one thread, this source, cache and counters of the case's own."""
        return {
            **os.environ,
            **ONE_THREAD,
            "PYTHONPATH": str(self.source / "src"),
            "XDG_CACHE_HOME": str(folder / ".cache"),
            "XDG_STATE_HOME": str(folder / ".state"),
            "LUTHIER_OFFLINE": "1",
        }


def _run_luthier(words: list[str], folder: Path, environment: dict[str, str]) -> None:
    """Do in a forked process what `python -m luthier` does in one of its own."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, (file, mode) in enumerate(((os.devnull, "r"), (".stdout", "w"), (".stderr", "w"))):
        with open(file, mode) as opened:
            os.dup2(opened.fileno(), number)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what it starts in the background ignore it
    sys.path[0] = environment["PYTHONPATH"]  # in place of this folder, before whatever else has a Luthier
    sys.argv[1:] = words
    runpy.run_module("luthier", run_name="__main__", alter_sys=True)


def _wait(process: BaseProcess, folder: Path, stop_at: str | None) -> int | None:
    """Wait for the end of a process, which is interrupted once where a file is to be waited for."""
    assert process.pid is not None
    try:
        while stop_at and process.is_alive():
            if next(folder.glob(stop_at), None):
                os.kill(process.pid, signal.SIGINT)
                break
            time.sleep(POLL)
        process.join(PATIENCE)
        return process.exitcode
    finally:
        process.kill()


def start_forkserver() -> None:
    """Begin the process that commands are forked from, where one thread is all that a library takes."""
    os.environ.update(ONE_THREAD)
    PROCESSES.set_forkserver_preload(LIBRARIES)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file; wait while another process holds it."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def describe_machine() -> str:
    """Return a digest of what the bits of results depend on beside the code."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else [f"model name {platform.processor()}"]
    processor = sorted({line for line in lines if line.startswith(("model name", "flags"))})
    versions = [version(name) for name in ("numpy", "optuna", "pillow", "pyarrow", "scikit-learn", "torch")]
    known = (platform.node(), platform.python_version(), processor, versions)
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()


def find_commit(source: Path) -> str | None:
    """Return the commit of a checkout, None where files were changed since."""
    commit, changes = (
        subprocess.run(["git", "-C", source, *words], check=True, capture_output=True, text=True).stdout.strip()
        for words in (("rev-parse", "HEAD"), ("status", "--porcelain"))
    )
    return None if changes else commit
