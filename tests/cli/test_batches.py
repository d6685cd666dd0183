"""luthier tune --batch-size: a table or one object, and nothing of a study."""

import json

import pytest

from luthier.cli.tune import print_batches
from luthier.study.tune.batch_size import RULE, BatchRow, BatchSizes

MB = 1_000_000


def test_the_command_prints_a_table_or_one_object_and_leaves_nothing(here, luthier):
    found = luthier("tune", "rows.npz", "--model", "mlp", "--batch-size", "--threads", 1, "--quiet", "--json").json
    assert [row["size"] for row in found["rows"]] == [8, 16, 32] and found["largest"] == 32
    assert found["fastest"] in (8, 16, 32) and found["rule"] == RULE and found["threads"] == 1
    assert all(row["examples_per_second"] * row["seconds_per_example"] == pytest.approx(1) for row in found["rows"])
    assert sorted(one.name for one in here.iterdir()) == ["pictures.npz", "rows.npz"], "no study"


def test_the_table_says_the_answers_and_their_rule(capsys):
    rows = (BatchRow(8, 9, 1 / 5000, 5000.0, 70 * MB), BatchRow(16, 7, 1 / 8000, 8000.0, 71 * MB))
    found = BatchSizes(rows, 16, 16, "the training part has 31 examples", 31, "cpu", 1)
    print_batches(found, json=False)
    heading, first, second, *answers = capsys.readouterr().out.splitlines()
    assert "examples/s" in heading and first.split() == ["8", "5000", "200", "70", "9"] and second.split()[0] == "16"
    assert answers[0] == "largest: 16 (the training part has 31 examples)"
    assert answers[1] == f"fastest: 16 ({RULE})"
    print_batches(found, json=True)
    assert json.loads(capsys.readouterr().out)["largest"] == 16


def test_other_options_of_a_study_are_refused_beside_it(luthier):
    lines = luthier("tune", "digits", "--batch-size", "--lr-only", "--trials", 7, "--out", "b").problems
    assert [line.split("but got ")[1] for line in lines] == [
        "--trials 7; leave it out, or start a new study",
        "--lr-only; leave it out, or start a new study",
        "--out b; leave it out, or start a new study",
    ]
    (line,) = luthier("tune", "--resume", "a", "--lr-only", "--trials", 9).problems
    assert line.startswith("--resume goes on with the plan of the study, but got --lr-only; leave it out")
