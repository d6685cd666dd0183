"""Tables: from a CSV or Parquet file to columns, from columns to what they mean, from that to numbers."""

from luthier.data.tables.encode import encode
from luthier.data.tables.read import Table, is_table, read_table
from luthier.data.tables.schema import Column, Schema, learn_schema

__all__ = ["Column", "Schema", "Table", "encode", "is_table", "learn_schema", "read_table"]
