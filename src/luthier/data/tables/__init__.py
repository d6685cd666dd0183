"""Tables: from a file or memory to columns, from columns to what they mean, from that to numbers."""

from luthier.data.tables.columns import Table, has_columns, read_columns
from luthier.data.tables.encode import encode
from luthier.data.tables.learn import learn_schema
from luthier.data.tables.read import read_table
from luthier.data.tables.readings import Reading
from luthier.data.tables.schema import Column, Schema

__all__ = [
    "Column",
    "Reading",
    "Schema",
    "Table",
    "encode",
    "has_columns",
    "learn_schema",
    "read_columns",
    "read_table",
]
