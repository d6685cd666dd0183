"""The budget: what was allowed, what was used."""

from luthier.report.tune_data import Tuning
from luthier.report.tune_words import phases, plan, spent, states


def test_states_and_phases_have_their_shares(make):
    study = make()
    tuning = Tuning(study.root, study.ledger)
    assert {one["name"]: one["n"] for one in states(tuning)} == {
        "finished": 16, "stopped": 5, "diverged": 2, "failed": 1
    }  # fmt: skip
    assert sum(one["share"] for one in states(tuning)) == 1
    assert [one["n"] for one in phases(tuning)] == [130, 135, 108, 9]
    assert spent(tuning) == 16 * 9 + 5 * 3 + 3
    assert {"asked for": "24 trials", "trained on": "190,000 examples, 2,289 examples/s"}.items() <= dict(
        plan(tuning)
    ).items()


def test_a_search_that_time_ended_counts_what_it_took(make):
    study = make()
    study.ledger |= {"trials": None, "minutes": 2.5}
    study.ledger["budget"]["search_epochs"] = None
    tuning = Tuning(study.root, study.ledger)
    assert phases(tuning)[0]["n"] == spent(tuning) and dict(plan(tuning))["asked for"] == "2.5 minutes"


def test_a_plan_alone_has_no_shares_yet(make):
    study = make(trials=0, finished=False)
    for name in ("budget", "trial_list"):
        del study.ledger[name]
    tuning = Tuning(study.root, study.ledger)
    assert states(tuning) == [] and phases(tuning) == []
