"""Optuna's dashboard opens a study as it is, from the file in its directory."""

import io
import json
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from wsgiref.util import setup_testing_defaults

import optuna_dashboard
import pytest

from luthier.data import load
from luthier.recipe.read import read_recipe
from luthier.study.trial_log import TrialLog
from luthier.study.tune.options import TuneOptions
from luthier.study.tune.planning import make_plan
from luthier.study.tune.storage import JOURNAL, open_storage
from luthier.study.tune.trial import Outcome, Trial, TrialJob
from luthier.study.tune.trial_sampler import suggest_params

PAGE = Path(__file__).parents[3] / "docs" / "tune.md"
SCORES = [{1: 0.25, 2: 0.5}, {1: 0.125}, {1: 0.75, 2: 0.875}]
ENDS = ["finished", "paused", "finished"]


@pytest.fixture
def journal(tmp_path):
    """The journal of a study of three trials, of which the second was stopped early."""
    recipe, dataset = read_recipe({"model": {"name": "mlp"}}), load("digits")
    plan = make_plan(TuneOptions(trials=3), recipe, dataset, 1)
    with open_storage(tmp_path, None) as storage:
        trial_log = TrialLog(storage, "digits", "", plan)
        for number, (scores, end) in enumerate(zip(SCORES, ENDS, strict=True)):
            params, how = suggest_params(plan, number, trial_log.trials(), number)
            trial, job = Trial(number, params, how, number), TrialJob(number, number, max(scores))
            trial_log.add_job(trial, job)
            trial_log.add_outcome(trial, job, Outcome(scores, end, 1.0, 100, 1, {}))
            trial_log.close(trial)
    return tmp_path / JOURNAL


def asked(app, path):
    """What the dashboard answers to a request, without a server."""
    environ, told = {"PATH_INFO": path, "REQUEST_METHOD": "GET", "wsgi.errors": io.StringIO()}, []
    setup_testing_defaults(environ)
    body = b"".join(app(environ, lambda status, headers, *_: told.append(status)))
    assert told == ["200 OK"], body
    return json.loads(body)


def test_it_shows_every_trial_with_its_curve(journal):
    before = journal.read_bytes()
    app = optuna_dashboard.wsgi(str(journal))
    (study,) = asked(app, "/api/studies")["study_summaries"]
    assert study["study_name"] == "digits" and study["directions"] == ["maximize"]
    found = asked(app, f"/api/studies/{study['study_id']}")
    curves = [{one["step"]: one["value"] for one in trial["intermediate_values"]} for trial in found["trials"]]
    assert curves == SCORES
    assert [one["state"] for one in found["trials"]] == ["Complete", "Pruned", "Complete"]
    assert [one["number"] for one in found["best_trials"]] == [2]
    assert {one["name"] for one in found["union_search_space"]} >= {"optimizer.learning_rate", "training.batch_size"}
    assert journal.read_bytes() == before


def test_it_looks_on_while_the_study_grows(journal):
    app = optuna_dashboard.wsgi(str(journal))
    assert len(asked(app, "/api/studies")["study_summaries"]) == 1
    with open_storage(journal.parent, None) as storage:
        storage.create_new_study([1], "another")
    assert len(asked(app, "/api/studies")["study_summaries"]) == 2


@pytest.mark.slow
def test_the_command_of_the_page_shows_it(journal, port):
    (line,) = [one for one in PAGE.read_text().splitlines() if one.startswith("$ optuna-dashboard ")]
    assert line == "$ optuna-dashboard runs/search/trials.journal"
    program = Path(sys.executable).with_name("optuna-dashboard")
    with subprocess.Popen([program, journal, "--port", str(port)], stderr=subprocess.DEVNULL) as server:
        try:
            (study,) = json.loads(answer(f"http://127.0.0.1:{port}/api/studies"))["study_summaries"]
        finally:
            server.terminate()
    assert study["study_name"] == "digits"


def answer(address):
    limit = time.monotonic() + 60
    while True:
        try:
            with urlopen(address) as found:
                return found.read()
        except URLError:
            assert time.monotonic() < limit
            time.sleep(0.2)
