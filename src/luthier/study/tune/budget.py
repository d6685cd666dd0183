"""What a study costs: told before it starts, and kept to."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from luthier.core.errors import BadInput
from luthier.study.tune.space import Dimension
from luthier.study.tune.stages import ETA, Plan, list_rungs
from luthier.study.tune.trial import Outcome


def epochs_by_stage(plan: Plan) -> dict[str, int | None]:
    """Return the epochs that each stage takes at most; None of a search that time alone ends."""
    return {
        "search_epochs": None if plan.trials is None else plan.trials * plan.epochs,
        "race_epochs": plan.contenders * plan.race_seeds * plan.epochs,
        "fresh_epochs": 2 * plan.fresh_seeds * plan.epochs,
        "final_epochs": plan.epochs,
    }


def describe_plan(plan: Plan, workers: int) -> list[str]:
    """Describe the space and the budget, in lines."""
    trials = "as many trials as time allows" if plan.trials is None else f"{plan.trials} trials"
    compared = "" if plan.pruner == "none" else f", compared after {', '.join(map(str, list_rungs(plan.epochs)))}"
    finder = [] if plan.finder is None else [describe_finder(plan.finder, plan.proposals)]
    lines = [*finder, f"search: {trials} of up to {plan.epochs} epochs{compared} ({plan.pruner}), {workers} at once"]
    lines += [f"  {dimension.path}: {_describe_range(dimension)}" for dimension in plan.space.dimensions]
    if plan.race_seeds:
        runs = f"{plan.contenders * plan.race_seeds} runs of {plan.epochs} epochs"
        lines.append(f"race: the best {plan.contenders} under {plan.race_seeds} further seeds, {runs}")
    if plan.fresh_seeds:
        runs = f"{2 * plan.fresh_seeds} runs"
        lines.append(f"fresh: the winner and the default under {plan.fresh_seeds} others, {runs}")
    else:
        lines.append("no fresh comparison: the default will be kept")
    when = "then" if plan.fresh_seeds else "beside the search"
    lines.append(f"{when} one run of what is kept, which reads the test part once")
    return lines if plan.minutes is None else [*lines, f"all of it within {plan.minutes:g} minutes"]


def describe_finder(suggestion: float, proposals: Sequence[Mapping[str, Any]]) -> str:
    """Say what the finder suggested, and what is tried of it.

    >>> describe_finder(0.0123, [{"optimizer.learning_rate": 0.0041}, {"optimizer.learning_rate": 0.037}])
    'finder: suggests optimizer.learning_rate 0.0123; beside the default 0.0041, 0.037 are tried'
    """
    rates = ", ".join(f"{value:g}" for proposal in proposals for value in proposal.values())
    return f"finder: suggests optimizer.learning_rate {suggestion:.3g}; beside the default {rates} are tried"


def _describe_range(one: Dimension) -> str:
    if one.choices:
        return ", ".join(map(str, one.choices))
    return f"{one.low:g} to {one.high:g}{' by orders of magnitude' if one.log else ''}"


def confirmation_seconds(plan: Plan, whole: float, workers: int) -> float:
    """Return the seconds that the runs after the search take. whole: those of a whole training.

    Without a fresh comparison the last run is none of them: it is trained beside the search.
    """
    race, fresh = plan.contenders * plan.race_seeds, 2 * plan.fresh_seeds
    return whole * (math.ceil(race / workers) + math.ceil(fresh / workers) + bool(fresh))


def deadline(plan: Plan, workers: int, began: float) -> Callable[[Outcome], float] | None:
    """Make the rule when the search must end so that the rest fits, from what the default took; None without minutes.

    began: on the monotonic clock, when the budget began to be used up.
    The function raises BadInput where there is no time for the rest.
    """
    if plan.minutes is None:
        return None
    all_seconds = 60 * plan.minutes

    def end(default: Outcome) -> float:
        rest = confirmation_seconds(plan, default.seconds, workers)
        least = 2 * default.seconds + rest  # a trial that begins at the last moment takes as long as the default
        if least > all_seconds:
            raise BadInput(
                f"the budget must hold a training and the runs after the search, but got {plan.minutes:g} minutes: "
                f"a training takes {default.seconds:.0f} s, and those runs {rest:.0f} s; give --minutes "
                f"{math.ceil(least / 60)} or more, or fewer --fresh-seeds or --epochs"
            )
        return began + all_seconds - rest - default.seconds

    return end


SEARCH, RACE, FRESH, FINAL = "search", "race", "fresh", "final run"
STAGES = (SEARCH, RACE, FRESH, FINAL)
Epochs = dict[str, float]
"""By stage. An epoch of the last stage counts as many times as there are workers, where all but one of them wait."""


def expected_epochs(plan: Plan, workers: int) -> Epochs:
    """Return the epochs that each stage is likely to take; of a search that time alone ends, none.

    Where trials are stopped early, one in three is taken to go on from each comparison. The fresh comparison is taken
    to be needed.
    """
    return {
        SEARCH: 0 if plan.trials is None else _search_epochs(plan, plan.trials),
        RACE: plan.contenders * plan.race_seeds * plan.epochs,
        FRESH: 2 * plan.fresh_seeds * plan.epochs,
        FINAL: (workers if plan.fresh_seeds else 1) * plan.epochs,  # without, it is trained beside the search
    }


def _search_epochs(plan: Plan, trials: int) -> int:
    ladders = Counter(plan.rungs(number) for number in range(trials))
    return sum(_ladder_epochs(ladder, count) for ladder, count in ladders.items())


def _ladder_epochs(ladder: tuple[int, ...], count: int) -> int:
    """Return the epochs of trials that begin at the same rung."""
    steps = zip(ladder, (0, *ladder), strict=False)
    return sum(count // ETA**number * (rung - before) for number, (rung, before) in enumerate(steps))


def epochs_left(stage: str, planned: Mapping[str, float], done: float, running: float) -> float:
    """Return the epochs that are left, from the one that is being trained on.

    done: of this stage. running: what the trainings under way have yet to do, which is left at least.

    >>> epochs_left(RACE, {SEARCH: 90, RACE: 45, FRESH: 36, FINAL: 6}, done=20, running=4)
    67
    """
    later = STAGES[STAGES.index(stage) + 1 :]
    return max(planned[stage] - done, running) + sum(planned[one] for one in later)
