"""The whole page: what is on it, and how large it may become."""

import re
import time
from html import unescape

import pytest

import luthier
from luthier.core.errors import DamagedFile
from luthier.report.report import report
from luthier.report.tune_page import tune_page

SECTIONS = [
    "Best and default on fresh seeds",
    "The recipe that was found",
    "Test result of the final run",
    "Budget",
    "History",
    "Searched settings",
    "Importance of the settings",
    "Pareto front",
    "Race of the best trials",
    "Curves of every trial",
    "All trials",
    "The default recipe",
    "How to repeat it",
]
HOSTILE = "<script>document.title='hit'</script>"


def headings(page):
    return re.findall(r"<h2>(.*?)</h2>", page)


def written(study):
    return tune_page(study.root, study.ledger, study.recipe)


def test_a_finished_study_has_every_section(make):
    study = make()
    page = report(study.sealed()).read_text(encoding="utf-8")
    assert headings(page) == SECTIONS and page == written(study)
    again = "luthier tune --recipe recipe.toml --space space.toml --trials 24 --sampler tpe --pruner none "
    again += f"--race-seeds 3 --fresh-seeds 6 --threads 1 --cost parameters --out {study.root}-again"
    assert again in page and f"luthier train --recipe {study.root}/best.toml" in page
    assert study.recipe.hash() in page


def test_a_study_around_the_finders_rate_is_asked_for_again_as_one(make):
    study = make()
    study.ledger |= {"finder": 0.0123, "objectives": ["accuracy"], "front": None}
    again = "luthier tune --recipe recipe.toml --lr-only --race-seeds 3 --fresh-seeds 6 --threads 1 --out"
    assert f"{again} {study.root}-again" in written(study)


def test_more_workers_than_four_are_part_of_the_question(make):
    study = make()
    assert "--workers" not in written(study)
    study.ledger["ahead"] = 12
    assert "--fresh-seeds 6 --threads 1 --workers 6" in written(study)


def test_a_study_that_was_cut_off_shows_what_there_is(make):
    study = make(trials=7, finished=False)
    page = report(study.sealed()).read_text()
    assert headings(page) == [one for one in SECTIONS[3:] if one not in SECTIONS[6:9]]
    assert f"after 7 trials; go on with: luthier tune --resume {study.root}" in unescape(page)


def test_a_plan_alone_shows_the_space(make):
    study = make(trials=0, finished=False)
    for name in ("budget", "trial_list"):
        del study.ledger[name]
    page = written(study)
    assert headings(page) == ["Budget", "Searched settings", "The default recipe", "How to repeat it"]
    assert "<details open>" in page and "what is kept" in page


def test_one_objective_and_few_trials_leave_sections_out(make):
    study = make()
    study.ledger |= {"front": None, "objectives": ["accuracy"], "importance": [], "race": None}
    assert headings(written(study)) == [*SECTIONS[:6], *SECTIONS[9:]] and "--cost" not in written(study)


def test_hostile_choices_and_reasons_are_text(make):
    page = written(make())
    assert HOSTILE not in page and unescape(page).count(HOSTILE) > 20 and page.count("<script") == 1


def test_a_loss_is_written_as_a_loss(make):
    study = make()
    study.ledger |= {"metric": "loss", "higher": False}
    page = written(study)
    assert "Validation loss of each trial" in page and "percentage points" not in page


def test_versions_come_from_the_final_run(make):
    study = make(trials=3)
    luthier.train("digits", "softmax-regression", epochs=1, out=study.root / "run", quiet=True)
    page = written(study)
    assert "<h3>Environment</h3>" in page and "<dt>torch</dt>" in page


def test_a_ledger_that_was_altered_is_refused(make):
    root = make(trials=3).sealed()
    path = root / "study.json"
    path.write_text(path.read_text().replace('"tpe"', '"gpe"'))
    with pytest.raises(DamagedFile, match="does not match its own seal"):
        report(root)


def test_many_trials_and_settings_make_no_large_page(make):
    study = make(trials=200, more=16, epochs=100)
    began = time.process_time()
    page = written(study)
    assert time.process_time() - began < 2
    assert 200_000 < len(page.encode()) < 3_000_000
