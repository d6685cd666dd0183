"""MLflow: one of its runs for each of ours, where MLFLOW_TRACKING_URI says."""

import hashlib
import os
import time
from pathlib import Path
from typing import Any

from luthier.recipe import Recipe

EXPERIMENT = "luthier"
TAG = "luthier.run"
NUMBERS, PARAMETERS = 1000, 100
"""What MLflow takes at once."""


class MLflow:
    """Sends numbers to the experiment that MLFLOW_EXPERIMENT_NAME names, by default `luthier`.

    A run that goes on finds its own again by a tag made of its directory's path.
    """

    def __init__(self, recipe: Recipe, root: Path) -> None:
        from mlflow import MlflowClient

        self.client = MlflowClient()
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME", EXPERIMENT)
        found = self.client.get_experiment_by_name(name)
        experiment = found.experiment_id if found else self.client.create_experiment(name)
        mark = hashlib.sha256(str(root.absolute()).encode()).hexdigest()
        earlier = self.client.search_runs([experiment], f"tags.`{TAG}` = '{mark}'", max_results=1)
        self.run: str = (earlier[0] if earlier else self._new(experiment, recipe, root, mark)).info.run_id
        self.client.update_run(self.run, status="RUNNING")

    def _new(self, experiment: str, recipe: Recipe, root: Path, mark: str) -> Any:
        from mlflow.entities import Param

        tags = {TAG: mark, "luthier.directory": str(root.absolute()), "luthier.recipe_hash": recipe.hash()}
        made = self.client.create_run(experiment, run_name=root.name, tags=tags)
        settings = [Param(name, str(value)) for name, value in flat(recipe.dump()).items()]
        for start in range(0, len(settings), PARAMETERS):
            self.client.log_batch(made.info.run_id, params=settings[start : start + PARAMETERS])
        return made

    def log(self, numbers: dict[str, float], step: int) -> None:
        from mlflow.entities import Metric

        now = int(1000 * time.time())
        metrics = [Metric(name, value, now, step) for name, value in numbers.items()]
        for start in range(0, len(metrics), NUMBERS):
            self.client.log_batch(self.run, metrics=metrics[start : start + NUMBERS])

    def close(self, finished: bool) -> None:
        self.client.set_terminated(self.run, "FINISHED" if finished else "KILLED")


def flat(values: dict[str, Any], path: str = "") -> dict[str, Any]:
    """Nested settings by their path, as `--set` takes them.

    >>> flat({"seed": 1, "model": {"name": "mlp"}})
    {'seed': 1, 'model.name': 'mlp'}
    """
    found: dict[str, Any] = {}
    for name, value in values.items():
        below = isinstance(value, dict) and value
        found |= flat(value, f"{path}{name}.") if below else {f"{path}{name}": value}
    return found


open_logger = MLflow
