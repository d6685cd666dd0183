"""Two tables written to CSV, beside scikit-learn's multilayer perceptron on the same folds.

python benchmarks/tables.py [FOLDS]
"""

import csv
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import luthier
from luthier.stats import mean_interval

TABLES = {
    "breast cancer, accuracy": (load_breast_cancer, MLPClassifier, StratifiedKFold, "classification", "accuracy"),
    "diabetes, R2": (load_diabetes, MLPRegressor, KFold, "regression", "r2"),
}


def main(folds: int) -> None:
    print(f"{'table':26}{'Luthier':>10}{'scikit-learn':>14}   difference, 95% interval over {folds} folds")
    for name, (load, network, splitter, task, metric) in TABLES.items():
        bunch = load()
        pairs = []
        for fold, (_, test) in enumerate(splitter(folds, shuffle=True, random_state=0).split(bunch.data, bunch.target)):
            in_test = np.isin(np.arange(len(bunch.data)), test)
            pairs.append((ours(bunch, in_test, task, metric, fold), theirs(bunch, in_test, network, fold)))
        mine, other = np.transpose(pairs)
        interval = mean_interval(mine - other)
        print(
            f"{name:26}{mine.mean():10.4f}{other.mean():14.4f}   "
            f"{np.mean(mine - other):+.4f} ({interval.low:+.4f} to {interval.high:+.4f})"
        )


def ours(bunch, in_test, task, metric, seed):
    """Score on the test rows of a run with the default recipe, from the table in a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*bunch.feature_names, "part", "target"])
            for row, part, target in zip(bunch.data, np.where(in_test, "test", "train"), bunch.target, strict=True):
                writer.writerow([*row, part, target])
        run = luthier.train(path, task=task, seed=seed, out=Path(folder) / "run", quiet=True)
        return run.result["test"][metric]


def theirs(bunch, in_test, network, seed):
    """Score on the same rows of scikit-learn's network with its defaults, behind a scaler."""
    pipeline = make_pipeline(StandardScaler(), network(random_state=seed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        pipeline.fit(bunch.data[~in_test], bunch.target[~in_test])
    return pipeline.score(bunch.data[in_test], bunch.target[in_test])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
