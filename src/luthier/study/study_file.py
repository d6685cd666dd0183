"""The file of a study, of any kind: its plan from the start, and what came of it at the end."""

from pathlib import Path
from typing import Any

from luthier.core.errors import DamagedFile
from luthier.core.files import read_sealed, write_sealed
from luthier.core.shape import check_format, is_text

STUDY_FILE = "study.json"

FORMAT = 1
"""To be raised where earlier versions could not read what is written, or would read it wrongly."""

FIRST_KIND = "seeds"
"""The only one that there was at first, when files did not say it."""


def write_study_file(root: Path, values: dict[str, Any]) -> None:
    """Write the file of a study in a directory, under its format."""
    write_sealed(root / STUDY_FILE, {"format": FORMAT, **values})


def read_values(root: Path) -> dict[str, Any]:
    """Read the file of a study, whose kind is among its values.

    Raises DamagedFile where the file was altered, BadInput where a newer Luthier wrote it.
    """
    path = root / STUDY_FILE
    values = read_sealed(path)
    check_format(values, FORMAT, path)
    values.setdefault("kind", FIRST_KIND)
    if not is_text(values["kind"]):
        raise DamagedFile(f"{path} does not name the kind of its study; restore it or start the study anew")
    return values


def read_kind(root: Path) -> str:
    """Read the kind of a study, which may be one that other folders read; raise as `read_values`."""
    return str(read_values(root)["kind"])
