"""What a tuning study was allowed, and where it went."""

from typing import Any

from luthier.report.facts import Pairs
from luthier.report.figures import duration
from luthier.report.tuning.tuning import Tuning, value_text

PHASES = {
    "search": "search",
    "race": "race of the best",
    "fresh": "fresh pairs",
    "final": "final run",
}
STATES = ("finished", "stopped", "diverged", "failed")
PLAN = ("sampler", "pruner", "workers", "threads", "ahead", "seed")


def plan(tuning: Tuning) -> Pairs:
    """How the study was asked for, and how the search went."""
    ledger = tuning.ledger
    limits = [
        *([f"{ledger['trials']} trials"] if ledger.get("trials") else []),
        *([f"{value_text(ledger['minutes'])} minutes"] if ledger.get("minutes") else []),
    ]
    asked = [("asked for", ", ".join(limits) or "as long as it takes")]
    return [*asked, *((key, value_text(ledger[key])) for key in PLAN if ledger.get(key) is not None), *_search(ledger)]


def _search(ledger: Any) -> Pairs:
    found = ledger.get("search")
    if not found:
        return []
    return [
        ("time of the search", duration(found["seconds"])),
        ("trained on", f"{found['examples']:,} examples, {found['examples_per_second']:,.0f} examples/s"),
    ]


def states(tuning: Tuning) -> list[dict[str, Any]]:
    """How many trials ended in each way, and their share; none before the first trial."""
    ways = [one["state"] for one in tuning.trials]
    others = [one for one in dict.fromkeys(ways) if one not in STATES]
    return [_part(name, ways.count(name), len(ways)) for name in (*STATES, *others)] if ways else []


def phases(tuning: Tuning) -> list[dict[str, Any]]:
    """Epochs planned for each part of the study, and their share."""
    epochs = {says: (tuning.ledger.get("budget") or {}).get(f"{name}_epochs") or 0 for name, says in PHASES.items()}
    total = sum(epochs.values())
    return [_part(name, count, total) for name, count in epochs.items()] if total else []


def spent(tuning: Tuning) -> int:
    """Epochs that all trials together were trained for."""
    return sum(one["epochs"] for one in tuning.trials)


def _part(name: str, count: int, total: int) -> dict[str, Any]:
    return {"name": name, "n": count, "share": count / total}
