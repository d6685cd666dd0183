"""Compare runs or studies: pair what can be paired, and give each difference with its interval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from luthier.core.declare import Part
from luthier.core.errors import BadInput
from luthier.run import Run
from luthier.run.result import compute_probabilities, is_same_part
from luthier.stats import (
    Interval,
    crossed_interval,
    holm,
    mcnemar,
    paired_mean_interval,
    paired_share_interval,
    resampled_interval,
)
from luthier.stats.metrics import CLASSIFICATION, METRICS, REGRESSION, Measure, compute_metrics
from luthier.stats.metrics.classification import ECE_METHOD, bin_gaps, ece_difference
from luthier.stats.metrics.metric import STUDENT
from luthier.study.kinds import Folds
from luthier.study.study import KINDS, read_design, read_study_file
from luthier.study.study_file import STUDY_FILE, read_kind

RUN = "run"


@dataclass(frozen=True)
class ComparedRun:
    """A run, or a study of one recipe under several seeds or in folds.

    kind: run, seeds or folds. runs: finished, in the order of the study; the run itself where it is one.
    """

    path: Path
    kind: str
    runs: tuple[Run, ...]

    @property
    def paired_over(self) -> str | None:
        """What two subjects of this kind are paired over."""
        return "examples" if self.kind == RUN else KINDS[self.kind].paired_over

    @property
    def seeds(self) -> list[int]:
        """The seed of each run."""
        return [int(run.result["seed"]) for run in self.runs]

    @property
    def folds(self) -> int:
        """How many folds the data are dealt into; 1 where they are not."""
        return self.runs[0].recipe.split.folds or 1

    def to_dict(self) -> dict[str, Any]:
        """What it is and what it came to by itself."""
        about = {"path": str(self.path), "kind": self.kind, "seeds": self.seeds}
        recipe = self.runs[0].result.get("recipe_hash_without_seed")
        return {**about, "recipe_hash_without_seed": recipe, "tests": [run.result["test"] for run in self.runs]}


def open_compared(path: Path, own: Sequence[type[Part]] = ()) -> ComparedRun:
    """Open a finished run or study; own: classes of the user's own parts that its recipe names.

    Raises BadInput where it is not finished, or a study of another kind.
    """
    if not (path / STUDY_FILE).is_file():
        return ComparedRun(path, RUN, (_check_finished(Run(path, own=own)),))
    if read_kind(path) == "tune":
        raise BadInput(
            f"compare takes runs and studies of seeds or folds, but {path} is a tuning study; give its run, "
            f"{path / 'run'}"
        )
    ledger = read_study_file(path)
    design = read_design(ledger)
    if design.paired_over is None:
        raise BadInput(
            f"compare takes runs and studies of seeds or folds, but {path} is of the kind {design.kind}; give its runs"
        )
    names = [name for name, _, _ in design.members()]
    if "runs" not in ledger:
        raise BadInput(f"a comparison needs a finished study, but {path} is not; finish it with: luthier resume {path}")
    return ComparedRun(path, design.kind, tuple(_check_finished(Run(path / name, own=own)) for name in names))


def _check_finished(run: Run) -> Run:
    run.result  # noqa: B018  # raises where there is none
    return run


FEWEST = 20
"""Examples below which the interval of what is no plain mean is too narrow."""


@dataclass(frozen=True)
class Difference:
    """Second less first in one metric.

    found: its interval, None where there is none that holds. p: of no difference, None where no test is made. more:
    what else is to be told.
    """

    metric: str
    estimate: float
    found: Interval | None
    method: str
    p: float | None = None
    test: str | None = None
    more: dict[str, int] | None = None

    def to_dict(self) -> dict[str, Any]:
        """In plain values."""
        found = self.found
        return {
            "metric": self.metric,
            "better": METRICS[self.metric].better,
            "difference": self.estimate,
            "interval": [found.low, found.high] if found else None,
            "n": found.n if found else None,
            "method": self.method,
            "test": self.test,
            "p": self.p,
            **(self.more or {}),
        }


def differences(one: ComparedRun, other: ComparedRun) -> list[Difference]:
    """The difference in each metric, the one that decides in the first subject before the others.

    A metric that nothing defines in some run is left out.
    """
    tables = [[scores(run) for run in subject.runs] for subject in (one, other)]
    everywhere = [metric for metric in tables[0][0] if all(metric in table for some in tables for table in some)]
    return [_difference(metric, one, *([table[metric] for table in some] for some in tables)) for metric in everywhere]


def _difference(metric: str, one: ComparedRun, first: list[np.ndarray], second: list[np.ndarray]) -> Difference:
    if one.kind == RUN:
        return _of_runs(metric, first[0], second[0])
    if metric == GAPS:
        estimate = float(np.mean([_error(b) - _error(a) for a, b in zip(first, second, strict=True)]))
        return Difference(metric, estimate, None, "none is known that holds over several runs")
    if one.kind == Folds.kind:
        return _of_folds(metric, first, second, one.folds)
    return _of_seeds(metric, np.stack(second) - np.stack(first))


def _of_runs(metric: str, first: np.ndarray, second: np.ndarray) -> Difference:
    """Over examples; it says nothing about other seeds."""
    if metric in HITS:
        return _of_hits(metric, first, second)
    if metric == GAPS:
        return Difference(metric, _error(second) - _error(first), ece_difference(first, second), ECE_METHOD)
    estimate = float(second.mean() - first.mean())
    way = METRICS[metric].paired
    method = f"{way}, paired over examples"
    tested = paired_mean_interval(second - first) if way == STUDENT or len(first) >= FEWEST else None
    if tested is None:
        return Difference(metric, estimate, None, method)
    found, p = tested
    return Difference(metric, estimate, found, method, p, "t")


def _of_hits(metric: str, first: np.ndarray, second: np.ndarray) -> Difference:
    only_first, only_second = int((first > second).sum()), int((second > first).sum())
    found = paired_share_interval(only_first, only_second, len(first))
    return Difference(
        metric,
        found.estimate,
        found,
        "Agresti and Min's, paired over examples",
        mcnemar(only_first, only_second),
        "McNemar's exact",
        {"only_first": only_first, "only_second": only_second},
    )


def _of_seeds(metric: str, differences: np.ndarray) -> Difference:
    method, estimate = "t of seeds crossed with examples, paired over both", float(differences.mean())
    if min(differences.shape) < 2:
        return Difference(metric, estimate, None, method)
    found, p = crossed_interval(differences)
    return Difference(metric, estimate, found, method, p, "t")


def _of_folds(metric: str, first: list[np.ndarray], second: list[np.ndarray], of_deal: int) -> Difference:
    """of_deal: folds in each deal, of which there may be several."""
    means = [float(b.mean() - a.mean()) for a, b in zip(first, second, strict=True)]
    found = resampled_interval(means, 1 / (of_deal - 1))
    return Difference(metric, found.estimate, found, "Nadeau and Bengio's, paired over folds")


def _error(gaps: np.ndarray) -> float:
    """The ECE of a part."""
    return float(np.abs(gaps.mean(0)).sum())


def why_not_paired(one: ComparedRun, other: ComparedRun) -> str | None:
    """The first reason why two subjects cannot be paired; None where they can."""
    if one.kind != other.kind:
        return f"one is a {_name(one)}, the other a {_name(other)}; compare like with like"
    if one.kind != RUN and one.seeds != other.seeds:
        seeds = f"{_list_seeds(one.seeds)} and {_list_seeds(other.seeds)}"
        return f"their seeds differ, {seeds}; train both under the same seeds"
    if one.kind == Folds.kind and one.folds != other.folds:
        return "they are dealt into different numbers of folds; deal both alike"
    for pair in zip(one.runs, other.runs, strict=True):
        reason = _why_runs_unpaired(*pair)
        if reason:
            return reason
    return None


def _why_runs_unpaired(one: Run, other: Run) -> str | None:
    if one.classes != other.classes or one.outputs != other.outputs:
        return "they answer with other classes or values; compare runs of one task"
    if _data(one) != _data(other):
        return "their data differ, and so what they were tested on; train both on the same data"
    try:
        same = is_same_part(one.test_predictions, other.test_predictions)
    except BadInput as error:
        return str(error)
    return None if same else "their test parts differ, as other folds or splits do; train both with the same split"


def _data(run: Run) -> str:
    """The data by which the test part is drawn; runs of earlier versions name them with the extra examples."""
    return str(run.result.get("drawn_by", run.result["fingerprint"]))


def _name(subject: ComparedRun) -> str:
    return RUN if subject.kind == RUN else f"study of {subject.kind}"


def _list_seeds(seeds: list[int]) -> str:
    return ", ".join(map(str, seeds))


def compare(paths: Sequence[Path | str], own: Sequence[type[Part]] = ()) -> dict[str, Any]:
    """Compare the first run or study with each further one, from what they answered on their test parts.

    Two runs on the same test part are paired over its examples; two studies under the same seeds over seeds and
    examples; two studies in the same folds over folds. No test part is read again.

    paths: two or more finished runs, or studies of seeds or folds. own: classes of the user's own parts in the recipes.
    Returns `subjects`, what each came to, and `comparisons`, each with `paired`, `why_not`, `over`, and `differences`
    by metric: second less first, its interval, how it was found, a p-value, and `p_holm`, which allows for the number
    of comparisons. The first of them is the metric that decides in the first recipe; the interval is None where none is
    known that holds.
    Raises BadInput where there are fewer than two, or where one is not finished.
    """
    if len(paths) < 2:
        raise BadInput(f"a comparison needs two runs or studies, but got {len(paths)}; name another")
    first, *others = [open_compared(Path(path), own) for path in paths]
    comparisons = [_compare_two(first, other) for other in others]
    _adjust([one["differences"] for one in comparisons])
    return {"subjects": [one.to_dict() for one in (first, *others)], "comparisons": comparisons}


def _compare_two(first: ComparedRun, second: ComparedRun) -> dict[str, Any]:
    reason = why_not_paired(first, second)
    return {
        "first": str(first.path),
        "second": str(second.path),
        "paired": reason is None,
        "why_not": reason,
        "over": None if reason else first.paired_over,
        "differences": [] if reason else [one.to_dict() for one in differences(first, second)],
    }


def _adjust(found: list[list[dict[str, Any]]]) -> None:
    """Add p-values that allow for the number of comparisons, metric by metric."""
    tested = [one for differences in found for one in differences if one["p"] is not None]
    for metric in dict.fromkeys(one["metric"] for one in tested):
        alike = [one for one in tested if one["metric"] == metric]
        for one, p in zip(alike, holm([one["p"] for one in alike]), strict=True):
            one["p_holm"] = p


HITS = ("accuracy", "top-5")
"""Metrics whose part of an example is 1 or 0."""


GAPS = "ece"
"""The metric that is no mean over examples: its part of an example is a row of gaps, one in each bin."""


def scores(run: Run) -> dict[str, np.ndarray]:
    """Each metric's part of every test example (M,), of the ECE (M, 15), the deciding one first.

    What nothing defines on the part is left out. Raises BadInput where the run keeps no answers.
    """
    found = run.test_predictions
    truth = found.truth.numpy()
    if run.classes:
        answers = compute_probabilities(found.answers, run.recipe.loss, run.temperature).numpy()
        parts = {"accuracy": (found.answers.argmax(1) == found.truth).double().numpy()}
        parts |= _parts(CLASSIFICATION, answers, truth)
        if np.isfinite(answers).all():
            parts[GAPS] = bin_gaps(answers, truth)
    else:
        parts = _parts(REGRESSION, found.answers.double().numpy(), truth.astype(np.float64))
    monitor = run.recipe.training.monitor
    return {monitor: parts[monitor], **parts} if monitor in parts else parts


def _parts(measures: Mapping[str, Measure], answers: np.ndarray, truth: np.ndarray) -> dict[str, np.ndarray]:
    defined = [name for name, one in compute_metrics(measures, answers, truth).items() if one.value is not None]
    ways = {name: METRICS[name].parts for name in defined}
    found = {name: way(answers, truth) for name, way in ways.items() if way}
    return {name: one for name, one in found.items() if one is not None}


__all__ = ["compare"]
