"""Rounds of pseudo-labels: each network labels what it is surest of, and the next one learns from that too.

Source: Lee, Pseudo-label: the simple and efficient semi-supervised learning method for deep neural networks, 2013; in
rounds that take in more and more, each trained anew: Cascante-Bonilla, Tan, Qi and Ordonez, Curriculum labeling:
revisiting pseudo-labeling for semi-supervised learning, 2021.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from torch import nn

from luthier.core.errors import BadInput
from luthier.core.shape import Form, is_count, list_of, table_with
from luthier.data import Dataset
from luthier.data.extra import with_pseudo_labels, write_pseudo_labels
from luthier.data.split import split
from luthier.data.unlabelled import exclude_equal
from luthier.recipe.compatibility import Use
from luthier.recipe.recipe import Recipe
from luthier.run import Run
from luthier.stats.metrics import Metrics
from luthier.study.design import FIGURE, MEAN, StudyDesign, deciding_metric, mean_of, vary_seed
from luthier.study.worker_pool import AddedLabels

CHUNK = 5000


FILE = "labels.safetensors"


@dataclass(frozen=True)
class PseudoLabels(StudyDesign):
    """Test metric after each round; round 0 has the given labels alone, the last one labels for all examples.

    rounds: at least 1; round r of R takes in the share r / R that the network of the round before is surest of.
    """

    kind: ClassVar[str] = "pseudo-labels"
    over: ClassVar[str] = "rounds of pseudo-labels"
    paired_over: ClassVar[str | None] = None
    answer: ClassVar[Mapping[str, Form]] = {
        "test": MEAN,
        "by_round": list_of(table_with({**FIGURE, "n": is_count, "round": is_count}), at_least=1),
    }
    use: ClassVar[Use] = "pseudo-labels"
    rounds: int

    def members(self) -> Iterator[tuple[str, int, dict[str, int]]]:
        for seed in self.seeds:
            yield from ((f"seed-{seed}-round-{number}", seed, {}) for number in range(self.rounds + 1))

    def variants(self, recipe: Recipe) -> dict[str, Recipe]:
        """Those of later rounds are without a fingerprint, for their data are not known before."""
        data = recipe.data.model_copy(update={"fingerprint": None})
        later = recipe.model_copy(update={"data": data})
        return {
            name: vary_seed(recipe if number % (self.rounds + 1) == 0 else later, seed)
            for number, (name, seed, _) in enumerate(self.members())
        }

    def previous(self, number: int) -> int | None:
        return number - 1 if number % (self.rounds + 1) else None

    def added_labels(self, number: int, root: Path) -> AddedLabels | None:
        previous, current = self.previous(number), number % (self.rounds + 1)
        if previous is None:
            return None
        names = [name for name, _, _ in self.members()]
        file = (root / f"{names[number]}-{FILE}").resolve()
        return AddedLabels(str(root / names[previous]), current / self.rounds, str(file))

    def result(self, runs: list[Run]) -> dict[str, Any]:
        metric, each = deciding_metric(runs), self.rounds + 1
        rounds = [[run for place, run in enumerate(runs) if place % each == number] for number in range(each)]
        found = [{"round": number, **_mean(some, metric)} for number, some in enumerate(rounds)]
        last = {key: value for key, value in found[-1].items() if key != "round"}
        return {"metric": metric, "by_round": found, "test": last}

    def __str__(self) -> str:
        return f"rounds of pseudo-labels than {self.rounds} under seeds {list(self.seeds)}"


def add_labels(
    recipe: Recipe, dataset: Dataset, labels: AddedLabels | None, module: nn.Module | None = None
) -> tuple[Recipe, Dataset]:
    """Return the recipe and the data of a run with the labels that another one gave; None adds none.

    module: the user's own network, where the runs have one.
    """
    if labels is None:
        return recipe, dataset
    path = Path(labels.file)
    if not path.is_file():
        run = Run(labels.run, module, recipe.own_classes())
        write_pseudo_labels(path, *choose_surest(run, recipe, dataset, labels.share))
    data = recipe.data.model_copy(update={"pseudo_labels": str(path)})
    return recipe.model_copy(update={"data": data}), with_pseudo_labels(dataset, path)


def choose_surest(run: Run, recipe: Recipe, dataset: Dataset, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the unlabelled examples that a run is surest of, and the classes that it gives them, both (M,).

    share: how many of those that equal no example of the run's parts.
    """
    assert dataset.unlabelled is not None
    parts = split(dataset, recipe.seed, recipe.split)
    pool = exclude_equal(dataset, np.concatenate((parts.train, parts.validation, parts.test)))
    if not len(pool):
        raise BadInput(
            f"pseudo-labels need examples without labels, but each of the {len(dataset.unlabelled)} equals one with a "
            "label; give others with --unlabelled"
        )
    inputs = dataset.unlabelled.inputs
    units = replace(dataset, inputs=inputs).held_units
    chunks = [pool[start : start + CHUNK] for start in range(0, len(pool), CHUNK)]
    probabilities = np.concatenate([run.predict_proba(inputs[chunk], units) for chunk in chunks])
    order = np.argsort(-probabilities.max(1), kind="stable")[: max(1, round(share * len(pool)))]
    chosen = np.sort(order)
    return pool[chosen], probabilities[chosen].argmax(1)


def _mean(runs: list[Run], metric: str) -> Metrics:
    """The mean over seeds with its interval; of a single run the metric alone."""
    if len(runs) > 1:
        return mean_of(runs, metric)
    return {"mean": runs[0].result["test"][metric], "interval": None, "n": 1}
