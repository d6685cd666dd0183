"""Reads a table, from a file or from memory, with a column that is to be predicted."""

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from luthier.core.errors import BadInput, LuthierWarning, raise_all
from luthier.data.config import DataConfig
from luthier.data.dataset import Dataset
from luthier.data.sources.arrays import find_label_kind
from luthier.data.suffixes import is_text_table
from luthier.data.tables.columns import Table, read_columns, take_column
from luthier.data.tables.encode import encode
from luthier.data.tables.learn import learn_schema
from luthier.data.tables.parquet_file import list_index_columns
from luthier.data.tables.read import read_table
from luthier.data.tables.readings import find_commas, mark_missing
from luthier.data.tables.remarks import list_fillings, list_remarks
from luthier.data.tables.roles import (
    Roles,
    find_roles,
    hash_rows,
    list_alike,
    read_groups,
    read_parts,
    read_target,
    read_times,
)
from luthier.data.tables.schema import NUMBERS_ROWS, Schema
from luthier.data.tables.text_file import list_words_for_missing
from luthier.data.targets import check_class_counts, check_values


def read(source: Any, data_config: DataConfig, schema: Schema | None = None) -> Dataset:
    """Read all of a table as a data set.

    source: the path of a table, or columns by name. data_config: which columns are the target, the parts,
        groups, times and the text. schema: what the columns mean to a network that is there already; by default they
        are learned from the rows of no given validation or test part.
    Raises BadInput with every problem; warns of what is left out.
    """
    path = source if isinstance(source, Path) else None
    table = read_table(path, data_config.header, schema) if path else read_columns(source)
    name, file = (path.stem, path.name) if path else ("columns", "columns")
    own = find_roles(table, _there(data_config, table) if schema else data_config, schema.target if schema else None)
    problems = (
        []
        if schema
        else [*_vain_header(path, data_config), *_commas({own.target: table[own.target], **own.features(table)})]
    )
    gaps = bool(mark_missing(table[own.target]).any())
    words = list_words_for_missing(path, list(table).index(own.target)) if path and gaps else []
    labels, classes = read_target(
        table[own.target], own.target, data_config.task, problems, dates=data_config.dates, words=words
    )
    valid, test = _parts(table, own, problems)
    rows = ~(valid | test)
    group = read_groups(table[own.group], own.group, problems) if own.group else None
    order = "day-first" if schema and data_config.dates == "auto" else data_config.dates  # times divide no further data
    time = read_times(table[own.time], own.time, order, problems) if own.time else None
    known = schema or _learn(table, own, data_config, rows, path=path, problems=problems)
    inputs = _encode(table, known, problems, warn=schema is not None)
    raise_all(problems)
    assert known is not None and inputs is not None  # else there were problems
    told = [*list_alike(classes, own.target), *list_remarks(table, known, data_config.text)]
    if schema is None:
        _check_target(labels[rows], classes)
        for line in told:
            warnings.warn(f"{file}: {line}", LuthierWarning, stacklevel=4)
    return Dataset(
        name,
        inputs,
        labels,
        classes,
        test if test.any() else None,
        official_validation=valid if valid.any() else None,
        group=group,
        time=time,
        keys=hash_rows(table, known, inputs),
        table=known,
        remarks=(*told, *list_fillings(table, known)),
        label_kind="text" if isinstance(source, Path) else find_label_kind(take_column(source, own.target)),
    )


def _there(data_config: DataConfig, table: Table) -> DataConfig:
    """Leave out roles whose column is missing: further data need not have the columns that divided the first."""
    absent = [role for role in ("part", "group", "time") if getattr(data_config, role) not in table]
    return data_config.model_copy(update=dict.fromkeys(absent))


def _vain_header(path: Path | None, data_config: DataConfig) -> list[str]:
    if data_config.header == "auto" or (path and is_text_table(path)):
        return []
    return [
        f"data.header = {data_config.header} is for tables as text, but {path or 'columns from memory'} name their "
        "columns; leave it out"
    ]


def _commas(table: Table) -> list[str]:
    """Describe numbers written with commas, which would be read as categories."""
    found = ((name, find_commas(values)) for name, values in table.items())
    return [
        f"numbers must be written with a point and nothing between thousands, but {len(texts)} of {name} have commas, "
        f"such as {texts[0]!r}; rewrite them, or put a letter before them where they are no numbers"
        for name, texts in found
        if texts
    ]


def _parts(table: Table, own: Roles, problems: list[str]) -> tuple[np.ndarray, np.ndarray]:
    if own.part is None:
        none = np.zeros(len(table[own.target]), bool)
        return none, none
    return read_parts(table[own.part], own.part, problems)


def _learn(
    table: Table, own: Roles, data_config: DataConfig, rows: np.ndarray, *, path: Path | None, problems: list[str]
) -> Schema | None:
    """Learn what the columns mean; those that a file of pandas notes as the index of its frame are left out."""
    index = dict.fromkeys(list_index_columns(path) if path else (), f"{NUMBERS_ROWS} as the index of a frame")
    try:
        learnt = learn_schema(
            own.features(table),
            own.target,
            data_config.text,
            rows if rows.any() else ~rows,
            dates=data_config.dates,
            left_out=index,
        )
        return replace(learnt, roles=own.dividing)
    except BadInput as error:
        problems += error.problems
        return None


def _encode(table: Table, schema: Schema | None, problems: list[str], warn: bool) -> np.ndarray | None:
    try:
        return encode(table, schema, warn=warn) if schema else None
    except BadInput as error:
        problems += error.problems
        return None


def _check_target(labels: np.ndarray, classes: tuple[str, ...]) -> None:
    raise_all(check_class_counts(labels, classes, named=False) if classes else check_values(labels))
