"""The metric that decides: any that makes sense, the right way round, told before training where it makes none."""

import numpy as np
import pytest
import torch

from luthier.api import train, train_seeds
from luthier.core.errors import BadInput
from luthier.data import Dataset, load
from luthier.models.losses import CrossEntropy
from luthier.run import Run
from luthier.run.result import add_intervals
from luthier.stats.metrics import METRICS, WORST
from luthier.testing.material import rows, values
from luthier.training.evaluate import Evaluation, add_monitor

NOISE = np.random.default_rng(0).normal(size=(307, 7)).astype(np.float32)
HARD = (rows(307).inputs + 6 * NOISE, np.arange(307) % 7)
"""Seven classes that can hardly be told apart, so that every metric rises and falls."""
TASKS = {"classification": HARD, "regression": values(211)}
ALL = [(task, name) for task in TASKS for name, one in METRICS.items() if task in one.tasks]


def trained(task, monitor, path, **more):
    tricks = {"early-stopping": {"patience": 3}}
    training = {"monitor": monitor, "epochs": 8, "batch_size": 16}
    return train(TASKS[task], "mlp", out=path, quiet=True, training=training, tricks=tricks, learning_rate=0.02, **more)


@pytest.mark.parametrize(("task", "monitor"), ALL)
def test_the_best_epoch_by_any_metric_is_kept(task, monitor, tmp_path):
    """The kept network's figure on the validation part is the best of the history, lowest where lower is better."""
    run = trained(task, monitor, tmp_path / "run")
    seen = [row[monitor] for row in run.history if row["kind"] == "validation"]
    best = (max if METRICS[monitor].better == "higher" else min)(seen)
    assert run.result["validation"][monitor] == pytest.approx(best, rel=1e-5)
    assert run.recipe.training.monitor == monitor


def test_the_history_tells_what_the_result_tells(tmp_path):
    run = train(HARD, "mlp", out=tmp_path / "run", quiet=True, training={"monitor": "ece", "epochs": 2})
    last = [row for row in run.history if row["kind"] == "validation"][-1]
    assert last["ece"] == pytest.approx(run.result["validation"]["ece"], rel=1e-6)
    assert last.keys() >= {"accuracy", "loss", "n"} and "macro-f1" not in last


def test_a_study_reports_the_metric_that_decides(tmp_path):
    training = {"monitor": "macro-f1", "epochs": 1}
    found = train_seeds(HARD, "mlp", seeds=2, out=tmp_path / "study", quiet=True, training=training)
    each = [Run(path).result["test"]["macro-f1"] for path in found["runs"]]
    assert found["metric"] == "macro-f1" and found["test"]["mean"] == pytest.approx(np.mean(each))


def test_answers_that_are_not_finite_score_worst():
    answers, labels = logits()
    found = add_monitor(Evaluation(answers * torch.nan, labels, {"accuracy": 0.5}), CrossEntropy(), "auroc")
    assert found == {"accuracy": 0.5, "auroc": None} and METRICS["auroc"].score(found["auroc"]) == WORST


def refused(data, monitor, tmp_path, **more):
    with pytest.raises(BadInput) as caught:
        train(data, "mlp", out=tmp_path / "run", quiet=True, training={"monitor": monitor, "epochs": 1}, **more)
    assert not (tmp_path / "run").exists()
    return str(caught.value)


def test_a_metric_that_does_not_fit_is_told_before_training(tmp_path):
    assert refused(HARD, "rmse", tmp_path) == (
        "training.monitor must be a metric of the task, but arrays is for classification, rmse is not; "
        "choose one of accuracy, auroc, ece, log-loss, loss, macro-f1, top-5"
    )
    assert refused(values(53), "auroc", tmp_path).endswith("choose one of loss, mae, r2, rmse")
    assert refused(rows(53), "top-5", tmp_path) == (
        "training.monitor must be a metric that the validation part defines, but top-5 is none: with 3 classes every "
        "answer is among the top 5; choose another, such as accuracy, or raise split.validation"
    )
    made = load(rows(53))
    one_class = Dataset("few", made.inputs, made.labels, made.classes)
    assert "but auroc is none: all examples are of one class" in refused(
        one_class, "auroc", tmp_path, split={"name": "random", "validation": 0.02}
    )


def test_the_figure_of_the_result_has_its_interval():
    found = add_intervals(Evaluation(*logits(), {"accuracy": 1.0, "n": 24}), CrossEntropy())
    assert found["intervals"].keys() == {"accuracy", "auroc", "ece", "log-loss", "macro-f1", "top-5"}


def logits():
    labels = torch.arange(24) % 7
    return torch.eye(7)[labels] * 2, labels
