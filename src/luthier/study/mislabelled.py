"""The examples whose labels are most likely wrong, as a run or a study in folds sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from luthier.core.declare import Part
from luthier.core.errors import BadInput, raise_all
from luthier.data import DataArguments, Dataset
from luthier.data.check.finding import name_example
from luthier.data.split import split
from luthier.recipe.compatibility import check_dataset
from luthier.recipe.read import read_recipe
from luthier.recipe.recipe import Recipe
from luthier.run import Run
from luthier.stats.label_noise import Suspects, find_suspects
from luthier.study.kinds import Folds
from luthier.study.study import read_study_file, run_directories
from luthier.study.study_file import STUDY_FILE

CHUNK = 5000


@dataclass(frozen=True)
class LabelIssues:
    """What was judged, and what is doubtful in it.

    dataset: the data. judged: numbers of the examples that were judged (M,). probabilities: of each class (M, K).
    fresh: whether an example was judged by networks that were not trained on it (M,). found: places in judged.
    """

    dataset: Dataset
    judged: np.ndarray
    probabilities: np.ndarray
    fresh: np.ndarray
    found: Suspects

    def rows(self, top: int | None = None) -> list[dict[str, Any]]:
        """The suspects in plain values, the most doubtful first."""
        classes = self.dataset.classes
        rows = []
        for place, likelier in zip(self.found.order[:top].tolist(), self.found.likelier[:top].tolist(), strict=True):
            example, given = int(self.judged[place]), self.probabilities[place]
            label = int(self.dataset.labels[example])
            rows.append(
                {
                    "example": example,
                    "name": name_example(self.dataset, example),
                    "label": classes[label],
                    "label_probability": float(given[label]),
                    "likelier": classes[likelier],
                    "probability": float(given[likelier]),
                    "fresh": bool(self.fresh[place]),
                }
            )
        return rows


def find_label_issues(
    path: Path | str,
    *,
    data: Any = None,
    model: nn.Module | None = None,
    own: Sequence[type[Part]] = (),
    data_dir: Path | str | None = None,
) -> LabelIssues:
    """Judge the labels of the data that a run, or better a study in folds, was trained on.

    In a study each example is judged by the networks that did not see it; an official test part is by none. A run
    judges its training and validation parts, its test part stays unread; what it has learned wrong it cannot tell.

    path: its directory. data, model, own: as for `resume`, where they were passed from Python.
    Raises BadInput where it is neither, is not finished, predicts values, or where the data are others.
    """
    root = Path(path)
    study = (root / STUDY_FILE).is_file()
    runs = [Run(one, model, own) for one in (_folds(root) if study else [root])]
    recipe = read_recipe(read_study_file(root)["recipe"], own) if study else runs[0].recipe
    dataset = DataArguments(data, data_dir, quiet=True).load_again(recipe.data)
    raise_all(check_dataset(recipe, dataset))
    if not dataset.classes:
        raise BadInput(f"labels are those of classes, but {dataset.name} holds values to be predicted; take other data")
    judged, probabilities, fresh = (
        _predict_held_out(runs, dataset) if study else _predict_alone(runs[0], recipe, dataset)
    )
    return LabelIssues(dataset, judged, probabilities, fresh, find_suspects(probabilities, dataset.labels[judged]))


def _folds(root: Path) -> list[Path]:
    kind = read_study_file(root)["kind"]
    if kind != Folds.kind:
        raise BadInput(
            f"labels are judged by a run or by a study in folds, but {root} is a study of {kind}; "
            "train one with --folds 5, or name one of its runs"
        )
    return run_directories(root)


def _predict_held_out(runs: list[Run], dataset: Dataset) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The mean answer of the networks that an example was held out from."""
    sums, counts = np.zeros((len(dataset), len(dataset.classes))), np.zeros(len(dataset), np.int64)
    for run in runs:
        test = split(dataset, run.recipe.seed, run.recipe.split).test
        sums[test] += _answers(run, dataset, test)
        counts[test] += 1
    judged = np.flatnonzero(counts)
    return judged, sums[judged] / counts[judged, None], np.ones(len(judged), bool)


def _predict_alone(run: Run, recipe: Recipe, dataset: Dataset) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    parts = split(dataset, recipe.seed, recipe.split)
    judged = np.union1d(parts.train, parts.validation)
    return judged, _answers(run, dataset, judged), np.isin(judged, parts.validation)


def _answers(run: Run, dataset: Dataset, members: np.ndarray) -> np.ndarray:
    """Probabilities of some examples (M, K); never all of their inputs at once."""
    order = [run.classes.index(name) for name in dataset.classes]
    chunks = [members[k : k + CHUNK] for k in range(0, len(members), CHUNK)]
    parts = [run.predict_proba(dataset.inputs[chunk], dataset.held_units) for chunk in chunks]
    return np.concatenate(parts)[:, order]
