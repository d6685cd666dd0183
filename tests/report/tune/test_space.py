"""The search space as a table and as a file."""

import tomllib

from luthier.report.tune_charts import list_space, write_space_file
from luthier.report.tune_data import TuneData


def test_ranges_choices_and_conditions_are_told(make):
    study = make(trials=1)
    rows = list_space(TuneData(study.root, study.ledger))
    assert [one["range"] for one in rows[:2]] == ["0.0001 to 0.1, logarithmic", "16 to 128, logarithmic"]
    assert rows[2]["range"].startswith("relu, tanh, <script>") and rows[2]["only"] == ""
    assert rows[3] == {
        "path": "optimizer.momentum",
        "range": "0 to 0.99",
        "only": "optimizer.name is sgd or momentum",
        "says": "what is kept",
    }


def test_the_file_says_what_the_space_says(make):
    study = make(trials=1)
    member = {**study.ledger["space"][2], "path": "optimizer.name", "choices": ["sgd", "momentum"]}
    study.ledger["space"].insert(0, member)
    found = tomllib.loads("\n".join(write_space_file(TuneData(study.root, study.ledger))))
    assert found["optimizer"]["learning_rate"] == {"low": 0.0001, "high": 0.1, "log": True}
    assert found["optimizer"]["momentum"]["only"] == {"optimizer.name": ["sgd", "momentum"]}
    assert found["optimizer"]["name"] == {"choices": ["sgd", "momentum"], "log": False}
    assert list(found) == ["optimizer", "training", "model"] and list(found["optimizer"])[-1] == "name"


def test_a_setting_that_stands_for_several_is_in_no_file(make):
    study = make(trials=1)
    study.ledger["space"][0]["scales"] = {"augment.rotation.degrees": 20.0}
    assert write_space_file(TuneData(study.root, study.ledger)) == []
