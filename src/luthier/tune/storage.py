"""Where trials are kept: a guarded journal in the study's directory, or a database through Optuna."""

import warnings
from pathlib import Path

from optuna.exceptions import ExperimentalWarning
from optuna.storages import BaseStorage, JournalStorage

from luthier.core.errors import BadInput
from luthier.tune.journal import GuardedJournal

JOURNAL = "trials.journal"


def opened(root: Path, url: str | None) -> BaseStorage:
    """Open the storage of a study.

    root: the study's directory, which exists. url: of a database, such as postgresql://user@host/name; None is a
        journal file in the directory.
    Raises BadInput where the database cannot be reached or the package for it is missing.
    """
    with warnings.catch_warnings(action="ignore", category=ExperimentalWarning):
        if url is None:
            return JournalStorage(GuardedJournal(str(root / JOURNAL)))
        return _database(url)


def _database(url: str) -> BaseStorage:
    from optuna.storages import RDBStorage
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return RDBStorage(with_driver(url))
    except (SQLAlchemyError, ImportError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise BadInput(
            f"--storage must be a database that can be reached, but {without_password(url)} cannot ({reason}); start "
            "it, mend the address, or leave --storage out for a file in the study's directory"
        ) from None


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
    return f"{scheme}://{user.partition(':')[0]}:***@{host}"
