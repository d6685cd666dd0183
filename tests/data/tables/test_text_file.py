"""Text files of tables as people have them: made files of the kinds of public collections."""

import warnings

import pytest

from luthier.core.errors import BadInput, LuthierWarning
from luthier.data.tables import Column, Schema, read_table


@pytest.fixture
def write(tmp_path):
    def write(content, name="t.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def lists(table):
    return {name: values.tolist() for name, values in table.items()}


def problems_of(path, **options):
    with pytest.raises(BadInput) as caught:
        read_table(path, **options)
    return [problem.replace(str(path), "t") for problem in caught.value.problems]


CREDITS = [
    ("A11", "6", "0.5"),
    ("A12", "48", "1.25"),
    ("A11", "12", "0.75"),
    ("A12", "42", "1.0"),
    ("A11", "24", "0.6"),
]


def text_of(rows, mark=",", end="\n"):
    return end.join(mark.join(row) for row in rows) + end


CODES = ["A11", "A12", "A11", "A12", "A11"]


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.data", "t.txt"])
@pytest.mark.parametrize("mark", [",", ", ", ";", "\t", "|"])
def test_a_file_without_a_header_is_read_and_told(write, name, mark):
    rows = [CREDITS[3], *CREDITS]
    with pytest.warns(LuthierWarning, match=r"column_0 to column_2; say data.header = true where it is the header"):
        table = read_table(write(text_of(rows, mark), name))
    assert list(table) == ["column_0", "column_1", "column_2"]
    assert table["column_0"].tolist() == ["A12", *CODES]
    assert table["column_1"].tolist() == ["42", "6", "48", "12", "42", "24"]


def test_white_space_may_stand_between_cells(write):
    """As in german.data, and in auto-mpg.data with spaces to a width, a tab and quotes."""
    plain = write(text_of([CREDITS[3], *CREDITS], " ", " \n"), "t.data")
    wide = write(
        '18.0   8   130.0  70\t"ford pinto"\n15.5   6   ?      71\t"opel 1900"\n16.0   8   150.0  70\t"ford pinto"\n'
        '16.5   6   140.0  71\t"ford pinto"\n17.0   8   135.0  70\t"opel 1900"\n', "w.data",
    )  # fmt: skip
    with pytest.warns(LuthierWarning, match="the first row looks like the others"):
        assert read_table(plain)["column_0"].tolist() == ["A12", *CODES]
    with pytest.warns(LuthierWarning, match="the first row looks like the others"):
        table = read_table(wide)
    assert len(table) == 5 and table["column_4"].tolist()[:2] == ["ford pinto", "opel 1900"]
    assert table["column_2"].tolist() == ["130.0", "?", "150.0", "140.0", "135.0"]


def test_words_of_one_column_are_not_cells(write):
    assert lists(read_table(write("review text\ngood film\na bad film\n"))) == {
        "review text": ["good film", "a bad film"]
    }


def test_a_setting_decides(write):
    header = text_of([("a", "b", "c"), *CREDITS])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(read_table(write(header))) == ["a", "b", "c"]
        assert read_table(write(header), header=False)["column_0"].tolist() == ["a", *CODES]
        assert list(read_table(write(text_of(CREDITS)), header=True)) == ["A11", "6", "0.5"]


def test_empty_lines_and_rows_at_either_end(write):
    text = "\n" + text_of([("a", "b", "c"), *CREDITS]) + "\n\n"
    assert read_table(write(text))["a"].tolist() == CODES


def test_further_rows_go_by_the_names_that_are_known(write):
    """One row alone cannot tell; names that were made tell that its kind had no header."""
    made, named = (Schema(f"{name}1", (Column(f"{name}0", "number"),)) for name in ("column_", "x"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert lists(read_table(write("4,k\n"), schema=made)) == {"column_0": ["4"], "column_1": ["k"]}
        assert lists(read_table(write("4,k\n5,k\n"), schema=made)) == {"column_0": ["4", "5"], "column_1": ["k", "k"]}
        assert list(read_table(write("length,kind\n4,k\n5,k\n"), schema=made)) == ["length", "kind"]
        assert list(read_table(write("x0,z\nx0,z\n"), schema=named)) == ["x0", "z"]


def test_rows_of_other_lengths_are_numbered_from_the_first(write):
    path = write("1,2\n3,4\n5\n1,4\n3,2\n")
    assert problems_of(path, header=False)[0].startswith(
        "every row must have the 2 cells of the first row, but row 2 of"
    )
    assert problems_of(path, header=True)[0].startswith("every row must have the 2 cells of the header, but row 1 of")


def test_quotes_in_a_text_between_tabs_are_letters_of_it(write):
    """As in sms.tsv, where they would join messages; a file that quotes whole cells is read as ever."""
    rows = 'l\tt\na\t"so" he said\nb\tplain\na\t"unclosed\nb\tlast\n'
    assert lists(read_table(write(rows, "t.tsv"))) == {
        "l": ["a", "b", "a", "b"], "t": ['"so" he said', "plain", '"unclosed', "last"]
    }  # fmt: skip
    assert lists(read_table(write('l\tt\na\t"two\nlines"\n', "t.tsv"))) == {"l": ["a"], "t": ["two\nlines"]}


def test_a_word_for_missing_after_a_space(write):
    """Quotes keep it."""
    assert read_table(write('a,b\n 1, x\n NA,"NA"\n nan , None\n'))["a"].tolist() == ["1", None, None]
    assert read_table(write('a,b\n 1, x\n NA,"NA"\n nan , None\n'))["b"].tolist() == ["x", "NA", None]


def test_names_that_come_twice_may_be_no_names(write):
    assert problems_of(write("a,b,a\n1,2,3\n")) == [
        "columns must differ in name, but t has 'a' twice; rename one, or say data.header = false where the first row "
        "is no header"
    ]


@pytest.mark.parametrize(("target", "fits"), [(2, True), (0, False)])
def test_columns_by_place_must_all_be_there_but_for_a_target_at_the_end(write, target, fits):
    others = tuple(Column(f"column_{k}", "number") for k in range(3) if k != target)
    schema = Schema(f"column_{target}", others)
    if fits:
        assert list(read_table(write("1,2\n"), schema=schema)) == ["column_0", "column_1"]
    else:
        assert problems_of(write("1,2\n"), schema=schema) == [
            "a table without a header must have all 3 columns in their order, the target column_0 among them, but t "
            "has 2; add what is missing, empty where it is not known"
        ]


def test_a_mark_in_a_text_cuts_no_cells(write):
    rows = ["ham\tGo there, now", "spam\tFree, free; call us", "ham\tOk", "ham\tYes, I do, do you?"]
    with pytest.warns(LuthierWarning, match="column_0 to column_1"):
        assert read_table(write("\n".join(rows * 2), "t.tsv"))["column_0"].tolist() == ["ham", "spam", "ham", "ham"] * 2


@pytest.mark.parametrize("cell", ["1", "word" * 9], ids=["numbers", "texts"])
def test_a_file_that_has_no_room_is_refused_by_a_sample(write, monkeypatch, cell):
    """Each cell is a text at first: of short ones the file takes many times its size."""
    path = write("a,b\n" + f"{cell},{cell}\n" * 20_000)
    assert len(read_table(path)["a"]) == 20_000
    monkeypatch.setenv("LUTHIER_MEGABYTES", "1")
    (problem,) = problems_of(path)
    assert problem.startswith(
        "t must take at most 1 MB of memory (as LUTHIER_MEGABYTES says), but by its header takes "
    )
