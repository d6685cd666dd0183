"""Event files, read with TensorBoard's own reader."""

import warnings

import pytest

from luthier import api
from luthier.core.errors import Interrupted
from luthier.study.verify import fsck
from luthier.testing.material import rows

pytest.importorskip("tensorboard", reason="TensorBoard is an optional package")
SETTINGS = {"batch_size": 16, "model": "mlp", "quiet": True}


def told(path):
    """Step and value of every number in the event files of a run, by name."""
    with warnings.catch_warnings(action="ignore"):
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

        events = EventAccumulator(str(path / "tensorboard"))
        events.Reload()
    return {name: [(one.step, one.value) for one in events.Scalars(name)] for name in events.Tags()["scalars"]}


def expected(run, kind, key):
    return [(row["step"], pytest.approx(row[key])) for row in run.history if row["kind"] == kind]


@pytest.mark.filterwarnings("ignore")  # of packages that are not ours
def test_the_event_files_hold_the_history(tmp_path):
    run = api.train(rows(53), out=tmp_path / "run", epochs=2, log=["tensorboard"], **SETTINGS)
    found = told(run.path)
    assert found["train/loss"] == expected(run, "train", "loss")
    assert found["validation/accuracy"] == expected(run, "validation", "accuracy")
    assert [step for step, _ in found["gradient/body.1"]] == [3, 6]
    assert found["test/accuracy"] == [(6, pytest.approx(run.result["test"]["accuracy"]))]
    assert fsck(run.path) == []


@pytest.mark.filterwarnings("ignore")
def test_a_run_that_goes_on_writes_no_step_twice(tmp_path, monkeypatch):
    from luthier.run.write import Session

    def stop(session, seconds):
        raise Interrupted(2, "stopped before the second epoch was saved")

    save = Session.save
    monkeypatch.setattr(Session, "save", lambda one, seconds: (stop if one.state.epoch == 2 else save)(one, seconds))
    with pytest.raises(Interrupted):
        api.train(rows(53), out=tmp_path / "run", epochs=3, log=["tensorboard"], **SETTINGS)
    monkeypatch.setattr(Session, "save", save)
    run = api.resume(tmp_path / "run", data=rows(53), log=["tensorboard"], quiet=True)
    assert told(run.path)["train/loss"] == expected(run, "train", "loss")
