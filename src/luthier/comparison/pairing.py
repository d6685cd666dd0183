"""Whether two runs or studies can be paired, and if not, why."""

from luthier.comparison.subject import RUN, ComparedRun
from luthier.core.errors import BadInput
from luthier.run import Run
from luthier.run.predictions import same_part
from luthier.study import Folds


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
        reason = _of_runs(*pair)
        if reason:
            return reason
    return None


def _of_runs(one: Run, other: Run) -> str | None:
    if one.classes != other.classes or one.outputs != other.outputs:
        return "they answer with other classes or values; compare runs of one task"
    if _data(one) != _data(other):
        return "their data differ, and so what they were tested on; train both on the same data"
    try:
        same = same_part(one.test_predictions, other.test_predictions)
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
