"""What MLflow holds afterwards, in a store of files."""

import pytest

from luthier import api
from luthier.core.errors import BadInput
from luthier.testing.material import rows

pytest.importorskip("mlflow", reason="MLflow is an optional package", exc_type=ImportError)
pytestmark = pytest.mark.filterwarnings("ignore")  # of packages that are not ours
SETTINGS = {"batch_size": 16, "model": "mlp", "quiet": True, "log": ["mlflow"]}


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"file:{tmp_path}/store")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    from mlflow import MlflowClient

    return MlflowClient()


def runs(client):
    experiment = client.get_experiment_by_name("luthier")
    return client.search_runs([experiment.experiment_id])


def test_a_run_there_holds_the_history_and_the_recipe(client, tmp_path):
    run = api.train(rows(53), out=tmp_path / "mine", epochs=2, **SETTINGS)
    (found,) = runs(client)
    assert (found.info.run_name, found.info.status) == ("mine", "FINISHED")
    assert found.data.params["training.batch_size"] == "16" and found.data.params["model.name"] == "mlp"
    assert found.data.tags["luthier.recipe_hash"] == run.recipe.hash()
    assert found.data.metrics["test/accuracy"] == run.result["test"]["accuracy"]
    losses = [(one.step, one.value) for one in client.get_metric_history(found.info.run_id, "train/loss")]
    assert losses == [(row["step"], row["loss"]) for row in run.history if row["kind"] == "train"]


def test_a_run_that_goes_on_finds_its_own_again(client, tmp_path):
    api.train(rows(53), out=tmp_path / "mine", epochs=2, **SETTINGS)
    api.resume(tmp_path / "mine", data=rows(53), epochs=3, quiet=True, log=["mlflow"])
    (found,) = runs(client)
    steps = [one.step for one in client.get_metric_history(found.info.run_id, "train/loss")]
    assert steps == [3, 6, 9] and found.info.status == "FINISHED"


def test_a_store_out_of_reach_is_said_before_anything_is_written(client, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "nowhere://at/all")
    with pytest.raises(BadInput, match=r"^log mlflow must be within reach, but is not \(Unsupported.*leave it out$"):
        api.train(rows(53), out=tmp_path / "mine", epochs=2, **SETTINGS)
    assert not (tmp_path / "mine").exists()
