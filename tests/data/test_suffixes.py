"""What a file is by its name: one table, from which messages and help are made."""

from pathlib import Path

import pytest

from luthier.data.suffixes import ARRAYS, TABLES, is_array, is_table, is_text_table, name_suffixes


@pytest.mark.parametrize("name", ["a.csv", "a.CSV", "a.tsv", "a.data", "a.txt", "a.parquet", "a.b.Parquet"])
def test_tables(name):
    assert is_table(Path(name)) and not is_array(Path(name))
    assert is_text_table(Path(name)) == (not name.lower().endswith("parquet"))


@pytest.mark.parametrize("name", ["csv", "a.csv.gz", "a.png", "a.npz", "a.tables"])
def test_what_is_no_table(name):
    assert not is_table(Path(name)) and not is_text_table(Path(name))


def test_a_suffix_means_one_thing():
    assert not set(TABLES) & set(ARRAYS)
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in (*TABLES, *ARRAYS))


def test_suffixes_in_a_sentence():
    assert name_suffixes(".a") == ".a" and name_suffixes(".a", ".b") == ".a or .b"
