"""What is told of how a table was read: what people should know, and nothing about what is plain."""

import numpy as np

from luthier.data.tables.learn import learn_schema
from luthier.data.tables.remarks import list_remarks

N = 100


def remarks(text=None, **columns):
    table = {
        name: np.asarray(values, object if isinstance(values[0], str | None) else float)
        for name, values in columns.items()
    }
    schema = learn_schema(table, "y", text, np.ones(N, bool))
    return list_remarks(table, schema, text)


NUMBERS = [f"{k * 37 % 91}.5" for k in range(N)]


def test_plain_columns_are_nothing_to_tell():
    assert remarks(
        x=NUMBERS, k=[float(k % 7) for k in range(N)], city=["Rome", "Oslo"] * (N // 2),
        day=["2020-01-05", "2021-11-30"] * (N // 2), gaps=[None, "1", "2", "3"] * (N // 4),
    ) == []  # fmt: skip


def test_names_of_rows_are_left_out():
    values = {
        "uuid": [f"{k:08x}-12ab-34cd-56ef-{k:012x}" for k in range(N)], "mail": [f"user{k}@mail.org" for k in range(N)],
        "file": [f"img_{k:04d}.png" for k in range(N)], "phone": [f"+49-30-{k * 7919 % 10**6:06d}" for k in range(N)],
        "path": [f"C:\\data\\a-b\\{k}.txt" for k in range(N)], "call": [f"(030) {k + 100} 20" for k in range(N)],
    }  # fmt: skip
    assert remarks(x=NUMBERS, **values) == [
        f"column {name} is left out: it names the rows, for most of its values differ; say data.text = '{name}' if its "
        "words are to be read"
        for name in values
    ]


def test_free_text_is_announced_unless_it_was_asked_for():
    texts = [f"a film of {k} minutes, (not) bad" for k in range(N)]
    assert remarks(x=NUMBERS, review=texts) == [
        "column review is read as free text, with 7 words in a value, one word after another; leave it out of the file "
        "if it is none"
    ]
    assert remarks("review", x=NUMBERS, review=texts) == []


def test_dates_units_and_marks_are_told():
    assert remarks(
        day=[f"{1 + k % 12}/{1 + k % 28}/2020" for k in range(N)],
        share=[f"{k / 7:.2f}%" for k in range(N)],
        glucose=["#N/A" if k % 7 == 0 else "<0.1" if k % 7 == 1 else f"{k}.5" for k in range(N)],
    ) == [
        "column day is read as dates in the order m/d/Y, such as '1/1/2020'; write them as ISO 8601 does (2020-12-31) "
        "if that is not meant",
        "column share is read as numbers in %, such as '0.00%'; write further rows in that unit too",
        "column glucose holds '#N/A', '<0.1' in place of 30 numbers, which count as missing; write the numbers if they "
        "are known",
    ]


def test_categories_that_were_perhaps_numbers():
    assert remarks(code=["1", "2", "3", "A"] * (N // 4)) == [
        "column code holds 75 numbers and 25 texts, such as 'A'; all are taken for categories"
    ]
