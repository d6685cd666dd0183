"""What a file holds, by the end of its name: the one table of the suffixes of tables and arrays."""

from pathlib import Path

TEXT_TABLES = (".csv", ".data", ".tsv", ".txt")
"""Tables as text, whatever stands between their cells."""


TABLES = (*TEXT_TABLES, ".parquet")


ARRAYS = (".npy", ".npz")


def is_table(file: Path) -> bool:
    """Return whether a file holds a table.

    >>> is_table(Path("a.csv")), is_table(Path("a.TSV")), is_table(Path("a.npz"))
    (True, True, False)
    """
    return file.suffix.lower() in TABLES


def is_text_table(file: Path) -> bool:
    """Return whether a file holds a table as text."""
    return file.suffix.lower() in TEXT_TABLES


def is_array(file: Path) -> bool:
    """Return whether a file holds arrays."""
    return file.suffix.lower() in ARRAYS


def name_suffixes(*suffixes: str) -> str:
    """Name suffixes in a sentence, in which one of them is meant.

    >>> name_suffixes(".csv", ".tsv", ".parquet")
    '.csv, .tsv or .parquet'
    """
    return " or ".join(filter(None, (", ".join(suffixes[:-1]), suffixes[-1])))
