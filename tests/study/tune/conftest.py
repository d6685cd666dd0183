"""A Postgres server of the tests' own, and a small study to keep in it."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))  # Debian keeps them out of the path
NUMBERS = count()


class Postgres:
    """A server in a folder; it takes connections on this machine alone, with a password.

    Postgres refuses to be run by root, who hands it to nobody.
    """

    user, password = "luthier", "geheim"

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.who = {"user": "nobody", "extra_groups": []} if os.getuid() == 0 else {}
        if self.who:
            nobody = pwd.getpwnam("nobody")
            self.who["group"] = nobody.pw_gid
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        secret = folder / "secret"
        secret.write_text(self.password)
        secret.chmod(0o644)
        self.call("initdb", "--username", self.user, "--pwfile", secret, "--auth", "scram-sha-256", "--no-sync")

    def call(self, program: str, *arguments: object) -> None:
        """Run one of Postgres' programs on this server's data."""
        command = [PROGRAMS[-1] / program, "--pgdata", self.folder / "data", *arguments]
        done = subprocess.run(
            [str(one) for one in command], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, text=True, check=False, **self.who,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout

    def start(self) -> None:
        settings = f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off -k {self.folder}"
        self.call("pg_ctl", "start", "--wait", "--silent", "--log", self.folder / "log", "-o", settings)

    def stop(self) -> None:
        """Stop as a machine that goes down: nobody is waited for."""
        self.call("pg_ctl", "stop", "--wait", "--silent", "--mode", "immediate")

    def url(self, database: str) -> str:
        return f"postgresql://{self.user}:{self.password}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """Create a database of its own and return its address."""
        import psycopg

        name = f"studies{next(NUMBERS)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def port() -> int:
    """A port on which nobody listens."""
    return free_port()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running server; skipped where there is none, or no driver for it."""
    if not PROGRAMS:
        pytest.skip("there is no Postgres: Debian's package postgresql is not installed")
    pytest.importorskip("psycopg", reason="the extra luthier[postgres] is not installed")
    folder = Path(tempfile.mkdtemp(prefix="luthier-postgres-"))
    try:
        server = Postgres(folder)
        server.start()
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def database(postgres: Postgres) -> str:
    """The address of an empty database."""
    return postgres.new_database()
