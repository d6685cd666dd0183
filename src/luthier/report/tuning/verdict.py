"""What came of a tuning study, in one sentence."""

import shlex

from luthier.report.figures import first
from luthier.report.tuning.tuning import Tuning

SHIPPED = {"best": "the recipe that was found", "default": "the default recipe"}


def verdict(tuning: Tuning) -> str:
    """The difference on fresh seeds, what is shipped, and the search score as what it is."""
    ledger = tuning.ledger
    if not tuning.finished:
        done, asked = len(tuning.trials), ledger.get("trials")
        told = f"{done} of {asked} trials" if asked else f"{done} trials"
        go_on = f"luthier tune --resume {shlex.quote(str(tuning.root))}"
        return f"The study is not finished: its ledger holds {told}; go on with: {go_on}"
    found = ledger.get("best")
    shipped = f"{_fresh(tuning)}; shipped is {SHIPPED[ledger['shipped']]}"
    if not found:
        return f"{shipped}: no trial came to a score."
    score = tuning.words(found["search_score"])
    return f"{shipped} (trial {found['trial']} scored {score} in the search, which is optimistic)."


def _fresh(tuning: Tuning) -> str:
    fresh = tuning.ledger.get("fresh")
    if not fresh:
        return "No recipe stood against the default on fresh seeds"
    low, high = map(tuning.gap, fresh["interval"] or (None, None))
    unit = f" {tuning.unit}" if tuning.unit else ""
    return (
        f"On fresh seeds the recipe that was found differs from the default by {tuning.gap(fresh['difference'])}{unit} "
        f"of validation {tuning.metric} (95% interval {low} to {high}, n = {fresh['n']} pairs): "
        f"{fresh['verdict'].rstrip('.')}"
    )


def tested(tuning: Tuning) -> str:
    """What the shipped recipe came to on the test part; empty where it was not trained yet."""
    test = tuning.ledger.get("test")
    if not test:
        return ""
    name, words = first(test, tuning.metric)
    return f"The shipped recipe was then trained once: test {name} {words}, n = {test['n']:,}."
