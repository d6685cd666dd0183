"""Where trials are kept: a guarded journal in the study's directory, or a database through Optuna."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from optuna.exceptions import ExperimentalWarning
from optuna.storages import BaseStorage, JournalStorage

from luthier.core.errors import BadInput, LuthierError
from luthier.tuning.journal import GuardedJournal

if TYPE_CHECKING:
    from optuna.storages import RDBStorage

JOURNAL = "trials.journal"
HIDDEN = ":***@"


@contextmanager
def open_storage(root: Path, url: str | None) -> Iterator[BaseStorage]:
    """Open the storage of a study for the length of a block.

    root: the study's directory, which exists. url: of a database, such as postgresql://user@host/name; None is a
        journal file in the directory.
    Raises BadInput where the database cannot be reached or the package for it is missing, LuthierError where it goes
    away later: what it holds by then is gone on with.
    """
    if url is None:
        with warnings.catch_warnings(action="ignore", category=ExperimentalWarning):
            journal = JournalStorage(GuardedJournal(root / JOURNAL))
        yield journal
        return
    database = _database(url)
    with _staying(root, url):
        try:
            yield database
        finally:
            database.remove_session()
            database.engine.dispose()


def _database(url: str) -> "RDBStorage":
    from optuna.storages import RDBStorage
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return RDBStorage(with_driver(url))
    except ImportError:
        raise BadInput(
            f"--storage needs the driver of its database, but there is none for {without_password(url)}; that of "
            "Postgres comes with pip install 'luthier[postgres]'"
        ) from None
    except (SQLAlchemyError, ValueError, RuntimeError) as error:  # RuntimeError: tables of another version of Optuna
        raise BadInput(
            f"--storage must be a database that can be reached, but {without_password(url)} cannot ({_first(error)}); "
            "start it, mend the address, or leave --storage out for a file in the study's directory"
        ) from None


@contextmanager
def _staying(root: Path, url: str) -> Iterator[None]:
    """Say in a line that a database went away."""
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (SQLAlchemyError, StorageInternalError) as error:
        raise LuthierError(
            f"the study's database {without_password(url)} no longer answers ({_first(error)}); what it holds is kept; "
            f"once it is back, go on with: luthier tune --resume {root}"
        ) from None


def _first(error: Exception) -> str:
    return str(error.__cause__ or error).strip().splitlines()[0].rstrip(".")


def with_driver(url: str) -> str:
    """Name the driver that Luthier's extra installs where an address of Postgres names none.

    >>> with_driver("postgresql://me@host/studies")
    'postgresql+psycopg://me@host/studies'
    """
    return url.replace("postgresql://", "postgresql+psycopg://", 1) if url.startswith("postgresql://") else url


def without_password(url: str) -> str:
    """An address that can be shown and kept: what stands between : and @ is left out.

    >>> without_password("postgresql://me:secret@host/studies")
    'postgresql://me:***@host/studies'
    """
    scheme, separator, rest = url.partition("://")
    user, at, host = rest.rpartition("@")
    if not separator or not at or ":" not in user:
        return url
    return f"{scheme}://{user.partition(':')[0]}{HIDDEN}{host}"


def choose_address(kept: str | None, given: str | None) -> str | None:
    """The address of the database of a study that is gone on with: the one given, or that in the study's file.

    Raises BadInput where the study has no database, and where its address was kept without the password it had.

    >>> choose_address("postgresql://me@host/studies", None)
    'postgresql://me@host/studies'
    """
    if kept is None and given is not None:
        raise BadInput(
            f"--storage goes on with the database of a study, but this one keeps its trials in its directory, and got "
            f"{without_password(given)}; leave it out"
        )
    if kept is not None and given is None and HIDDEN in kept:
        raise BadInput(
            f"the password of a study's database is not kept, but {kept} has one; give it with --storage URL"
        )
    return given or kept
