"""What columns are taken for as people have them: marks, dates, units, indices; what is refused, and how to mend it."""

import numpy as np
import pytest

from luthier.core.errors import BadInput
from luthier.data.tables.learn import learn_schema
from luthier.data.tables.schema import Column

N = 100


def texts(values):
    return np.asarray(list(values), object)


def learned(values, name="v", **options):
    """What one column is taken for, beside another."""
    table = {name: values, "beside": np.arange(N) % 9 / 8}
    schema = learn_schema(table, "y", options.pop("text", None), np.ones(N, bool), **options)
    return next((one for one in schema.columns if one.name == name), dict(schema.dropped).get(name))


def refused(values, name="v", **options):
    with pytest.raises(BadInput) as caught:
        learned(values, name, **options)
    return list(caught.value.problems)


@pytest.mark.parametrize("mark", ["#N/A", "n.d.", "NA", "<0.1", "?", "-"])
@pytest.mark.parametrize("every", [2, 7, 50])
def test_marks_of_missing_leave_numbers_numbers(mark, every):
    column = learned(texts(mark if k % every == 0 else f"{k}.5" for k in range(N)))
    assert (column.kind, column.missing) == ("number", True)
    assert column.reading.missing == (() if mark == "NA" else (mark,))


def test_a_column_of_marks_alone_is_none_of_numbers():
    assert learned(texts("?-"[k % 2] for k in range(N))).kind == "category"


def test_an_unknown_word_among_numbers_is_refused_with_row_and_remedy():
    assert refused(texts("brak" if k % 7 == 3 else f"{k}.5" for k in range(N))) == [
        "column v must hold numbers alone, but 'brak' stands in 14 of its 100 rows, such as row 3; empty these cells "
        "where no number is known, or put a letter before the numbers where they are names"
    ]
    assert (
        "but 'hi', 'lo' stand in 34 of its 100 rows, such as row 0;"
        in refused(texts("hi" if k % 6 == 0 else "lo" if k % 6 == 3 else f"{k}.5" for k in range(N)))[0]
    )


def test_tickets_of_numbers_and_many_codes_are_names():
    """As of the passengers of a ship."""
    assert learned(texts(f"PC {k}" if k % 4 == 0 else str(1000 + k) for k in range(N))).startswith("names the rows")


@pytest.mark.parametrize(
    ("write", "order"),
    [("{m}/{d}/2020", "m/d/Y"), ("{d}/{m}/2020", "d/m/Y"), ("{d:02d}.{m:02d}.2020", "d.m.Y"),
     ("2020/{m}/{d} 10:30", "Y/m/d"), ("2020-{m:02d}-{d:02d}", "iso"), ("{d:02d}-{m:02d}-2020 6:00 pm", "d-m-Y")],
)  # fmt: skip
def test_dates_in_the_order_that_fits_all(write, order):
    column = learned(texts(write.format(d=1 + k % 28, m=1 + k % 12) for k in range(N)))
    assert (column.kind, column.reading.dates) == ("number", order)


def test_dates_that_can_be_read_both_ways_are_refused_until_it_is_said_how():
    both = texts(f"0{1 + k % 9}/0{1 + k % 7}/2020" for k in range(N))
    assert refused(both) == [
        "dates must tell the day from the month, but every one of column v can be read both ways, such as "
        "'01/01/2020'; write them as ISO 8601 does (2020-12-31), or say data.dates = 'day-first' or 'month-first'"
    ]
    assert [learned(both, dates=f"{one}-first").reading.dates for one in ("day", "month")] == ["d/m/Y", "m/d/Y"]


def test_dates_that_no_order_reads_are_refused_with_rows_and_remedy():
    mixed = texts(f"{13 + k % 15}/0{1 + k % 9}/2020" if k % 2 else f"0{1 + k % 9}/{13 + k % 15}/2020" for k in range(N))
    assert refused(mixed) == [
        "dates must be written in one order, but column v has '01/13/2020' in row 0 and '14/02/2020' in row 1; write "
        "all as ISO 8601 does (2020-12-31)"
    ]
    also = texts(None if k == 0 else "2020-01-02" if k % 3 else "31.12.2020" for k in range(N))
    assert "has '2020-01-02' in row 1 and '31.12.2020' in row 3; write all" in refused(also)[0]


@pytest.mark.parametrize("write", ["1.{k}.2", "{k}:30", "12-34-56{k}", "10/{k}", "Mar {k}"])
def test_what_only_looks_like_dates_is_no_problem(write):
    assert learned(texts(write.format(k=k) for k in range(N))).startswith("names the rows")


def test_two_columns_of_dates_are_told_one_by_one():
    both = texts(f"0{1 + k % 9}/0{1 + k % 7}/2020" for k in range(N))
    with pytest.raises(BadInput) as caught:
        learn_schema({"begun": both, "ended": both}, "y", None, np.ones(N, bool))
    assert [problem.split("column ")[1].split(" ")[0] for problem in caught.value.problems] == ["begun", "ended"]


def test_numbers_in_a_unit():
    column = learned(texts(f"{k / 7:.1f}%" for k in range(N)))
    assert (column.kind, column.reading.measure) == ("number", "%")
    assert learned(texts(f"{k} {'kg' if k % 2 else 'g'}" for k in range(N))).startswith("names the rows")


@pytest.mark.parametrize("name", ["__index_level_0__", "__index_level_1__"])
def test_an_index_that_pandas_wrote_is_left_out_whatever_it_holds(name):
    for values in (np.arange(N) % 50 * 1.0, texts("ab"[k % 2] for k in range(N))):
        assert learned(values, name) == "numbers the rows as the index of a frame"


def test_a_column_that_is_named_as_left_out_is_not_looked_at():
    assert learned(texts("ab"[k % 2] for k in range(N)), left_out={"v": "is so"}) == "is so"


@pytest.mark.parametrize("name", ["Unnamed: 0", "column 0"])
def test_a_first_column_without_a_name_numbers_the_rows(name):
    """With repetitions too, as after two tables were joined."""
    assert learned(np.arange(N) % 50 * 1.0, name) == "numbers the rows"
    assert learned(np.arange(N) / 7, name).kind == "number"


@pytest.mark.parametrize("name", ["0", "user id"])
def test_fractions_number_nothing(name):
    assert learned(np.arange(N) / 7, name).kind == "number"
    assert learned(np.arange(N) * 7.0, name) == "numbers the rows"


def test_a_count_of_rows_without_a_name():
    """As in glass.data, which begins with the number of the row."""
    assert learned(np.arange(N) + 1.0, "column_0") == "numbers the rows"
    assert learned(np.arange(N) * 2.0, "column_0").kind == "number"
    assert learned(np.arange(N) + 1.0, "day").kind == "number"


def test_words_decide_what_is_text():
    assert learned(texts(f"film, {k} (!) - ..." for k in range(N))) == "names the rows, for most of its values differ"
    assert learned(texts(f"film {k}: good" for k in range(N))).kind == "text"
    assert learned(texts(f"img_{k}.png" for k in range(N)), text="v").kind == "text"


def test_numbers_with_the_reading_of_floats():
    assert learned(np.arange(N) % 9 * 1.0) == Column("v", "number")
