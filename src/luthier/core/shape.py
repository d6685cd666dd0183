"""What a file of plain values must hold, said once: its keys, and the form of the value at each."""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from luthier.core.errors import BadInput, DamagedFile

LARGEST = 1 << 63
"""Whole numbers that a file may hold are smaller."""

Form = Callable[[Any], bool]
"""Says whether a value has a form."""


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def is_count(value: Any) -> bool:
    """Return whether a value is a whole number from 0 on."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST


def is_number(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, int) and abs(value) < LARGEST)


def is_table(value: Any) -> bool:
    return isinstance(value, dict)


def or_none(form: Form) -> Form:
    """Let a value be None too."""
    return lambda value: value is None or form(value)


def list_of(form: Form, length: int | None = None, at_least: int = 0) -> Form:
    """Ask for a list whose values have a form. length: that it must have, where there is one. at_least: values."""
    return lambda value: (
        isinstance(value, list) and length in (None, len(value)) and len(value) >= at_least and all(map(form, value))
    )


def table_of(form: Form) -> Form:
    """Ask for a table whose values have a form, whatever their keys."""
    return lambda value: isinstance(value, dict) and all(map(form, value.values()))


def table_with(shape: Mapping[str, Form]) -> Form:
    """Ask for a table that has all keys of a shape; what else it holds may be anything."""
    return lambda value: isinstance(value, dict) and find_misfit(value, shape) is None


def find_misfit(values: Mapping[str, Any], shape: Mapping[str, Form]) -> str | None:
    """Return the first key of a shape that is missing, or whose value has another form; None where all fit.

    >>> find_misfit({"epochs": 3, "seed": "x"}, {"epochs": is_count, "seed": is_count})
    'seed'
    """
    return next((name for name, form in shape.items() if name not in values or not form(values[name])), None)


def check_shape(values: Any, shape: Mapping[str, Form], path: Path, what: str) -> None:
    """Raise DamagedFile, which names the file, where it does not hold what it must. what: the file is."""
    wrong = find_misfit(values, shape) if isinstance(values, dict) else "everything"
    if wrong is not None:
        raise DamagedFile(f"{path} is not {what}: {wrong} is missing or of another form; restore it or start anew")


def check_format(values: Any, known: int, path: Path) -> None:
    """Refuse a file whose `format` is newer than the known one; the first files had none, which stands for 1.

    Raises BadInput for a newer one, DamagedFile where the number is none.
    """
    found = values.get("format", 1) if isinstance(values, dict) else 1
    if not is_count(found) or found == 0:
        raise DamagedFile(f"{path} must name its format by a number from 1 on, but has {found!r}; restore it")
    if found > known:
        raise BadInput(
            f"{path} must be of format {known} or older, which is what Luthier {version('luthier')} reads, but a newer "
            f"Luthier wrote it in format {found}; bring this one up to date with: pip install --upgrade luthier"
        )
