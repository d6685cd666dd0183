"""A checkout, and how the commands of a case are run in it."""

import fcntl
import hashlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from case import Case, Command

POLL, PATIENCE = 0.005, 900
"""Seconds between two looks for a file, and until a command counts as stuck."""
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("MKL", "NUMEXPR", "OMP", "OPENBLAS", "VECLIB_MAXIMUM")}
MACHINE = """
import json, platform
from importlib.metadata import version
from pathlib import Path
import luthier

info = Path("/proc/cpuinfo")
lines = set(info.read_text().splitlines()) if info.exists() else {platform.processor()}
processor = sorted(line for line in lines if line.startswith(("model name", "flags")) or not info.exists())
versions = [version(name) for name in ("numpy", "optuna", "pillow", "pyarrow", "scikit-learn", "torch")]
print(json.dumps([luthier.__file__, platform.node(), platform.python_version(), processor, versions]))
"""
"""Asks an interpreter where it finds Luthier, and on what the bits of results depend."""


class CaseFailed(Exception):
    """A command ended otherwise than it should; the message says which and how."""


@dataclass(frozen=True)
class Checkout:
    """A source tree, the interpreter that runs it, and the directory that takes what its cases leave.

    key: tells commit, machine, versions and data, so that results that are there already are taken for no others.
    reuse: whether they are taken at all.
    """

    source: Path
    python: str
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
        output, errors = folder / ".stdout", folder / ".stderr"
        with output.open("w") as stdout, errors.open("w") as stderr:
            process = subprocess.Popen(
                [self.python, "-m", "luthier", *words],
                cwd=folder, env=self._environment(folder), stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
            )  # fmt: skip
            status = _wait(process, folder, command.stop_at)
        expected = 128 + signal.SIGINT if command.stop_at else 0
        if status != expected:
            last = (errors.read_text().strip() or "nothing on stderr").splitlines()[-1]
            raise CaseFailed(f"luthier {command.words}: ended with {status}, not {expected}: {last}")
        if "--json" in words and not command.stop_at:
            shutil.copyfile(output, folder / f"stdout-{number}-{words[0]}.json")

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


def _wait(process: subprocess.Popen[bytes], folder: Path, stop_at: str | None) -> int:
    """Wait for the end of a process, which is interrupted once where a file is to be waited for."""
    try:
        while stop_at and process.poll() is None:
            if next(folder.glob(stop_at), None):
                process.send_signal(signal.SIGINT)
                break
            time.sleep(POLL)
        return process.wait(PATIENCE)
    finally:
        process.kill()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file; wait while another process holds it."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def describe_machine(source: Path, python: str) -> str:
    """Return a digest of machine and versions, once it is sure that the interpreter runs this checkout."""
    environment = {**os.environ, "PYTHONPATH": str(source / "src")}
    said = subprocess.run([python, "-c", MACHINE], env=environment, check=True, capture_output=True, text=True).stdout
    file, *known = json.loads(said)
    if not Path(file).resolve().is_relative_to(source / "src"):
        sys.exit(f"{python} must run the code in {source / 'src'}, but runs {file}; give another with --python")
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()


def clean_commit(source: Path) -> str | None:
    """Return the commit of a checkout, None where files were changed since."""
    commit, changes = (
        subprocess.run(["git", "-C", source, *words], check=True, capture_output=True, text=True).stdout.strip()
        for words in (("rev-parse", "HEAD"), ("status", "--porcelain"))
    )
    return None if changes else commit
