"""Reads a table as text: what stands between its cells, and whether its first row names the columns, is found out."""

import csv
import io
import warnings
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from luthier.core.errors import BadInput, LuthierWarning, raise_all
from luthier.core.memory import TEXT, check_room
from luthier.data.config import Header
from luthier.data.suffixes import is_text_table
from luthier.data.tables.header import ROWS, are_made, holds_names, make_names, stands_above_figures
from luthier.data.tables.readings import NULLS

DELIMITERS = ",;\t|"


SPACE = " "


LINES = 20
"""Lines that are looked at for what stands between the cells."""


LONGEST = 10_000
"""Characters of a line that are looked at."""


SHOWN = 5


BLOCK = 1 << 26
"""Bytes read at once: a row must lie in one or two blocks."""


SAMPLE = 1 << 20
"""Bytes of a file of text by which the number of its cells is estimated."""


class Layout(NamedTuple):
    """How a file is written.

    first: the cells of its first row. delimiter: what stands between cells; a space for any number of spaces and tabs.
    quotes: whether cells may stand in quotes; in some files with tabs they are letters like all others.
    """

    first: tuple[str, ...]
    delimiter: str
    quotes: bool


def read_text_table(path: Path, header: Header = "auto", expected: Collection[str] = ()) -> tuple[list[str], Any]:
    """Read the names of the columns, and the rows as an Arrow table of texts.

    header: whether the first row holds the names; auto looks at it. expected: names of which a header has some, where
    they are known.
    Raises BadInput with every row of another length; warns where a first row is taken for data by its look.
    """
    layout = _find_layout(path)
    check_room(path, _estimate(path, layout.delimiter))
    odd: list[tuple[int, int]] = []
    rows = _parse(path, layout, odd)
    first = [cell.strip() for cell in layout.first]
    below = [_show(column) for column in rows.slice(1, ROWS).columns]
    named = _is_header(header, first, below, expected)
    raise_all(_list_odd(path, layout, odd, named))
    if named:
        return first, rows.slice(1)
    names = make_names(len(first))
    if header == "auto" and not are_made(expected):
        line = (
            f"{path.name}: the first row looks like the others, so that it is read as one of them and the columns are "
            f"called {names[0]} to {names[-1]}; say data.header = true where it is the header"
        )
        warnings.warn(line, LuthierWarning, stacklevel=4)
    return names, rows


def _estimate(path: Path, delimiter: str) -> int:
    """Estimate the bytes that the cells of a file of text take: each is a text at first."""
    size = path.stat().st_size
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    cells = sample.count(delimiter.encode()) + sample.count(b"\n")
    return 2 * size + TEXT * cells * size // max(1, len(sample))


def _is_header(header: Header, first: Sequence[str], below: list[list[str]], expected: Collection[str]) -> bool:
    if header != "auto":
        return header
    if are_made(expected):
        return stands_above_figures(first, below)
    return not any(below) or bool(set(first) & set(expected)) or holds_names(first, below)


def _show(column: Any) -> list[str]:
    return [(text or "").strip() for text in column.to_pylist()]


def _find_layout(path: Path) -> Layout:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(islice((line for line in file if line.strip()), LINES))
            if not lines:
                raise BadInput(f"a table must have rows, but {path} is empty; add a header and rows")
            if _are_spaced(lines):
                return Layout(tuple(_split(lines[0])), SPACE, True)
            delimiter = _find_delimiter([line[:LONGEST] for line in lines])
            file.seek(0)
            quotes = delimiter != "\t" or _are_quoted(file)
            file.seek(0)
            rows = csv.reader(file, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE)
            first = next(row for row in rows if row)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(path, error) from None
    return Layout(tuple(first), delimiter, quotes)


def _find_delimiter(lines: Sequence[str]) -> str:
    """Find the delimiter that cuts all lines into equally many cells, or else the first line into most."""
    widths = {mark: [len(row) for row in csv.reader(lines, delimiter=mark) if row] for mark in DELIMITERS}
    even = [mark for mark, counts in widths.items() if counts[0] > 1 and len(set(counts)) == 1]
    return max(even or DELIMITERS, key=lambda mark: widths[mark][0])


def _are_spaced(lines: Sequence[str]) -> bool:
    """Return whether spaces, with tabs or without, stand between the cells of all lines, and nothing else does."""
    first = lines[0]
    counts = {len(_split(line)) for line in lines}
    return (
        not any(mark in first for mark in DELIMITERS if mark != "\t")
        and ("\t" not in first or "  " in first)
        and len(counts) == 1
        and counts != {1}
    )


def _split(line: str) -> list[str]:
    return next(csv.reader([line.replace("\t", SPACE).strip()], delimiter=SPACE, skipinitialspace=True), [])


def _are_quoted(lines: Iterator[str]) -> bool:
    """Return whether what stands in quotes ends where a cell ends; else the quotes of a text are letters of it."""
    try:
        for _ in csv.reader(lines, delimiter="\t", strict=True):
            pass
    except csv.Error as error:
        return "field limit" in str(error)  # a very long cell: only one in quotes goes on over many lines
    return True


def list_words_for_missing(path: Path, column: int) -> list[str]:
    """List the words of a column, by its number, that are read as missing: NULLS but for empty cells."""
    if not is_text_table(path):
        return []
    cells = _parse(path, _find_layout(path), [], nulls=()).columns[column].unique().to_pylist()
    return sorted({cell.strip() for cell in cells} & set(NULLS) - {""})


def _parse(path: Path, layout: Layout, odd: list[tuple[int, int]], nulls: Collection[str] = NULLS) -> Any:
    """Parse all rows, the first among them, as texts; note number and cells of each row of another length."""
    import pyarrow
    from pyarrow.csv import ConvertOptions, ParseOptions, ReadOptions, read_csv

    def note(row: Any) -> str:
        odd.append((row.number - 1, row.actual_columns))
        return "skip"

    names = make_names(len(layout.first))
    spaced = layout.delimiter == SPACE
    try:
        return read_csv(
            _respace(path) if spaced else path,
            ReadOptions(column_names=names, use_threads=False, block_size=BLOCK),  # with threads rows have no numbers
            ParseOptions(
                delimiter="\t" if spaced else layout.delimiter,
                quote_char='"' if layout.quotes else False,
                newlines_in_values=layout.quotes,
                invalid_row_handler=note,
            ),
            ConvertOptions(
                column_types=dict.fromkeys(names, pyarrow.string()),
                null_values=list(nulls),
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(path, error) from None


def _respace(path: Path) -> io.BytesIO:
    """Write a file whose cells stand apart by spaces as one with tabs."""
    text = io.StringIO(newline="")
    with path.open(encoding="utf-8-sig", newline="") as file:
        csv.writer(text, delimiter="\t", lineterminator="\n").writerows(_split(line) for line in file if line.strip())
    return io.BytesIO(text.getvalue().encode())


def _list_odd(path: Path, layout: Layout, odd: list[tuple[int, int]], named: bool) -> list[str]:
    """Describe the rows of another length, the first few of many."""
    between = "white space" if layout.delimiter == SPACE else repr(layout.delimiter)
    lines = [
        f"every row must have the {len(layout.first)} cells of the {'header' if named else 'first row'}, but row "
        f"{number - named} of {path} has {cells}; mend it, or quote cells that hold a {between}"
        for number, cells in odd[: SHOWN if len(odd) > SHOWN else None]
    ]
    more = len(odd) - len(lines)
    return [*lines, *([f"and {more} more rows of {path} have another number of cells; mend them"] if more else [])]


def _unreadable(path: Path, error: Exception) -> BadInput:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return BadInput(f"{path} must be a CSV file in UTF-8, but cannot be read ({reason}); save it anew")
