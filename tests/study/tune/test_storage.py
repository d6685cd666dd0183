"""Where trials are kept: a file, a real Postgres, or a plain refusal before anything starts."""

import re
import sys

import optuna
import pytest

from luthier.core.errors import BadInput, LuthierError
from luthier.study.tune.storage import JOURNAL, choose_address, hide_password, open_storage


def kept(storage):
    """A study with a trial of every kind of value, as another process finds it."""
    study = optuna.create_study(study_name="digits", storage=storage, direction="maximize")
    study.set_user_attr("recipe_hash", "abc")
    trial = study.ask()
    trial.suggest_float("optimizer.learning_rate", 1e-4, 1e-1, log=True)
    trial.suggest_int("training.batch_size", 16, 256)
    trial.suggest_categorical("optimizer.name", ["adam", "momentum"])
    trial.report(float("nan"), 1)
    trial.report(0.5, 2)
    trial.set_user_attr("done-0", {"scores": {"1": 0.25}, "why": None, "seconds": 0.125})
    study.tell(trial, 0.5)
    return study


def same(first, second):
    assert first.user_attrs == second.user_attrs and first.study_name == second.study_name
    (one,), (other,) = first.trials, second.trials
    for field in ("params", "distributions", "values", "user_attrs", "state"):
        assert getattr(one, field) == getattr(other, field), field
    assert repr(one.intermediate_values) == repr(other.intermediate_values)  # one is no number, and equals nothing


def kept_and_found(root, url):
    with open_storage(root, url) as storage:
        study = kept(storage)
        with open_storage(root, url) as other:
            same(study, optuna.load_study(study_name="digits", storage=other))


def test_a_study_in_its_directory_is_found_again(tmp_path):
    kept_and_found(tmp_path, None)
    assert [one.name for one in tmp_path.iterdir()] == [JOURNAL]


def test_a_study_in_postgres_is_found_again(tmp_path, database):
    kept_and_found(tmp_path, database)
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_goes_away_is_named_without_its_password(tmp_path, postgres, database):
    message = (
        f"the study's database {hide_password(database)} no longer answers (WHY); what it holds is kept; once it is "
        f"back, go on with: luthier tune --resume {tmp_path}"
    )
    try:
        with pytest.raises(LuthierError) as caught, open_storage(tmp_path, database) as storage:
            kept(storage)
            postgres.stop()
            optuna.load_study(study_name="digits", storage=storage)
    finally:
        postgres.start()
    assert re.sub(r"\(.+\)", "(WHY)", str(caught.value)) == message
    with open_storage(tmp_path, database) as storage:
        assert optuna.load_study(study_name="digits", storage=storage).best_value == 0.5


REFUSED = "; start it, mend the address, or leave --storage out for a file in the study's directory"


def refusal(tmp_path, url):
    with pytest.raises(BadInput) as caught, open_storage(tmp_path, url):
        pytest.fail("it was opened")
    (message,) = str(caught.value).splitlines()
    assert message.startswith(f"--storage must be a database that can be reached, but {hide_password(url)} cannot (")
    assert message.endswith(REFUSED)
    return message


def test_a_server_that_is_not_there_is_refused(tmp_path, postgres):
    assert "refused" in refusal(tmp_path, postgres.url("studies").replace(f":{postgres.port}/", ":1/"))


def test_a_database_that_is_not_there_is_refused(tmp_path, postgres):
    assert 'database "nowhere" does not exist' in refusal(tmp_path, postgres.url("nowhere"))


def test_a_wrong_password_is_refused_and_not_repeated(tmp_path, database, postgres):
    message = refusal(tmp_path, database.replace(postgres.password, "falsch"))
    assert "password authentication failed" in message and "falsch" not in message


@pytest.mark.parametrize("url", ["nonsense", "oracle+nothing://host/db", "postgresql://", "postgresql://me:x@h:port/d"])
def test_what_is_no_address_is_refused(tmp_path, url):
    refusal(tmp_path, url)


def test_a_missing_driver_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(BadInput) as caught, open_storage(tmp_path, "postgresql://me:x@127.0.0.1/studies"):
        pytest.fail("it was opened")
    assert str(caught.value) == (
        "--storage needs the driver of its database, but there is none for postgresql://me:***@127.0.0.1/studies; that "
        "of Postgres comes with pip install 'luthier[postgres]'"
    )


def test_a_study_goes_on_in_the_database_it_has():
    assert choose_address(None, None) is None
    assert choose_address("postgresql://me@host/d", "postgresql://me@elsewhere/d") == "postgresql://me@elsewhere/d"
    with pytest.raises(BadInput) as caught:
        choose_address(None, "postgresql://me:x@host/d")
    assert str(caught.value) == (
        "--storage goes on with the database of a study, but this one keeps its trials in its directory, and got "
        "postgresql://me:***@host/d; leave it out"
    )
    with pytest.raises(BadInput) as caught:
        choose_address(hide_password("postgresql://me:x@host/d"), None)
    assert str(caught.value) == (
        "the password of a study's database is not kept, but postgresql://me:***@host/d has one; give it with "
        "--storage URL"
    )


def test_an_address_with_two_at_signs_is_refused_before_any_program_reads_it(tmp_path):
    with pytest.raises(BadInput) as caught, open_storage(tmp_path, "postgresql://me:p@ss:SECRET@127.0.0.1/d"):
        pytest.fail("it was opened")
    assert str(caught.value) == (
        "--storage must be an address with one @, before its host, but postgresql://me:***@127.0.0.1/d has more of "
        "them; write those of the user's name and password as %40"
    )


def test_a_driver_that_repeats_the_password_does_not_tell_it(tmp_path):
    message = refusal(tmp_path, "sqlite:///file:/nowhere/k.db?uri=true&password=SECRET")
    assert "SECRET" not in message and "password=***" in message
