"""The battery for schedules."""

import math

from luthier.optim import Schedule
from luthier.testing.compare import require
from luthier.testing.part import check_part

TOTALS = (1, 2, 7, 97)


SCORES: tuple[tuple[float, ...], ...] = ((), (-1.5,), (0.25, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5))


def check_schedule(schedule: Schedule) -> None:
    """Check that a schedule is a pure function with finite factors of at least 0, with a warm-up and without one.

    Raises AssertionError with what is wrong.

    >>> from luthier.optim.schedules import Cosine
    >>> check_schedule(Cosine(final=0.1))
    """
    check_part(schedule)
    for total in TOTALS:
        for scores in SCORES:
            _check_factors(schedule, total, scores)
            _check_warmup(schedule, total, scores)


def _check_factors(schedule: Schedule, total: int, scores: tuple[float, ...]) -> None:
    forwards = [schedule.factor(step, total, scores) for step in range(total)]
    backwards = [schedule.factor(step, total, scores) for step in reversed(range(total))]
    place = f"{schedule.name} in {total} steps with scores {list(scores)}"
    bad = [f for f in forwards if not isinstance(f, float) or not math.isfinite(f) or f < 0]
    require(not bad, f"{place} must give finite factors of at least 0, but gave {bad[:1]}")
    require(
        forwards == backwards[::-1],
        f"{place} must depend on its arguments alone, but answered differently when asked in another order",
    )


def _check_warmup(schedule: Schedule, total: int, scores: tuple[float, ...]) -> None:
    """Check that a warm-up over half of the training is a line below the curve, and leaves the other half alone."""
    plain, warmed = (schedule.model_copy(update={"warmup": share}) for share in (0.0, 0.5))
    for step in range(total):
        found, curve = (one.factor(step, total, scores) for one in (warmed, plain))
        expected = curve * min(1.0, (step + 1) / (0.5 * total))
        require(
            math.isclose(found, expected, rel_tol=1e-12),
            f"{schedule.name} must rise with warmup 0.5 to {expected:g} at step {step} of {total}, but gave {found:g}; "
            "give `curve`, and leave `factor` to the base",
        )
