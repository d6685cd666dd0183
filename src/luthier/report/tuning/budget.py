"""What a tuning study was allowed, and where it went."""

from collections.abc import Mapping
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
PLAN = {
    "epochs": "epochs of a whole training",
    "sampler": "sampler",
    "pruner": "pruner",
    "top": "trials in the race",
    "race_seeds": "seeds of the race",
    "fresh_seeds": "fresh seeds",
    "threads": "threads of a worker",
    "ahead": "jobs ahead of what is known",
    "seed": "seed",
}


def plan(tuning: Tuning) -> Pairs:
    """How the study was asked for, and how the search went."""
    ledger = tuning.ledger
    limits = [
        *([f"{ledger['trials']} trials"] if ledger.get("trials") else []),
        *([f"{value_text(ledger['minutes'])} minutes"] if ledger.get("minutes") else []),
    ]
    told = [(says, value_text(ledger[key])) for key, says in PLAN.items() if ledger.get(key) is not None]
    return [("asked for", ", ".join(limits) or "as long as it takes"), *told, *_search(ledger)]


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
    """Epochs that each part of the study may take, and their share; of a search that time ended, what it took."""
    budget = {"search_epochs": spent(tuning), **_known(tuning.ledger.get("budget") or {})}
    epochs = {says: budget.get(f"{name}_epochs", 0) for name, says in PHASES.items()}
    total = sum(epochs.values())
    return [_part(name, count, total) for name, count in epochs.items()] if total else []


def _known(budget: Mapping[str, int | None]) -> dict[str, int]:
    return {name: count for name, count in budget.items() if count is not None}


def spent(tuning: Tuning) -> int:
    """Epochs that all trials together were trained for."""
    return sum(one["epochs"] for one in tuning.trials)


def _part(name: str, count: int, total: int) -> dict[str, Any]:
    return {"name": name, "n": count, "share": count / total}
