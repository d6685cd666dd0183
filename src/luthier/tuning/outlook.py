"""How many epochs a study still has to train, and how long that will take."""

from collections import Counter
from collections.abc import Mapping

from luthier.tuning.plan import Plan
from luthier.tuning.rungs import ETA

SEARCH, RACE, FRESH, FINAL = "search", "race", "fresh", "final run"
STAGES = (SEARCH, RACE, FRESH, FINAL)

Epochs = dict[str, float]
"""By stage. An epoch of the last stage counts as many times as there are workers, where all but one of them wait."""


def expected_epochs(plan: Plan, workers: int) -> Epochs:
    """The epochs that each stage is likely to take; of a search that time alone ends, none.

    Where trials are stopped early, one in three is taken to go on from each comparison. The fresh comparison is taken
    to be needed.
    """
    return {
        SEARCH: 0 if plan.trials is None else _of_search(plan, plan.trials),
        RACE: plan.racing * plan.race_seeds * plan.epochs,
        FRESH: 2 * plan.fresh_seeds * plan.epochs,
        FINAL: (workers if plan.fresh_seeds else 1) * plan.epochs,  # without, it is trained beside the search
    }


def _of_search(plan: Plan, trials: int) -> int:
    ladders = Counter(plan.rungs(number) for number in range(trials))
    return sum(_of_ladder(ladder, count) for ladder, count in ladders.items())


def _of_ladder(ladder: tuple[int, ...], count: int) -> int:
    """Epochs of trials that begin at the same rung."""
    steps = zip(ladder, (0, *ladder), strict=False)
    return sum(count // ETA**number * (rung - before) for number, (rung, before) in enumerate(steps))


def epochs_left(stage: str, planned: Mapping[str, float], done: float, running: float) -> float:
    """Epochs that are left, from the one that is being trained on.

    done: of this stage. running: what the trainings under way have yet to do, which is left at least.

    >>> epochs_left(RACE, {SEARCH: 90, RACE: 45, FRESH: 36, FINAL: 6}, done=20, running=4)
    67
    """
    later = STAGES[STAGES.index(stage) + 1 :]
    return max(planned[stage] - done, running) + sum(planned[one] for one in later)
