"""The budget: what was allowed, what was used."""

from luthier.report.tune_data import TuneData
from luthier.report.tune_words import count_epochs, count_states, list_plan, split_epochs


def test_states_and_phases_have_their_shares(make):
    study = make()
    tuning = TuneData(study.root, study.ledger)
    assert {one["name"]: one["n"] for one in count_states(tuning)} == {
        "finished": 16, "stopped": 5, "diverged": 2, "failed": 1
    }  # fmt: skip
    assert sum(one["share"] for one in count_states(tuning)) == 1
    assert [one["n"] for one in split_epochs(tuning)] == [130, 135, 108, 9]
    assert count_epochs(tuning) == 16 * 9 + 5 * 3 + 3
    assert {"asked for": "24 trials", "trained on": "190,000 examples, 2,289 examples/s"}.items() <= dict(
        list_plan(tuning)
    ).items()


def test_a_search_that_time_ended_counts_what_it_took(make):
    study = make()
    study.ledger |= {"trials": None, "minutes": 2.5}
    study.ledger["budget"]["search_epochs"] = None
    tuning = TuneData(study.root, study.ledger)
    assert (
        split_epochs(tuning)[0]["n"] == count_epochs(tuning) and dict(list_plan(tuning))["asked for"] == "2.5 minutes"
    )


def test_a_plan_alone_has_no_shares_yet(make):
    study = make(trials=0, finished=False)
    for name in ("budget", "trial_list"):
        del study.ledger[name]
    tuning = TuneData(study.root, study.ledger)
    assert count_states(tuning) == [] and split_epochs(tuning) == []
