"""How much of the differences between trials each setting explains."""

from typing import Any

from luthier.report.tuning.tuning import Tuning

FEW = 50
"""Of fewer trials the shares are rough: the intervals of a forest's importances stay wide."""


def importance(tuning: Tuning) -> dict[str, Any] | None:
    """Shares with their intervals, the largest first; None where too few trials tell."""
    found = tuning.ledger.get("importance")
    if not found:
        return None
    rows = sorted(found, key=lambda one: -float(one["share"]))
    return {"rows": rows, "few": len(tuning.trials) if len(tuning.trials) < FEW else None}
